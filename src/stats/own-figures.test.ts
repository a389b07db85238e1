import { describe, expect, it } from 'vitest';
import { recorderOf } from '../../test/support/measured.js';
import { OwnFigures } from './own-figures.js';
import type { Tick } from './tick.js';

/** One tick of a worker: 40 viewers, CPU of half a core, 20 ms of viewer-time touched, the delay given. */
function ticksOf(worker: number, seconds: number, loopMs: number, reportsProcess: boolean): Tick[] {
  const recorder = recorderOf(worker);
  return Array.from({ length: seconds }, (_, second) => {
    const nowMs = (second + 1) * 1000;
    recorder.gauge('vus_active_count', 40);
    recorder.gauge('vus_watching_count', 38);
    recorder.count('lagged_viewer_ms', 20, nowMs - 1);
    recorder.observe('event_loop_delay_ms', second === 0 ? loopMs : 1, nowMs - 1);
    if (reportsProcess) {
      recorder.count('generator_cpu_ms', 500, nowMs - 1);
      recorder.gauge('rss_bytes', 200e6);
    }
    return recorder.takeTick(nowMs);
  }).flat();
}

describe('OwnFigures', () => {
  it('has the worst second of the worst worker, CPU per second of the process, and all viewers', () => {
    const own = new OwnFigures();
    for (const tick of [...ticksOf(0, 5, 3, true), ...ticksOf(1, 5, 70, false)]) own.add(tick);
    const { values, absent } = own.take();
    expect(values.loop_p99_ms).toBeCloseTo(70, 0);
    expect(values).toMatchObject({ run_cpu_cores: 0.5, run_rss_mb: 200, viewers: 80 });
    // 20 ms of each second that 40 viewers are there.
    expect(values.lagged_pct).toBeCloseTo(0.05, 3);
    expect(absent).toEqual({});
  });

  it('is of the time since the last look: a bad second is told once', () => {
    const own = new OwnFigures();
    const ticks = ticksOf(0, 2, 70, true);
    own.add(ticks[0] as Tick);
    expect(own.take().values.loop_p99_ms).toBeCloseTo(70, 0);
    own.add(ticks[1] as Tick);
    expect(own.take().values.loop_p99_ms).toBeCloseTo(1, 0);
  });

  it('without a tick nothing is known, with the reason, and nothing is zero', () => {
    const own = new OwnFigures();
    const { values, absent } = own.take();
    expect(values).toEqual({});
    expect(Object.keys(absent)).toEqual([
      ...['loop_p99_ms', 'lagged_pct', 'run_cpu_cores', 'run_rss_mb', 'viewers'],
    ]);
    own.add(ticksOf(1, 1, 5, false)[0] as Tick);
    expect(own.take().absent).toEqual({
      run_cpu_cores: 'no worker tells it',
      run_rss_mb: 'no worker tells it',
    });
  });

  it('the second piece of a tick that did not fit into one sends no viewer away', () => {
    const own = new OwnFigures();
    const [tick] = ticksOf(0, 1, 5, true) as [Tick];
    own.add(tick);
    own.add({ ...tick, seq: 1, fromMs: tick.toMs, gauges: {}, counters: {}, last: true });
    expect(own.take().values).toMatchObject({ viewers: 40, run_cpu_cores: 0.5 });
  });
});
