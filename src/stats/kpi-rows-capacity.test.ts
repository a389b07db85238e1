import { describe, expect, test } from 'vitest';
import { measureIn, phasesOf, player, rowIn, session, times, WATCHED } from '../../test/support/measured.js';
import type { ViewerEvent } from '../events.js';
import type { OwnGaugeName } from './metrics.js';

const planned = { vus: 500, byProtocol: { hls: 350, flv: 150 }, users: 500, writes: true };
const HALF_AN_HOUR = phasesOf(['ramp', 'ramp', 60], ['hold', 'hold', 1800], ['drain', 'drain', 60]);

/** `level` stands at `value(atMs)` all the time. */
function standing(level: OwnGaugeName, value: (atMs: number) => number, phases = HALF_AN_HOUR) {
  return measureIn(phases, [], (recorder, atMs) => recorder.gauge(level, value(atMs)));
}

describe.each([
  ['ccu_sustained', 'vus_watching_count', 500],
  ['connections_held', 'connections_open_count', 500],
  ['sessions_held', 'sessions_open_count', 1500],
] as const)('%s', (id, level, least) => {
  const judged = (value: (atMs: number) => number, changes = {}) =>
    rowIn(id, standing(level, value), { phases: HALF_AN_HOUR, planned, ...changes });

  test('passes when it stood at its bound all the time', () => {
    expect(judged(() => least)).toMatchObject({ status: 'pass', value: least, beside: { heldMin: 30 } });
  });

  test('fails when it dipped once, however short', () => {
    const dipped = judged((atMs) => (atMs > 900_000 && atMs <= 910_000 ? least - 1 : least));
    expect(dipped).toMatchObject({ status: 'fail', value: least - 1 });
  });

  test('those who come last get ten seconds to have a picture', () => {
    expect(judged((atMs) => (atMs < 70_000 ? least - 200 : least)).status).toBe('pass');
    expect(judged((atMs) => (atMs < 80_000 ? least - 200 : least)).status).toBe('fail');
  });

  test('has no data when nobody said anything', () => {
    expect(rowIn(id, measureIn(HALF_AN_HOUR, []), { phases: HALF_AN_HOUR, planned }).status).toBe('no_data');
  });

  test('is not judged with fewer viewers', () => {
    expect(judged(() => least, { planned: { ...planned, vus: 499 } })).toMatchObject({
      status: 'not_judged',
      reason: 'needs 500 viewers, this run has 499',
    });
  });
});

describe('viewers for half an hour', () => {
  test('a hold that is drawn shorter is not judged, and says how long it is', () => {
    const phases = phasesOf(['hold', 'hold', 1500]);
    const totals = standing('vus_watching_count', () => 500, phases);
    expect(rowIn('ccu_sustained', totals, { phases, planned })).toMatchObject({
      status: 'not_judged',
      reason: 'needs 30 min of hold, this run plans 25',
    });
  });

  test('a hold that was cut short has no data', () => {
    const cut = phasesOf(['ramp', 'ramp', 60], ['hold', 'hold', 1200]);
    const totals = standing('vus_watching_count', () => 500, cut);
    expect(rowIn('ccu_sustained', totals, { phases: HALF_AN_HOUR, planned })).toMatchObject({
      status: 'no_data',
      reason: 'the hold was measured for 20.0 of 30 min',
    });
  });

  test('six hours are another row, and scaled time is neither', () => {
    const totals = standing('vus_watching_count', () => 500);
    expect(rowIn('ccu_sustained_soak', totals, { phases: HALF_AN_HOUR, planned }).reason).toBe(
      'needs 330 min of hold, this run plans 30',
    );
    const scaled = { ...planned, timeScale: 0.1 };
    expect(rowIn('ccu_sustained', totals, { phases: HALF_AN_HOUR, planned: scaled }).status).toBe(
      'not_judged',
    );
  });

  test('six hours pass, and one dip in them fails', () => {
    const phases = phasesOf(['hold', 'hold', 6 * 3600]);
    const judged = (value: (atMs: number) => number) =>
      rowIn('ccu_sustained_soak', standing('vus_watching_count', value, phases), { phases, planned });
    expect(judged(() => 500).status).toBe('pass');
    expect(judged((atMs) => (atMs > 9e6 && atMs < 9.02e6 ? 499 : 500))).toMatchObject({
      status: 'fail',
      value: 499,
    });
  });
});

