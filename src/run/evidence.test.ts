import { describe, expect, test } from 'vitest';
import { api, healthyRun, PHASES, player, recorderOf, reported, times } from '../../test/support/measured.js';
import { recordOf } from '../../test/support/run-record.js';
import type { ViewerEvent } from '../events.js';
import type { KpiId } from '../stats/kpis.js';
import { addTick, createTotals, decodeHistograms } from '../stats/merge.js';
import { Moments } from '../stats/moments.js';
import type { TroubledVus } from '../stats/troubled.js';
import { conclude } from './conclude.js';

const record = recordOf({
  phases: PHASES,
  rows: ['api_success', 'rebuffer_rate_per_second', 'viewers_lost', 'stream_start_success'],
  exempt: {},
  workers: 1,
});

/** A run of a minute, with its worst moments; `named` by the instant of the trouble. */
function concluded(events: readonly ViewerEvent[], named: Readonly<Record<number, TroubledVus>> = {}) {
  const recorder = recorderOf();
  const totals = createTotals();
  const moments = new Moments();
  const waiting = [...events].sort((a, b) => a.atMs - b.atMs);
  for (let toMs = 1000; toMs <= 60_000; toMs += 1000) {
    for (; waiting[0] !== undefined && waiting[0].atMs < toMs; waiting.shift())
      recorder.on(reported(waiting[0]));
    const vus = named[toMs - 1000];
    if (vus !== undefined) moments.name({ fromMs: toMs - 1000, toMs }, vus);
    for (const tick of recorder.takeTick(toMs, toMs === 60_000)) {
      const decoded = decodeHistograms(tick);
      // The same tick twice is one.
      for (const _ of [1, 2]) if (addTick(totals, tick, decoded)) moments.add(tick, decoded);
    }
  }
  const { summary } = conclude(record, totals, { completed: true, workersDied: [], notes: [] }, moments);
  return (id: KpiId) => summary.kpis.find((row) => row.id === id);
}

const faultsAt = (atMs: number, count: number): ViewerEvent[] =>
  times(
    count,
    (i) => ({ ...api(false), outcome: 'server_fault', status: 502, atMs: atMs + i }) as ViewerEvent,
  );

describe('evidence', () => {
  test('names the worst ten seconds of the window, with their value and samples', () => {
    const row = concluded([...healthyRun(), ...faultsAt(41_000, 30)])('api_success');
    expect(row?.evidence?.worst).toEqual({
      fromMs: 40_000,
      toMs: 50_000,
      phase: 'hold',
      value: 0,
      samples: 30,
    });
    expect(row?.evidence?.command).toBe('dorami-load judge DIR --explain api_success');
  });

  test('of those that begin, does not take for worst when some were still on their way', () => {
    const started = (atMs: number, tookMs?: number): ViewerEvent[] => [
      player('hls', { kind: 'play_attempt' }, atMs),
      ...(tookMs === undefined
        ? [player('hls', { kind: 'start_failed', reason: 'not_a_playlist' }, atMs + 500)]
        : [player('hls', { kind: 'first_frame', sinceStartMs: tookMs }, atMs + tookMs)]),
    ];
    const row = concluded([
      // Two of three began at the end of the first ten seconds and had their picture in the next.
      ...[started(2000, 300), started(9900, 800), started(9950, 800)].flat(),
      ...times(10, (i) => started(41_000 + i * 100, i === 3 ? undefined : 300)).flat(),
    ])('stream_start_success');
    expect(row?.evidence?.worst).toEqual({
      ...{ fromMs: 40_000, toMs: 50_000, phase: 'hold', samples: 10 },
      value: expect.closeTo(90),
    });
  });

  test('looks at the window only: what was worse in the ramp is no moment of a row of the hold', () => {
    const stalls = (atMs: number, count: number) =>
      times(count, () => player('hls', { kind: 'rebuffer_started', startedAtMs: atMs }, atMs));
    const played = times(40, (s) =>
      player(
        'hls',
        {
          kind: 'watched',
          joiningMs: 0,
          playedMs: 1000,
          stalledMs: 0,
          microWaitMs: 0,
          seekingMs: 0,
          endedMs: 0,
          frozenMs: 0,
          replayedMs: 0,
          bytes: 1,
          frames: 30,
          missingFrames: 0,
          missingByTime: 0,
          segments: 1,
          tags: 0,
        },
        3000 + s * 1000,
      ),
    );
    const row = concluded([...played, ...stalls(5000, 90), ...stalls(31_000, 2)])('rebuffer_rate_per_second');
    expect(row?.evidence?.worst).toMatchObject({ fromMs: 30_000, phase: 'hold', value: 20 });
  });

  test('names the viewers of the worst ten seconds, in order, no more than twenty, and none of another moment', () => {
    const named = {
      24000: { api_call: [1, 2], rebuffer_started: [9] },
      41000: { api_call: times(12, (i) => 60 - i), rebuffer_started: [3] },
      43000: { api_call: times(30, (i) => 40 - i) },
    };
    const row = concluded([...healthyRun(), ...faultsAt(24_000, 1), ...faultsAt(41_000, 30)], named);
    expect(row('api_success')?.evidence?.vus).toEqual([
      ...times(8, (i) => 33 + i),
      ...times(12, (i) => 49 + i),
    ]);
    expect(row('viewers_lost')?.evidence?.vus).toEqual([]);
  });

  test('says in words when a rate cannot be told from its bound, and the verdict stays what it is', () => {
    const rows = concluded(healthyRun());
    expect(rows('stream_start_success')).toMatchObject({
      status: 'pass',
      evidence: {
        doubt: 'cannot be told from its bound: by chance alone it may be 92.9 to 100 %',
        interval: { high: 100 },
      },
    });
    const failed = concluded([...healthyRun(), ...faultsAt(41_000, 5)])('api_success');
    expect(failed).toMatchObject({ status: 'fail' });
    expect(failed?.evidence?.doubt).toContain('cannot be told from its bound');
    const surely = concluded([...healthyRun(), ...faultsAt(41_000, 100)])('api_success');
    expect(surely?.evidence?.doubt).toBeUndefined();
  });

  test('a row that is not judged has none', () => {
    expect(concluded(healthyRun())('api_read_p95')?.evidence).toBeUndefined();
  });
});
