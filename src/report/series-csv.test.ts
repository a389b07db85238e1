import { describe, expect, it } from 'vitest';
import {
  api,
  contextOf,
  healthyRun,
  PHASES,
  player,
  recorderOf,
  reported,
  times,
} from '../../test/support/measured.js';
import type { ViewerEvent } from '../events.js';
import { RunSeries } from '../stats/run-series.js';
import { overTime } from './over-time.js';
import { REPORT_METRICS } from './run-curves.js';
import { seriesCsv } from './series-csv.js';

/** A run of a minute, a tick a second, as the reports see it. */
function overOf(events: readonly ViewerEvent[]) {
  const recorder = recorderOf();
  const waiting = [...events].sort((a, b) => a.atMs - b.atMs);
  const series = new RunSeries(60_000, REPORT_METRICS);
  for (let toMs = 1000; toMs <= 60_000; toMs += 1000) {
    while (waiting[0] !== undefined && waiting[0].atMs < toMs)
      recorder.on(reported(waiting.shift() as ViewerEvent));
    recorder.gauge('vus_active_count', 50);
    recorder.gauge('vus_watching_count', 40);
    for (const tick of recorder.takeTick(toMs, toMs === 60_000)) series.add(tick);
  }
  const line = [
    { atMs: 0, level: 0 },
    { atMs: 10_000, level: 50 },
    { atMs: 60_000, level: 50 },
  ];
  const { planned } = contextOf();
  return overTime({ ticks: series.finish(), phases: PHASES, line, planned, rows: ['first_frame_p95_flv'] });
}

function table(csv: string): Record<string, string>[] {
  const [head = [], ...rows] = csv
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i] ?? ''])));
}

describe('seriesCsv', () => {
  const over = overOf(healthyRun());
  const rows = table(seriesCsv(over));

  it('has a line per stretch with its phase, and a column per curve', () => {
    expect(rows).toHaveLength(30);
    expect(rows[0]).toMatchObject({ from_ms: '0', to_ms: '2000', phase: 'ramp', viewers_active: '50' });
    expect(rows.at(-1)).toMatchObject({ from_ms: '58000', to_ms: '60000', phase: 'drain' });
  });

  it('has what was measured where it was measured, and nothing where nothing was', () => {
    const inRamp = rows.find(({ first_frame_flv_p95_ms: value }) => value !== '');
    expect(inRamp).toMatchObject({
      from_ms: '0',
      first_frame_flv_p95_ms: '300',
      first_frame_hls_p50_ms: '300',
    });
    expect(rows.filter(({ first_frame_flv_p95_ms: value }) => value !== '')).toHaveLength(1);
    expect(rows[10]).toMatchObject({
      latency_flv_p95_ms: '1500',
      rebuffering_flv_pct: '0',
      errors_count: '0',
    });
    expect(rows[5]).toMatchObject({ viewers_planned: '50', first_frame_flv_p95_ms: '' });
  });

  it('has the plan beside what came of it', () => {
    expect(rows.slice(0, 6).map(({ viewers_planned: planned }) => Math.round(Number(planned)))).toEqual([
      10, 20, 30, 40, 50, 50,
    ]);
  });

  it('counts errors by kind', () => {
    const failed = { ...api(false), outcome: 'server_fault', status: 500 } as ViewerEvent;
    const cut = player('flv', { kind: 'flv_ended', how: 'cut' } as never, 30_500);
    const csv = table(seriesCsv(overOf([...healthyRun(), ...times(3, () => failed), cut])));
    const at = (fromMs: string) => csv.find(({ from_ms: from }) => from === fromMs);
    expect(at('20000')).toMatchObject({ errors_count: '3', 'errors: API server fault': '3' });
    expect(at('30000')).toMatchObject({ errors_count: '1', 'errors: FLV ended: cut': '1' });
  });

  it('quotes what would end a field, and takes the formula out of a name', () => {
    const stretch = {
      fromMs: 0,
      toMs: 2000,
      phase: '=1+1',
      values: {},
      errors: [],
      own: over.stretches[0]?.own,
    };
    const csv = seriesCsv({ ...over, stretches: [stretch as never], errorKinds: ['a "b", c'] });
    expect(csv).toContain('"errors: a ""b"", c"');
    expect(csv).toContain("0,2000,'=1+1,");
  });
});

describe('overTime', () => {
  it('has each wanted row as it would be of each stretch alone', () => {
    const points = overOf(healthyRun()).rows.get('first_frame_p95_flv') ?? [];
    expect(points).toHaveLength(30);
    expect(points[0]?.value).toBe(300);
    expect(points[5]?.value).toBeUndefined();
  });
});
