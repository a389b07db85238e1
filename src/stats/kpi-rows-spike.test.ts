import { describe, expect, test } from 'vitest';
import { api, measureIn, phasesOf, player, rowIn, session, times } from '../../test/support/measured.js';
import type { ViewerEvent } from '../events.js';

const PHASES = phasesOf(
  ['arrive', 'ramp', 10],
  ['baseline', 'hold', 60],
  ['spike', 'spike', 30],
  ['hold', 'hold', 60],
  ['drop', 'drain', 20],
  ['recovery', 'recovery', 60],
);
const BASELINE_MS = 20_000;
const SPIKE_MS = 80_000;
const RECOVERY_MS = 200_000;

const judged = (id: Parameters<typeof rowIn>[0], events: readonly ViewerEvent[]) =>
  rowIn(id, measureIn(PHASES, events), { phases: PHASES });
const unnamed = (id: Parameters<typeof rowIn>[0]) =>
  rowIn(id, measureIn(PHASES, []), { phases: PHASES, rows: [] }).status;

const calls = (count: number, atMs: number, ms = 20): ViewerEvent[] =>
  times(count, () => ({ ...api(false, ms), atMs }) as ViewerEvent);
const faultAt = (atMs: number, status = 502): ViewerEvent =>
  ({ ...api(false), outcome: 'server_fault', status, atMs }) as ViewerEvent;
const frames = (ms: number, startedAtMs: number, count = 20): ViewerEvent[] =>
  times(count, (i) =>
    player(i % 3 === 0 ? 'flv' : 'hls', { kind: 'first_frame', sinceStartMs: ms }, startedAtMs + ms),
  );
const attempts = (count: number, atMs: number): ViewerEvent[] =>
  times(count, () => player('hls', { kind: 'play_attempt' }, atMs));

describe('spike_5xx', () => {
  test('passes without any, and those before the spike are not its', () => {
    expect(judged('spike_5xx', [...calls(20, SPIKE_MS), faultAt(BASELINE_MS)])).toMatchObject({
      status: 'pass',
      value: 0,
      samples: 20,
    });
  });

  test.each<[string, ViewerEvent]>([
    ['api', faultAt(SPIKE_MS)],
    ['api', { ...faultAt(SPIKE_MS, 503), outcome: 'proxy_limit' } as ViewerEvent],
    [
      'segment',
      player(
        'hls',
        { kind: 'media_request', what: 'segment', outcome: 'http_status', status: 504, durationMs: 9 },
        SPIKE_MS,
      ),
    ],
    ['flv', player('flv', { kind: 'flv_ended', how: 'http_status', status: 502 }, SPIKE_MS)],
  ])('fails by a single one of %s', (what, event) => {
    expect(judged('spike_5xx', [...calls(20, SPIKE_MS), event])).toMatchObject({
      status: 'fail',
      value: 1,
      beside: { [what]: 1 },
    });
  });

  test('a 404 is none', () => {
    const lost = player(
      'hls',
      { kind: 'media_request', what: 'segment', outcome: 'not_found', status: 404, durationMs: 9 },
      SPIKE_MS,
    );
    expect(judged('spike_5xx', [...calls(20, SPIKE_MS), lost]).status).toBe('pass');
  });

  test('has no data when nobody asked for anything in the spike', () => {
    expect(judged('spike_5xx', calls(500, BASELINE_MS)).status).toBe('no_data');
    expect(judged('spike_5xx', calls(19, SPIKE_MS)).status).toBe('no_data');
    expect(unnamed('spike_5xx')).toBe('not_judged');
  });
});

describe('spike_first_frame_p95', () => {
  test.each([
    [4999.999, 'pass'],
    [5000, 'fail'],
  ])('of %d ms: %s', (ms, status) => {
    expect(judged('spike_first_frame_p95', frames(ms, SPIKE_MS)).status).toBe(status);
  });

  test('counts who began in the spike, also when the picture came after it', () => {
    const late = frames(9000, 99_000, 5);
    expect(judged('spike_first_frame_p95', [...frames(300, SPIKE_MS), ...late])).toMatchObject({
      status: 'fail',
      samples: 25,
      beside: { maxMs: 9000 },
    });
    expect(judged('spike_first_frame_p95', frames(9000, 69_000)).samples).toBe(0);
  });

  test('has no data without joins in the spike', () => {
    expect(judged('spike_first_frame_p95', frames(300, SPIKE_MS, 19)).status).toBe('no_data');
    expect(unnamed('spike_first_frame_p95')).toBe('not_judged');
  });
});

describe('spike_start_success', () => {
  const failed = (count: number): ViewerEvent[] =>
    times(count, () => ({
      ...player('hls', { kind: 'start_failed', reason: 'http_status' }, 110_000),
      phaseAtMs: SPIKE_MS,
    }));

  test.each([
    [9, 'pass'],
    [10, 'fail'],
  ])('with %d of 1000 that never saw a picture: %s', (bad, status) => {
    const events = [...attempts(1000, SPIKE_MS), ...frames(300, SPIKE_MS, 1000 - bad), ...failed(bad)];
    expect(judged('spike_start_success', events)).toMatchObject({ status, samples: 1000 });
  });

  test('has no data without attempts in the spike', () => {
    expect(judged('spike_start_success', attempts(100, BASELINE_MS)).status).toBe('no_data');
    expect(unnamed('spike_start_success')).toBe('not_judged');
  });
});

describe('back to before the spike', () => {
  test.each([
    // 20 % of at least 100 ms.
    [30, 49.9, 'pass'],
    [30, 51, 'fail'],
    [200, 239, 'pass'],
    [200, 241, 'fail'],
    [200, 20, 'pass'],
  ])('reads of %d ms before and %d ms after: %s', (before, after, status) => {
    const events = [
      ...calls(20, BASELINE_MS, before),
      // The crowd itself is no part of either side.
      ...calls(500, 130_000, 2000),
      ...calls(20, RECOVERY_MS, after),
    ];
    expect(judged('spike_api_return', events)).toMatchObject({ status, samples: 20 });
  });

  test('joins count from those who came first', () => {
    const joins = (count: number, ms: number, startedAtMs: number): ViewerEvent[] =>
      times(count, () => session({ kind: 'vu_joined', sinceStartMs: ms }, startedAtMs + ms));
    const events = (after: number): ViewerEvent[] => [
      ...joins(20, 300, 1000),
      ...joins(20, after, RECOVERY_MS),
    ];
    expect(judged('spike_join_return', events(359)).status).toBe('pass');
    expect(judged('spike_join_return', events(361)).status).toBe('fail');
    expect(judged('spike_join_return', joins(20, 300, RECOVERY_MS)).reason).toBe(
      '0 samples before the spike, 20 needed',
    );
    expect(judged('spike_join_return', joins(20, 300, 1000)).status).toBe('no_data');
    expect(unnamed('spike_join_return')).toBe('not_judged');
  });

  test('without a baseline or without a recovery there is no data', () => {
    expect(judged('spike_api_return', calls(50, RECOVERY_MS)).status).toBe('no_data');
    expect(judged('spike_api_return', calls(50, BASELINE_MS)).status).toBe('no_data');
    expect(unnamed('spike_api_return')).toBe('not_judged');
  });
});
