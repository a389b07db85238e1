import { describe, expect, test } from 'vitest';
import {
  api,
  contextOf,
  HOLD_MS,
  LATENCY,
  measure,
  PHASES,
  player,
  rowIn,
  session,
  times,
  WATCHED,
} from '../../test/support/measured.js';
import type { Protocol, ViewerEvent } from '../events.js';
import { judge, neededSamples, type RowResult } from './gate.js';
import { RECOVERY_KPIS } from './kpi-rows-recovery.js';
import { KPI_IDS, KPIS, type KpiId } from './kpis.js';
import { METRICS, type MetricName } from './metrics.js';
import { createSight } from './sight.js';
import type { View } from './view.js';
import type { Window } from './windows.js';

function row(id: KpiId, events: readonly ViewerEvent[]): RowResult {
  const found = judge(measure(events), contextOf({ rows: [id] })).rows.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no row ${id}`);
  return found;
}

const firstFrames = (protocol: Protocol) => (ms: number) =>
  times(20, () => player(protocol, { kind: 'first_frame', sinceStartMs: ms }));
const latencies = (protocol: Protocol) => (ms: number) =>
  times(20, () => player(protocol, { ...LATENCY, latencyMs: ms }));

/** 1000 s of HLS with a segment each second and `changes` in one second of them. */
function watching(changes: Partial<Record<keyof typeof WATCHED, number>>): ViewerEvent[] {
  return [
    ...times(999, () => player('hls', { ...WATCHED, segments: 1 })),
    player('hls', { ...WATCHED, segments: 1, ...changes } as typeof WATCHED),
  ];
}

const rebuffers = (count: number): ViewerEvent[] => [
  ...watching({ stalledMs: count * 100 }),
  ...times(count, () => player('hls', { kind: 'rebuffer_started', startedAtMs: HOLD_MS })),
];

/** `bad` of `all`. */
function mixed(
  all: number,
  bad: number,
  good: (i: number) => ViewerEvent,
  failed: (i: number) => ViewerEvent,
) {
  return times(all, (i) => (i < bad ? failed(i) : good(i)));
}

const starts = (bad: number): ViewerEvent[] => [
  ...times(1000, () => player('flv', { kind: 'play_attempt' })),
  ...mixed(
    1000,
    bad,
    () => player('flv', { kind: 'first_frame', sinceStartMs: 5 }),
    () => player('flv', { kind: 'start_failed', reason: 'http_status' }),
  ),
];
const joins = (bad: number): ViewerEvent[] => [
  ...times(1000, () => session({ kind: 'vu_started' })),
  ...times(1000 - bad, () => session({ kind: 'vu_joined', sinceStartMs: 5 })),
];
const lost = (bad: number): ViewerEvent[] => [
  ...joins(0),
  ...times(bad, () => session({ kind: 'vu_lost', reason: 'player' })),
];
const drops = (bad: number): ViewerEvent[] => [
  ...readies('/')(0),
  player('hls', WATCHED),
  ...times(bad, () => session({ kind: 'socket_disconnected', reason: 'transport' })),
];
const readies = (namespace: '/' | '/chat' | '/streaming') => (bad: number) =>
  mixed(
    1000,
    bad,
    () => session({ kind: 'socket_ready', namespace, sinceOpenMs: 5 }),
    () => session({ kind: 'socket_failed', namespace, reason: 'ready_timeout' }),
  );
const confirmations = (namespace: '/' | '/chat' | '/streaming') => (bad: number) => [
  ...times(1000, () => session({ kind: 'join_attempt', namespace })),
  ...mixed(
    1000,
    bad,
    () => session({ kind: 'join_confirmed', namespace, sinceAttemptMs: 5 }),
    () => session({ kind: 'join_lost', namespace }),
  ),
];
const deliveries = (bad: number): ViewerEvent[] => [
  ...times(100, () => session({ kind: 'chat_sent', expectedOthers: 10 })),
  ...times(1000 - bad, () => session({ kind: 'chat_delivered', deliveryMs: 5, sinceDueMs: 5 })),
];
const echoes = (bad: number): ViewerEvent[] => [
  ...times(1000, () => session({ kind: 'chat_sent', expectedOthers: 0 })),
  ...mixed(
    1000,
    bad,
    () => session({ kind: 'chat_echo', deliveryMs: 5, sinceDueMs: 5 }),
    () => session({ kind: 'chat_echo_lost' }),
  ),
];
const chatDeliveredIn = (ms: number): ViewerEvent[] =>
  times(20, () => session({ kind: 'chat_delivered', deliveryMs: 5, sinceDueMs: ms }));
const calls = (bad: number): ViewerEvent[] =>
  mixed(
    1000,
    bad,
    () => api(false),
    () => ({ ...api(false), outcome: 'server_fault', status: 500 }) as ViewerEvent,
  );
const answeredIn = (write: boolean, count: number) => (ms: number) => times(count, () => api(write, ms));

interface Case {
  readonly make: (x: number) => ViewerEvent[];
  readonly good: number;
  /** On the good side of the bound by the least that can be told apart. */
  readonly justGood: number;
  readonly justBad: number;
}

const percentOver = { good: 0, justGood: 9, justBad: 10 };
const percentAtLeast = { good: 0, justGood: 10, justBad: 11 };
/** 1000 s watched, of which x ms are bad: 0.5 % = 5000 ms of 1,000,000. */
const halfPercent = { good: 0, justGood: 4999, justBad: 5000 };

const CASES = {
  first_frame_p95_flv: { make: firstFrames('flv'), good: 300, justGood: 3000, justBad: 3000.001 },
  first_frame_p95_hls: { make: firstFrames('hls'), good: 300, justGood: 6000, justBad: 6000.001 },
  stream_start_success: { make: starts, ...percentOver },
  rebuffer_rate_per_second: { make: rebuffers, ...percentOver },
  rebuffer_rate_per_segment: { make: rebuffers, ...percentOver },
  rebuffer_ratio: {
    make: (ms) => [player('hls', { ...WATCHED, playedMs: 1_000_000 - ms, stalledMs: ms } as never)],
    ...halfPercent,
  },
  frozen_ratio: { make: (ms) => watching({ frozenMs: ms }), ...halfPercent },
  replayed_ratio: { make: (ms) => watching({ replayedMs: ms }), ...halfPercent },
  latency_p95_flv: { make: latencies('flv'), good: 900, justGood: 3000, justBad: 3000.001 },
  latency_p95_hls: { make: latencies('hls'), good: 900, justGood: 8000, justBad: 8000.001 },
  frame_drop_rate: {
    make: (missing) => [
      player('hls', { ...WATCHED, frames: 10_000 - missing, missingFrames: missing } as never),
    ],
    good: 0,
    justGood: 9,
    justBad: 10,
  },
  viewers_joined: { make: joins, ...percentAtLeast },
  viewers_lost: { make: lost, good: 0, justGood: 0, justBad: 1 },
  connections_dropped: { make: drops, good: 0, justGood: 0, justBad: 1 },
  ready_root: { make: readies('/'), ...percentOver },
  ready_chat: { make: readies('/chat'), ...percentOver },
  ready_streaming: { make: readies('/streaming'), ...percentOver },
  join_root: { make: confirmations('/'), ...percentAtLeast },
  join_chat: { make: confirmations('/chat'), ...percentAtLeast },
  join_streaming: { make: confirmations('/streaming'), ...percentAtLeast },
  chat_delivery_ratio: { make: deliveries, ...percentAtLeast },
  chat_echo_ratio: { make: echoes, ...percentAtLeast },
  chat_delivery_p95: { make: chatDeliveredIn, good: 20, justGood: 199.999, justBad: 200 },
  segment_generation_p95: {
    make: (ms) => [
      ...times(20, (i) =>
        player('hls', { kind: 'segment_listed', captureEpochMs: i * 1000, listedAfterMs: ms }),
      ),
      player('hls', LATENCY),
    ],
    good: 900,
    justGood: 2000,
    justBad: 2000.001,
  },
  api_success: { make: calls, ...percentOver },
  api_5xx_rate: { make: calls, ...percentOver },
  api_read_p95: { make: answeredIn(false, 20), good: 20, justGood: 499.999, justBad: 500 },
  api_read_p99: { make: answeredIn(false, 100), good: 20, justGood: 999.999, justBad: 1000 },
  api_write_p95: { make: answeredIn(true, 20), good: 20, justGood: 999.999, justBad: 1000 },
  api_write_p99: { make: answeredIn(true, 100), good: 20, justGood: 1999.999, justBad: 2000 },
} as const satisfies Partial<Record<KpiId, Case>>;

function caseOf(id: keyof typeof CASES): Case {
  return CASES[id];
}

const IDS = Object.keys(CASES) as readonly (keyof typeof CASES)[];

describe.each(IDS)('%s', (id) => {
  const { make, good, justGood, justBad }: Case = CASES[id];

  test('passes', () => {
    expect(row(id, make(good))).toMatchObject({ status: 'pass', reason: '' });
  });

  test('passes just on the good side of its bound', () => {
    expect(row(id, make(justGood)).status).toBe('pass');
  });

  test('fails just on the bad side of its bound', () => {
    const failed = row(id, make(justBad));
    expect(failed.status).toBe('fail');
    expect(failed.value).toBeTypeOf('number');
    expect(failed.reason).not.toBe('');
  });

  test('without samples has no data and no value that looks like one', () => {
    const none = row(id, []);
    expect(none.status).toBe('no_data');
    expect(none.samples).toBe(0);
  });

  test('is computed from the metrics that it names and no others, and viewers feed each', () => {
    const read = new Set<MetricName>();
    const spying = (view: View): View => ({
      count: (name, select) => {
        read.add(name);
        return view.count(name, select);
      },
      byLabel: (name, select) => {
        read.add(name);
        return view.byLabel(name, select);
      },
      spread: (name, select) => {
        read.add(name);
        return view.spread(name, select);
      },
    });
    const totals = measure(make(good));
    const sight = createSight(totals, contextOf());
    const spied = { ...sight, over: (window: Window) => spying(sight.over(window)) };
    KPIS[id].compute(spied.over(KPIS[id].window), spied.over('run'), spied);
    expect([...read].sort()).toEqual([...KPIS[id].metrics].sort());
    // A clock that was set is seen by the main thread alone; it can take a verdict away and never give one.
    const notOfViewers = (name: MetricName): boolean =>
      typeof METRICS[name].fedBy === 'string' && name !== 'capture_clock_step_ms';
    expect(KPIS[id].metrics.filter(notOfViewers)).toEqual([]);
  });
});

describe('the fewest samples to judge by', () => {
  const seconds = (count: number) => times(count, () => player('hls', { ...WATCHED, segments: 1 }));
  const some = (id: keyof typeof CASES) => (count: number) =>
    caseOf(id).make(caseOf(id).good).slice(0, count);
  const perViewer = (id: keyof typeof CASES) => (count: number) => {
    const each = caseOf(id).make(0);
    return [...each.slice(0, count), ...each.slice(1000, 1000 + count)];
  };

  test.each<[KpiId, number, (count: number) => ViewerEvent[]]>([
    // 15 viewers start with HTTP-FLV: 90 % of them; of the 35 with HLS 20 are enough.
    ['first_frame_p95_flv', 14, some('first_frame_p95_flv')],
    ['first_frame_p95_hls', 20, some('first_frame_p95_hls')],
    ['stream_start_success', 45, perViewer('stream_start_success')],
    ['rebuffer_rate_per_second', 30, seconds],
    ['rebuffer_rate_per_segment', 30, seconds],
    ['rebuffer_ratio', 30, seconds],
    ['frozen_ratio', 30, seconds],
    ['replayed_ratio', 30, seconds],
    ['latency_p95_flv', 20, some('latency_p95_flv')],
    ['latency_p95_hls', 20, some('latency_p95_hls')],
    ['frame_drop_rate', 34, seconds],
    ['viewers_joined', 50, perViewer('viewers_joined')],
    ['viewers_lost', 1, some('viewers_lost')],
    ['connections_dropped', 45, (count) => [player('hls', WATCHED), ...some('ready_root')(count)]],
    ['ready_root', 45, some('ready_root')],
    ['ready_chat', 45, some('ready_chat')],
    ['ready_streaming', 45, some('ready_streaming')],
    ['join_root', 45, perViewer('join_root')],
    ['join_chat', 45, perViewer('join_chat')],
    ['join_streaming', 45, perViewer('join_streaming')],
    [
      'chat_delivery_ratio',
      2,
      (count) => [...deliveries(0).slice(0, count), ...deliveries(0).slice(100, 100 + 10 * count)],
    ],
    ['chat_echo_ratio', 5, perViewer('chat_echo_ratio')],
    ['chat_delivery_p95', 20, some('chat_delivery_p95')],
    ['api_success', 20, some('api_success')],
    ['api_5xx_rate', 20, some('api_5xx_rate')],
    ['api_read_p95', 20, some('api_read_p95')],
    ['api_read_p99', 100, some('api_read_p99')],
    ['api_write_p95', 20, some('api_write_p95')],
    ['api_write_p99', 100, some('api_write_p99')],
  ])('%s is judged from %i and has no data below', (id, enough, make) => {
    expect(row(id, make(enough)).status).toBe('pass');
    expect(row(id, make(enough - 1)).status).toBe('no_data');
  });

  test('one viewer alone is all there is to ask of one planned viewer', () => {
    const planned = { vus: 1, byProtocol: { hls: 0, flv: 1 }, users: 1, writes: true };
    expect(neededSamples(KPIS.first_frame_p95_flv.minSamples, planned)).toBe(1);
    expect(neededSamples(KPIS.ready_chat.minSamples, planned)).toBe(1);
    expect(neededSamples(KPIS.ready_chat.minSamples, { ...planned, users: 0 })).toBe(1);
  });
});

describe('windows', () => {
  const inRamp = (events: readonly ViewerEvent[]): ViewerEvent[] =>
    events.map((event) => ({
      ...event,
      atMs: 1000,
      ...('startedAtMs' in event ? { startedAtMs: 1000 } : {}),
    }));

  test.each(IDS.filter((id) => KPIS[id].window === 'hold'))('%s looks at the hold only', (id) => {
    expect(row(id, inRamp(caseOf(id).make(caseOf(id).justBad))).status).toBe('no_data');
  });

  test.each(IDS.filter((id) => KPIS[id].window !== 'hold'))('%s looks at the whole run', (id) => {
    expect(row(id, inRamp(caseOf(id).make(caseOf(id).justBad))).status).toBe('fail');
  });

  test.each(IDS.filter((id) => KPIS[id].window === 'calm'))('%s leaves planned faults out', (id) => {
    const phases = PHASES.map((phase) => (phase.name === 'hold' ? { ...phase, role: 'fault' } : phase));
    const totals = measure(caseOf(id).make(caseOf(id).justBad));
    expect(rowIn(id, totals, { phases })).toMatchObject({ status: 'no_data', samples: 0 });
  });

  test('every row that viewers fill is tried here or beside its own table', () => {
    const elsewhere =
      /^(ccu_|connections_held|sessions_held|join_failures|media_received|chat_(burst|throughput)|spike_|rebuffer_sustained|api_read_growth|latency_growth)/;
    const untried = KPI_IDS.filter((id) => KPIS[id].source === 'viewers' && !(id in CASES));
    expect(untried.filter((id) => !elsewhere.test(id) && !Object.hasOwn(RECOVERY_KPIS, id))).toEqual([]);
  });
});

describe('what a row must not be deceived by', () => {
  const reasonOf = (id: KpiId, events: readonly ViewerEvent[]) => {
    const { status, reason } = row(id, events);
    return `${status}: ${reason}`;
  };

  test('stalled time without any rebuffer event', () => {
    expect(reasonOf('rebuffer_rate_per_second', watching({ stalledMs: 1500 }))).toMatch(
      /^no_data: 1500 ms stalled/,
    );
  });

  test('rebuffer events without stalled time', () => {
    const events = [...watching({}), player('hls', { kind: 'rebuffer_started', startedAtMs: HOLD_MS })];
    expect(reasonOf('rebuffer_ratio', events)).toMatch(/^no_data: rebuffers were reported/);
  });

  test('frozen pictures without frozen time', () => {
    const events = [
      ...watching({}),
      player('hls', { kind: 'frozen', startedAtMs: HOLD_MS, durationMs: 900 }),
    ];
    expect(reasonOf('frozen_ratio', events)).toMatch(/^no_data: frozen pictures were reported/);
  });

  test('HLS played without a segment', () => {
    const events = times(100, () => player('hls', WATCHED));
    expect(
      reasonOf('rebuffer_rate_per_segment', [...events, ...times(100, () => player('flv', WATCHED))]),
    ).toMatch(/^no_data: HLS was played/);
  });

  test('a whole hold spent stalled: nothing was played, yet the ratio fails', () => {
    const events = [
      ...times(100, () => player('hls', { ...WATCHED, playedMs: 0, stalledMs: 1000 } as never)),
      player('hls', { kind: 'rebuffer_started', startedAtMs: 1000 }),
    ];
    expect(row('rebuffer_ratio', events)).toMatchObject({ status: 'fail', value: 100 });
    expect(row('rebuffer_rate_per_second', events).status).toBe('no_data');
  });

  test('players that died although nobody counts as lost', () => {
    const dead = player('hls', { kind: 'player_dead', reason: 'fatal' });
    expect(reasonOf('viewers_lost', [...joins(0), dead])).toMatch(/^no_data: 1 players or sockets ended/);
    expect(
      row('viewers_lost', [...joins(0), player('hls', { kind: 'player_dead', reason: 'ended' })]).status,
    ).toBe('pass');
    expect(row('viewers_lost', [...joins(0), session({ kind: 'socket_gave_up' })]).status).toBe('no_data');
  });

  test('players that the page took away: nobody is lost, and nobody saw what came after', () => {
    const gone = session({ kind: 'player_unmounted', planned: false });
    const back = session({ kind: 'player_mounted' });
    expect(reasonOf('viewers_lost', [...joins(0), gone, gone])).toMatch(
      /^no_data: 2 players were taken away because the platform said that the stream was over/,
    );
    // By itself: a picture that was gone for a while is no pass, although it came back.
    expect(row('viewers_lost', [...joins(0), gone, back]).status).toBe('no_data');
    expect(row('viewers_lost', [...lost(1), gone]).status).toBe('fail');
  });

  test('players that went with a publisher who was taken away, unless they came back', () => {
    const gone = session({ kind: 'player_unmounted', planned: true });
    const back = session({ kind: 'player_mounted' });
    const dead = player('hls', { kind: 'player_dead', reason: 'gave_up' });
    expect(row('viewers_lost', [...joins(0), dead, dead, gone, gone, back, back]).status).toBe('pass');
    expect(reasonOf('viewers_lost', [...joins(0), gone, gone, back])).toMatch(
      /^no_data: 1 players were taken away .*, and none came back/,
    );
    expect(row('viewers_lost', [...joins(0), dead, dead, gone, back]).status).toBe('no_data');
  });

  test('players that were given up and play all the same are no loss', () => {
    const dead = player('hls', { kind: 'player_dead', reason: 'gave_up' });
    const back = player('hls', { kind: 'player_back' });
    expect(row('viewers_lost', [...joins(0), dead, back]).status).toBe('pass');
    expect(row('viewers_lost', [...joins(0), dead, dead, back]).status).toBe('no_data');
  });

  test('viewers that a planned fault broke stand beside, where a mandatory row of its own counts them', () => {
    const broken = session({ kind: 'vu_lost', reason: 'player', fault: 'publisher' });
    const dead = player('hls', { kind: 'player_dead', reason: 'no_data' });
    expect(row('viewers_lost', [...joins(0), dead, broken])).toMatchObject({
      status: 'pass',
      value: 0,
      beside: { player: 1, toFaults: 1 },
    });
    expect(row('viewers_lost', [...lost(1), broken])).toMatchObject({ status: 'fail', value: 1 });
    const killed = session({ kind: 'vu_lost', reason: 'player', fault: 'media' });
    expect(row('viewers_lost', [...joins(0), dead, killed])).toMatchObject({
      status: 'fail',
      value: 1,
      beside: { toFaults: 1 },
    });
  });

  test('more connections that came back than were lost', () => {
    const back = session({ kind: 'socket_reconnected', downMs: 1000 });
    expect(reasonOf('connections_dropped', [...drops(0), back])).toMatch(
      /^no_data: 1 connections came back of 0 lost/,
    );
    expect(row('connections_dropped', [...drops(1), back]).status).toBe('fail');
  });

  test('a connection lost outside of the hold does not count against it', () => {
    const ramp = session({ kind: 'socket_disconnected', reason: 'server' }, 5000);
    expect(row('connections_dropped', [...drops(0), ramp]).status).toBe('pass');
  });

  test('more first frames than attempts, more joins than viewers, more confirmations than joins', () => {
    const frames = times(60, () => player('flv', { kind: 'first_frame', sinceStartMs: 5 }));
    const attempts = times(50, () => player('flv', { kind: 'play_attempt' }));
    expect(row('stream_start_success', [...attempts, ...frames]).status).toBe('no_data');
    expect(row('viewers_joined', [...joins(0), session({ kind: 'vu_joined', sinceStartMs: 1 })]).status).toBe(
      'no_data',
    );
    const extra = session({ kind: 'join_confirmed', namespace: '/chat', sinceAttemptMs: 1 });
    expect(row('join_chat', [...confirmations('/chat')(0), extra]).status).toBe('no_data');
  });

  test('more arrivals than receivers', () => {
    const extra = times(51, () => session({ kind: 'chat_delivered', deliveryMs: 5, sinceDueMs: 5 }));
    expect(row('chat_delivery_ratio', [...deliveries(0), ...extra.slice(1)]).status).toBe('pass');
    expect(row('chat_delivery_ratio', [...deliveries(0), ...extra]).status).toBe('no_data');
  });

  test('latency that is known for less than 80 % of the time watched', () => {
    const played = (seconds: number) => times(seconds, () => player('flv', WATCHED));
    expect(row('latency_p95_flv', [...latencies('flv')(900), ...played(25)]).status).toBe('pass');
    expect(reasonOf('latency_p95_flv', [...latencies('flv')(900), ...played(26)])).toBe(
      'no_data: the capture time is known for 77 % of the time watched',
    );
  });

  test('attempts that the end of the run cut short do not count, attempts without any outcome do', () => {
    const stopped = times(500, () => player('flv', { kind: 'start_failed', reason: 'stopped' }));
    const attempts = times(500, () => player('flv', { kind: 'play_attempt' }));
    expect(row('stream_start_success', [...starts(9), ...attempts, ...stopped]).samples).toBe(1000);
    expect(row('stream_start_success', [...starts(9), ...attempts, ...stopped]).status).toBe('pass');
    expect(row('stream_start_success', [...starts(0), ...attempts]).status).toBe('fail');
  });

  test('echoes that neither came nor were reported lost, beyond what may be under way', () => {
    const sent = (count: number) => times(count, () => session({ kind: 'chat_sent', expectedOthers: 0 }));
    const echoed = (count: number) =>
      times(count, () => session({ kind: 'chat_echo', deliveryMs: 5, sinceDueMs: 5 }));
    expect(row('chat_echo_ratio', [...sent(6), ...echoed(5)]).status).toBe('pass');
    expect(row('chat_echo_ratio', [...sent(6), ...echoed(4)]).status).toBe('fail');
    expect(row('chat_echo_ratio', [...sent(1000), ...echoed(981)]).status).toBe('pass');
    expect(row('chat_echo_ratio', [...sent(1000), ...echoed(500)]).status).toBe('fail');
  });

  test.each([
    ['ok', 'pass', 'pass'],
    ['business', 'pass', 'pass'],
    ['throttled', 'fail', 'pass'],
    ['proxy_limit', 'fail', 'pass'],
    ['server_fault', 'fail', 'fail'],
    ['unauthorized', 'fail', 'pass'],
    ['client_fault', 'fail', 'pass'],
    ['bad_body', 'fail', 'pass'],
    ['timeout', 'fail', 'pass'],
    ['network', 'fail', 'pass'],
  ] as const)('2 %% of calls that end as %s: success %s, 5xx %s', (outcome, success, faults) => {
    const events = times(1000, (i) => (i < 20 ? ({ ...api(false), outcome } as ViewerEvent) : api(false)));
    expect(row('api_success', events).status).toBe(success);
    expect(row('api_5xx_rate', events).status).toBe(faults);
  });

  test.each([
    ['throttled', 20],
    ['proxy_limit', 20],
    ['network', 20],
    ['unauthorized', 20],
    ['timeout', 40],
    ['business', 40],
    ['server_fault', 40],
  ] as const)(
    'quick refusals do not pull a percentile down, slow answers are in it: %s',
    (outcome, samples) => {
      const events = times(40, (i) =>
        i < 20 ? ({ ...api(false, 1), outcome } as ViewerEvent) : api(false, 600),
      );
      expect(row('api_read_p95', events)).toMatchObject({ status: 'fail', samples });
    },
  );

  test('a late action makes the judged latency longer, the time since it was sent stands beside', () => {
    const events = times(20, () => ({ ...api(false, 700), durationMs: 10 }) as ViewerEvent);
    expect(row('api_read_p95', events)).toMatchObject({
      status: 'fail',
      value: 700,
      beside: { sinceSentMs: 10 },
    });
  });

  describe('a latency is worth what is known of its clocks', () => {
    const on = (clock: { clockUncertaintyMs?: number }, count = 20): ViewerEvent[] =>
      times(count, () => player('flv', { kind: 'latency', latencyMs: 900, source: 'stamp', ...clock }));

    test.each([
      [{ clockUncertaintyMs: 0 }, 'pass', 0],
      [{ clockUncertaintyMs: 300 }, 'pass', 300],
      [{ clockUncertaintyMs: 300.1 }, 'no_data', 300.1],
      [{}, 'no_data', 'unknown'],
    ] as const)('%j: %s', (clock, status, beside) => {
      const judged = row('latency_p95_flv', on(clock));
      expect([judged.status, judged.beside.clockUncertaintyMs]).toEqual([status, beside]);
    });

    test('no data when a single picture came from the future', () => {
      const future = player('flv', { kind: 'clock_warning', aheadMs: 40, source: 'stamp' });
      const judged = row('latency_p95_flv', [...on({ clockUncertaintyMs: 0 }), future]);
      expect(judged.status).toBe('no_data');
      expect(judged.reason).toMatch(/^1 pictures were captured in the future/);
    });

    test('no data says how well the clocks are known and how well they must be', () => {
      expect(row('latency_p95_flv', on({ clockUncertaintyMs: 412 })).reason).toBe(
        'the difference of the clocks is known to 412 ms only, 300 ms is the limit (a tenth of the bound)',
      );
    });

    test('one sample on an unknown clock is enough, and how to name the clock is said', () => {
      const judged = row('latency_p95_flv', [...on({ clockUncertaintyMs: 0 }, 500), ...on({}, 1)]);
      expect(judged.status).toBe('no_data');
      expect(judged.reason).toContain('--capture-clock');
    });

    test('HLS may be as uncertain as a tenth of its own bound', () => {
      const hls = times(20, () => player('hls', { ...LATENCY, clockUncertaintyMs: 500 }));
      expect(row('latency_p95_hls', hls).status).toBe('pass');
    });

    test.each([
      [299, 'pass'],
      [301, 'no_data'],
    ])('a clock that was set by %d ms, noticed after the hold: %s', (steppedMs, status) => {
      const totals = measure(on({ clockUncertaintyMs: 1 }), (recorder) =>
        recorder.observe('capture_clock_step_ms', steppedMs, 58_000),
      );
      const judged = judge(totals, contextOf()).rows.find(({ id }) => id === 'latency_p95_flv');
      expect(judged?.status).toBe(status);
      if (status === 'no_data') expect(judged?.reason).toContain('was set by 301 ms');
    });
  });

  test('arrival stands beside glass to glass, and is judged by nobody', () => {
    const arrived = player('flv', {
      kind: 'arrived',
      latenciesMs: Float64Array.of(99_000),
      beforeCapture: 0,
    });
    const judged = row('latency_p95_flv', [...latencies('flv')(900), arrived]);
    expect([judged.status, judged.beside.arrivalP95Ms]).toEqual(['pass', 99_000]);
  });

  test('the first byte of 5.1#7 stands beside the latency of FLV, over the whole run, and is judged by nobody', () => {
    const first = { kind: 'first_byte', sinceStartMs: 9000 };
    const [flv, hls] = (['flv', 'hls'] as const).map((protocol) => player(protocol, first as never));
    const judged = row('latency_p95_flv', [...latencies('flv')(900), ...(flv ? [flv] : [])]);
    expect([judged.status, judged.beside.firstByteP95Ms]).toEqual(['pass', 9000]);
    const other = row('latency_p95_hls', [...latencies('hls')(900), ...(hls ? [hls] : [])]);
    expect(other.beside).not.toHaveProperty('firstByteP95Ms');
  });

  test('frames are missed by numbers and by timestamps, and both stand beside the larger', () => {
    const besideOf = (missed: object) =>
      row('frame_drop_rate', [player('hls', { ...WATCHED, frames: 9990, ...missed } as never)]).beside;
    expect(besideOf({ missingFrames: 10, missingByNumber: 4, missingByTime: 10 })).toEqual({
      missing: 10,
      byNumbers: 4,
      byTimestamps: 10,
    });
    expect(besideOf({ missingFrames: 10, missingByTime: 10 })).toMatchObject({ byNumbers: 'no stamps' });
  });

  test('each latency names its source', () => {
    expect(row('latency_p95_flv', latencies('flv')(900)).beside).toMatchObject({ source: 'stamp' });
    expect(row('latency_p95_flv', latencies('flv')(900)).beside).not.toHaveProperty('stampP95Ms');
  });

  test('latency of two sources is no mixture: the larger p95 is judged, and both stand beside it', () => {
    const dated = (ms: number, count: number) =>
      times(count, () => player('flv', { ...LATENCY, latencyMs: ms, source: 'pdt' }));
    // Thrown together the few late ones would vanish behind the 95th percentile.
    const mixed = [...times(50, () => latencies('flv')(900)).flat(), ...dated(5000, 20)];
    expect(row('latency_p95_flv', mixed)).toMatchObject({
      status: 'fail',
      value: 5000,
      samples: 1020,
      beside: { source: 'stamp+pdt', stampP95Ms: 900, pdtP95Ms: 5000 },
    });
    expect(row('latency_p95_flv', mixed).beside).not.toHaveProperty('meanMs');
    expect(row('latency_p95_flv', mixed).beside).not.toHaveProperty('p50Ms');
    expect(row('latency_p95_flv', latencies('flv')(900)).beside).toMatchObject({ p50Ms: 900 });
    // Too few for a percentile of their own.
    expect(row('latency_p95_flv', [...latencies('flv')(900), ...dated(5000, 19)])).toMatchObject({
      status: 'pass',
      beside: { pdtP95Ms: 5000 },
    });
  });

  test('a namespace that is another is not counted for it', () => {
    expect(row('ready_chat', readies('/streaming')(0)).status).toBe('no_data');
    expect(row('join_root', confirmations('/chat')(0)).status).toBe('no_data');
    expect(row('latency_p95_hls', latencies('flv')(5)).status).toBe('no_data');
  });

  test('for HTTP-FLV a second played is a segment', () => {
    const events = [
      ...times(1000, () => player('flv', { ...WATCHED, stalledMs: 1 } as never)),
      ...times(10, () => player('flv', { kind: 'rebuffer_started', startedAtMs: HOLD_MS })),
    ];
    expect(row('rebuffer_rate_per_segment', events)).toMatchObject({
      status: 'fail',
      value: 1,
      samples: 1000,
    });
  });
});
