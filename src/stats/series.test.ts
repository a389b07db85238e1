import { describe, expect, it } from 'vitest';
import { player, recorderOf, reported } from '../../test/support/measured.js';
import { Series } from './series.js';
import type { Tick } from './tick.js';
import { createView } from './view.js';

/** A worker's ticks, one a second for `seconds`, with one FLV latency each: the second's number in ms. */
function ticksOf(seconds: number, worker = 0): Tick[] {
  const recorder = recorderOf(worker);
  return Array.from({ length: seconds }, (_, second) => {
    const atMs = second * 1000 + 500;
    recorder.on(reported(player('flv', { kind: 'latency', latencyMs: second, source: 'stamp' }, atMs)));
    recorder.on(reported(player('flv', { kind: 'no_video' }, atMs)));
    return recorder.takeTick((second + 1) * 1000);
  }).flat();
}

function series() {
  return new Series({
    everyMs: 10_000,
    metrics: ['latency_ms'],
    point: (totals, fromMs) => {
      const view = createView(totals);
      const spread = view.spread('latency_ms');
      return { fromMs, count: spread.count, maxMs: spread.maxMs, other: view.count('no_video_count') };
    },
  });
}

function pointsOf(ticks: readonly Tick[]) {
  const made = series();
  for (const tick of ticks) made.add(tick);
  return made.finish();
}

describe('Series', () => {
  it('gives one point per interval, of the wanted metrics only', () => {
    expect(pointsOf(ticksOf(25))).toEqual([
      { fromMs: 0, count: 10, maxMs: 9, other: 0 },
      { fromMs: 10_000, count: 10, maxMs: 19, other: 0 },
      { fromMs: 20_000, count: 5, maxMs: 24, other: 0 },
    ]);
  });

  it('adds the workers, in the order in which their ticks came', () => {
    const both = ticksOf(60).flatMap((tick, i) => [tick, ...ticksOf(60, 1).slice(i, i + 1)]);
    expect(pointsOf(both).map(({ count }) => count)).toEqual([20, 20, 20, 20, 20, 20]);
  });

  it('loses nothing of a worker that comes late, and counts a tick that came twice once', () => {
    const late = [...ticksOf(120), ...ticksOf(5, 1)];
    expect(pointsOf(late).reduce((sum, { count }) => sum + count, 0)).toBe(125);
    expect(pointsOf([...ticksOf(5), ...ticksOf(5)])[0]?.count).toBe(5);
  });

  it('settles an interval as soon as nothing more is to come, so that its memory does not grow', () => {
    let open = 0;
    const made = new Series({ everyMs: 10_000, metrics: [], point: () => open++ });
    const ticks = ticksOf(1000);
    for (const tick of ticks.slice(0, 200)) made.add(tick);
    expect(open).toBe(18);
    for (const tick of ticks.slice(200)) made.add(tick);
    expect(open).toBe(98);
    expect(made.finish()).toHaveLength(100);
  });

  it('has no point where no worker ran', () => {
    const ticks = ticksOf(40);
    const made = pointsOf([...ticks.slice(0, 5), ...ticks.slice(35)]);
    expect(made.map(({ fromMs }) => fromMs)).toEqual([0, 30_000]);
  });
});
