import { describe, expect, test } from 'vitest';
import {
  api,
  contextOf,
  measureIn,
  phasesOf,
  player,
  session,
  times,
  WATCHED,
} from '../../test/support/measured.js';
import type { ViewerEvent } from '../events.js';
import { judge, type Verdict } from './gate.js';

const PHASES = phasesOf(['before', 'hold', 100], ['gone', 'fault', 20], ['after', 'hold', 100]);
const GONE_MS = 110_000;
const CALM_MS = 150_000;

/** 100 viewers watch all the time; our own loop holds up so much of it, seconds of viewer-time. */
function verdictOf(calmS: number, faultS: number, more: readonly ViewerEvent[] = []): Verdict {
  const watching = times(22, (tenth) =>
    player('hls', { ...WATCHED, playedMs: 1_000_000 }, tenth * 10_000 + 5000),
  );
  const joined = times(100, (index) => session({ kind: 'vu_joined', sinceStartMs: 500 }, 1000 + index));
  const started = times(100, (index) => session({ kind: 'vu_started' }, index));
  const lagAt = new Map([
    [CALM_MS - 1, calmS],
    [GONE_MS - 1, faultS],
  ]);
  const totals = measureIn(PHASES, [...started, ...joined, ...watching, ...more], (recorder, atMs) => {
    recorder.gauge('vus_active_count', 100);
    recorder.gauge('vus_watching_count', 100);
    recorder.count('lagged_viewer_ms', (lagAt.get(atMs) ?? 0) * 1000, atMs);
  });
  return judge(totals, contextOf({ phases: PHASES, rows: ['viewers_joined', 'api_read_p95'] }));
}

const codes = (verdict: Verdict): string[] => verdict.invalidReasons.map(({ code }) => code);

// 2000 viewer-seconds with the fault, 20,000 without; 1 % of all is 220.
describe('our own lag where things were planned to break', () => {
  test('is no reason against a run that passes all the same, and is told', () => {
    const verdict = verdictOf(130, 99);
    expect(codes(verdict)).toEqual([]);
    expect(verdict.notes.join()).toContain('held up 5.0 % of the viewer-time in the planned faults');
  });

  test('is one when the generator could not bring the load that comes back', () => {
    expect(codes(verdictOf(130, 101))).toEqual(['lagged_time']);
  });

  test('excuses none of the lag elsewhere', () => {
    expect(codes(verdictOf(205, 30))).toEqual(['lagged_time']);
  });

  test('is one when a row fails: it may have been the lag', () => {
    const failed = times(30, () => api(false, 900));
    const verdict = verdictOf(130, 99, failed);
    expect(verdict.rows.filter(({ status }) => status === 'fail').map(({ id }) => id)).toEqual([
      'api_read_p95',
    ]);
    expect(codes(verdict)).toEqual(['lagged_time']);
  });

  test('is not spoken of where it would have been allowed anyway', () => {
    const verdict = verdictOf(0, 99);
    expect(codes(verdict)).toEqual([]);
    expect(verdict.notes).toEqual([]);
  });
});