describe('join_failures', () => {
  const phases = phasesOf(['ramp', 'ramp', 60], ['hold', 'hold', 60]);
  const judged = (events: readonly ViewerEvent[]) =>
    rowIn('join_failures', measureIn(phases, events), { phases });
  const attempts = times(50, () => player('hls', { kind: 'play_attempt' }, 5000));

  test('passes without any, fails by a single one, and not by one in the hold', () => {
    const failed = (atMs: number) =>
      session({ kind: 'socket_failed', namespace: '/chat', reason: 'connect_error' }, atMs);
    expect(judged(attempts)).toMatchObject({ status: 'pass', samples: 50 });
    expect(judged([...attempts, failed(70_000)]).status).toBe('pass');
    expect(judged([...attempts, failed(5000)])).toMatchObject({
      status: 'fail',
      beside: { chat_connect_error: 1 },
    });
    const start = player('flv', { kind: 'start_failed', reason: 'refused' }, 5000);
    expect(judged([...attempts, start])).toMatchObject({ status: 'fail', beside: { refused: 1 } });
  });

  test('an unheard join is another row, and what the end of the run cut short is nobody’s', () => {
    const join = session({ kind: 'socket_failed', namespace: '/chat', reason: 'join_timeout' }, 5000);
    const stopped = player('flv', { kind: 'start_failed', reason: 'stopped' }, 5000);
    expect(judged([...attempts, join, stopped])).toMatchObject({ status: 'pass', samples: 49 });
  });

  test('has no data when nobody came', () => {
    expect(judged([]).status).toBe('no_data');
    expect(rowIn('join_failures', measureIn(phases, attempts), { phases, rows: [] }).status).toBe(
      'not_judged',
    );
  });
});

describe('the burst of chat', () => {
  const phases = phasesOf(['hold', 'hold', 20], ['burst', 'burst', 40]);
  const sent = (count: number): ViewerEvent[] =>
    times(count, () => session({ kind: 'chat_sent', expectedOthers: 1 }, 30_000));
  const echoed = (count: number): ViewerEvent[] =>
    times(count, () => session({ kind: 'chat_echo', deliveryMs: 5, sinceDueMs: 5 }, 30_000));
  const arrived = (count: number, ms = 20): ViewerEvent[] =>
    times(count, () => session({ kind: 'chat_delivered', deliveryMs: 5, sinceDueMs: ms }, 30_000));
  const users = { vus: 60, byProtocol: { hls: 60, flv: 0 }, users: 60, writes: true };
  const judged = (id: Parameters<typeof rowIn>[0], events: readonly ViewerEvent[], changes = {}) =>
    rowIn(id, measureIn(phases, events), { phases, planned: users, ...changes });

  test.each([
    [2000, 'pass'],
    [1999, 'fail'],
  ])('%d of 2040 messages that came back in 40 s: %s', (count, status) => {
    expect(judged('chat_throughput', [...sent(2040), ...echoed(count)])).toMatchObject({
      status,
      value: count / 40,
      beside: { offeredPerS: 51 },
    });
  });

  test('a load that writes less than 50 a second shows nothing', () => {
    expect(judged('chat_throughput', [...sent(1990), ...echoed(1990)])).toMatchObject({
      status: 'no_data',
      reason: 'the viewers wrote 49.8 messages a second',
    });
    expect(judged('chat_throughput', []).status).toBe('no_data');
    expect(judged('chat_throughput', [], { planned: { ...users, users: 54 } }).status).toBe('not_judged');
  });

  test.each([
    [1980, 'pass'],
    [1979, 'fail'],
  ])('%d of 2000 arrivals: %s', (count, status) => {
    expect(judged('chat_burst_delivery', [...sent(2000), ...arrived(count)]).status).toBe(status);
  });

  test('without messages or accounts nothing is judged of it', () => {
    expect(judged('chat_burst_delivery', []).status).toBe('no_data');
    const guests = { planned: { ...users, users: 0 } };
    expect(judged('chat_burst_delivery', [], guests).status).toBe('not_judged');
    expect(judged('chat_burst_p95', []).status).toBe('no_data');
    expect(judged('chat_burst_p95', [], guests).status).toBe('not_judged');
  });

  test.each([
    [199.999, 'pass'],
    [200, 'fail'],
  ])('arrivals after %d ms: %s, and it is advisory', (ms, status) => {
    expect(judged('chat_burst_p95', arrived(500, ms))).toMatchObject({ status, mandatory: false });
  });
});

test('what is only watched has a value and is never judged', () => {
  const phases = phasesOf(['hold', 'hold', 20]);
  const totals = measureIn(
    phases,
    times(20, (s) => player('hls', { ...WATCHED, bytes: 250_000 }, s * 1000)),
  );
  expect(rowIn('media_received', totals, { phases })).toMatchObject({
    status: 'not_judged',
    value: 2,
    reason: 'the strategy sets no target for it: watched, not judged',
  });
});
