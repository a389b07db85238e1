import { describe, expect, test } from 'vitest';
import {
  api,
  contextOf,
  END_MS,
  FILLED,
  HOLD_MS,
  healthyRun,
  measure,
  player,
  recorderOf,
  reported,
  session,
  times,
  totalsOf,
  WATCHED,
} from '../../test/support/measured.js';
import type { ViewerEvent } from '../events.js';
import { type JudgeContext, judge, type Verdict } from './gate.js';
import { KPIS, type KpiId } from './kpis.js';
import { createLagLog } from './lag.js';
import { createTotals } from './merge.js';
import type { EventKind } from './metrics.js';

const healthy = healthyRun();

function verdictOf(events: readonly ViewerEvent[], context: Partial<JudgeContext> = {}): Verdict {
  return judge(measure(events), contextOf(context));
}

function statuses(verdict: Verdict, status: string): string[] {
  return verdict.rows.filter((row) => row.status === status).map(({ id }) => id);
}

describe('the verdict', () => {
  test('a good run that fills every row passes, and says by which gate', () => {
    const verdict = verdictOf(healthy);
    expect(statuses(verdict, 'pass')).toEqual([...FILLED]);
    expect(verdict).toMatchObject({
      verdict: 'pass',
      gate: 'viewer',
      profileName: 'smoke',
      invalidReasons: [],
    });
  });

  test('nothing measured is no data, never a pass', () => {
    const killed = { workersPlanned: 1, workersDied: 0, completed: false };
    expect(judge(createTotals(), contextOf({ facts: killed })).verdict).toBe('no_data');
    expect(judge(createTotals(), contextOf()).verdict).toBe('invalid');
  });

  test('a run that judges no row at all is no data', () => {
    expect(verdictOf(healthy, { rows: [] }).verdict).toBe('no_data');
    expect(verdictOf(healthy, { rows: ['chat_delivery_p95'] }).verdict).toBe('no_data');
  });

  test('invalid stands before fail, fail before no data, no data before pass', () => {
    const slow = times(20, () => api(false, 900));
    const silent = healthy.filter(({ kind }) => kind !== 'latency');
    const broken = player('flv', { kind: 'latency', latencyMs: Number.NaN, source: 'stamp' });
    expect(verdictOf(silent).verdict).toBe('no_data');
    expect(verdictOf([...silent, ...slow]).verdict).toBe('fail');
    expect(verdictOf([...silent, ...slow, broken]).verdict).toBe('invalid');
  });

  test('an advisory row decides nothing', () => {
    const lagging = healthy.map((event) =>
      event.kind === 'chat_delivered' ? { ...event, sinceDueMs: 900 } : event,
    );
    const verdict = verdictOf(lagging);
    expect(statuses(verdict, 'fail')).toEqual(['chat_delivery_p95']);
    expect(verdict.verdict).toBe('pass');
  });

  test('equal totals and contexts give equal verdicts', () => {
    expect(verdictOf(healthy)).toEqual(verdictOf(healthy));
  });
});

describe('when the feed of a metric stops, the verdict does not stay green', () => {
  const needed: readonly EventKind[] = [
    'play_attempt',
    'first_frame',
    'watched',
    'latency',
    'vu_started',
    'vu_joined',
    'socket_ready',
    'join_attempt',
    'join_confirmed',
    'chat_sent',
    'chat_echo',
    'chat_delivered',
    'api_call',
  ];
  test.each(needed)('%s', (kind) => {
    const verdict = verdictOf(healthy.filter((event) => event.kind !== kind));
    expect(verdict.verdict).not.toBe('pass');
    expect([...statuses(verdict, 'no_data'), ...statuses(verdict, 'fail')]).not.toEqual([]);
  });

  test.each(['playedMs', 'frames', 'segments'] as const)('%s of watched', (part) => {
    const without = healthy.map((event) => (event.kind === 'watched' ? { ...event, [part]: 0 } : event));
    expect(verdictOf(without).verdict).toBe('no_data');
  });

  test.each(['hls', 'flv'] as const)('everything of %s', (protocol) => {
    const without = healthy.filter((event) => !('protocol' in event) || event.protocol !== protocol);
    expect(verdictOf(without).verdict).toBe('no_data');
  });

  test.each(['/', '/chat', '/streaming'])('everything of namespace %s', (namespace) => {
    const without = healthy.filter((event) => !('namespace' in event) || event.namespace !== namespace);
    expect(verdictOf(without).verdict).toBe('no_data');
  });

  const stalls = [
    ...times(60, () => player('hls', { kind: 'rebuffer_started', startedAtMs: HOLD_MS })),
    ...times(60, () => player('hls', { ...WATCHED, playedMs: 0, stalledMs: 500, segments: 0 } as never)),
  ];
  test.each(['rebuffer_started', 'watched'] as const)('%s of a run with rebuffers', (kind) => {
    expect(verdictOf([...healthy, ...stalls]).verdict).toBe('fail');
    const rest = [...healthy, ...stalls.filter((event) => event.kind !== kind)];
    expect(verdictOf(rest).verdict).not.toBe('pass');
  });

  test('reports of time from most viewers, while their players have a picture', () => {
    const few = healthy.filter((event, index) => event.kind !== 'watched' || index % 2 === 0);
    const totals = measure(few, (recorder) => recorder.gauge('vus_watching_count', 50));
    expect(judge(totals, contextOf()).invalidReasons.map(({ code }) => code)).toEqual(['feed_lost']);
  });
});

describe('what breaks on the platform turns the right row red', () => {
  const change = (apply: (event: ViewerEvent) => ViewerEvent | undefined): ViewerEvent[] =>
    healthy.map(apply).filter((event) => event !== undefined);

  test.each<[string, readonly ViewerEvent[], readonly KpiId[]]>([
    [
      'the chat is muted',
      [
        ...change((event) =>
          event.kind === 'chat_delivered' || event.kind === 'chat_echo' ? undefined : event,
        ),
        ...times(50, () => session({ kind: 'chat_echo_lost' })),
      ],
      ['chat_delivery_ratio', 'chat_echo_ratio'],
    ],
    [
      'only the sender gets the message',
      change((e) => (e.kind === 'chat_delivered' ? undefined : e)),
      ['chat_delivery_ratio'],
    ],
    [
      'the picture is gone while the audio runs',
      change((event) => (event.kind === 'watched' ? { ...event, frozenMs: 1000 } : event)),
      ['frozen_ratio'],
    ],
    [
      'the ready event stopped',
      change((event) =>
        event.kind === 'socket_ready' && event.namespace === '/chat'
          ? session({ kind: 'socket_failed', namespace: '/chat', reason: 'ready_timeout' })
          : event,
      ),
      ['ready_chat'],
    ],
    [
      'the stream key is wrong',
      change((event) =>
        event.kind === 'first_frame'
          ? player(event.protocol, { kind: 'start_failed', reason: 'http_status' })
          : event,
      ),
      ['stream_start_success'],
    ],
    ['a viewer is lost', [...healthy, session({ kind: 'vu_lost', reason: 'socket' })], ['viewers_lost']],
    [
      'the publisher is dropped for ten seconds',
      [
        ...change((event) =>
          event.kind === 'watched' && event.atMs >= 30_000 && event.atMs < 40_000
            ? { ...event, playedMs: 0, stalledMs: 1000, segments: 0, tags: 0 }
            : event,
        ),
        ...times(50, () => player('hls', { kind: 'rebuffer_started', startedAtMs: 30_000 })),
      ],
      ['rebuffer_rate_per_second', 'rebuffer_rate_per_segment', 'rebuffer_ratio'],
    ],
  ])('%s', (_, events, failing) => {
    const verdict = verdictOf(events);
    expect(verdict.verdict).toBe('fail');
    expect(statuses(verdict, 'fail')).toEqual(failing);
  });

  test('the stamps are removed half-way: latency has no data', () => {
    const verdict = verdictOf(
      change((event) => (event.kind === 'latency' && event.atMs > 30_000 ? undefined : event)),
    );
    expect(verdict.verdict).toBe('no_data');
    expect(statuses(verdict, 'no_data')).toEqual(['latency_p95_flv', 'latency_p95_hls']);
  });
});

describe('rows that are not judged', () => {
  const reasons = (context: Partial<JudgeContext>, events: readonly ViewerEvent[] = healthy) => {
    const verdict = verdictOf(events, context);
    return {
      verdict: verdict.verdict,
      rows: verdict.rows
        .filter(({ id, status }) => status === 'not_judged' && FILLED.includes(id))
        .map(({ id, reason }) => [id, reason]),
    };
  };

  test('a row that the profile does not name', () => {
    expect(reasons({ rows: FILLED.filter((id) => id !== 'api_write_p99') })).toEqual({
      verdict: 'pass',
      rows: [['api_write_p99', 'the load of smoke does not fill this row']],
    });
  });

  test('chat and writes of guests', () => {
    const planned = { ...contextOf().planned, users: 0 };
    const { rows } = reasons({ planned });
    expect(rows.map(([id]) => id)).toEqual([
      'ready_chat',
      'join_chat',
      'chat_delivery_ratio',
      'chat_echo_ratio',
      'chat_delivery_p95',
      'api_write_p95',
      'api_write_p99',
    ]);
    expect(rows[0]).toEqual(['ready_chat', 'no viewer had an account (guests only)']);
  });

  test('deliveries to others with one account; its own echo is judged', () => {
    const { rows } = reasons({ planned: { ...contextOf().planned, users: 1 } });
    expect(rows).toEqual([
      ['chat_delivery_ratio', 'fewer than two viewers had an account'],
      ['chat_delivery_p95', 'fewer than two viewers had an account'],
    ]);
  });

  test('chat and cart where writing is not allowed', () => {
    const { rows } = reasons({ planned: { ...contextOf().planned, writes: false } });
    expect(rows.map(([id]) => id)).toEqual([
      'chat_delivery_ratio',
      'chat_echo_ratio',
      'chat_delivery_p95',
      'api_write_p95',
      'api_write_p99',
    ]);
  });

  test('a protocol that nobody was planned for and nobody was on', () => {
    const hlsOnly = healthy.filter((event) => !('protocol' in event) || event.protocol === 'hls');
    const planned = { vus: 35, byProtocol: { hls: 35, flv: 0 }, users: 35, writes: true };
    expect(reasons({ planned }, hlsOnly).rows).toEqual([
      ['first_frame_p95_flv', 'no viewer of this protocol was planned'],
      ['latency_p95_flv', 'no viewer of this protocol was planned'],
    ]);
  });

  test('viewers that fell back to an unplanned protocol are judged all the same', () => {
    const planned = { vus: 50, byProtocol: { hls: 0, flv: 50 }, users: 50, writes: true };
    const slow = healthy.map((event) =>
      event.kind === 'first_frame' && event.protocol === 'hls' ? { ...event, sinceStartMs: 9000 } : event,
    );
    expect(statuses(verdictOf(slow, { planned }), 'fail')).toEqual(['first_frame_p95_hls']);
  });

  test('a row that the run is too small for, with its reason', () => {
    const few = healthy.filter((event) => event.kind !== 'api_call' || !event.write);
    const { verdict, rows } = reasons(
      { exempt: { api_write_p95: 'too short', api_write_p99: 'too short' } },
      few,
    );
    expect(verdict).toBe('pass');
    expect(rows).toEqual([
      ['api_write_p95', 'too short'],
      ['api_write_p99', 'too short'],
    ]);
  });

  test('but not a row that got its samples all the same', () => {
    expect(reasons({ exempt: { api_write_p95: 'too short' } }, healthy)).toMatchObject({
      verdict: 'pass',
      rows: [],
    });
  });

  test('a plan without a hold has no data for the rows of the hold', () => {
    const verdict = verdictOf(healthy, { phases: [{ name: 'hold', role: 'ramp', fromMs: 0, toMs: END_MS }] });
    expect(verdict.verdict).toBe('no_data');
    expect(statuses(verdict, 'no_data')).toEqual(FILLED.filter((id) => KPIS[id].window === 'hold'));
  });
});

describe('our own lag', () => {
  /** A good run with rebuffers of 300 ms, some of them begun in a lag of our own. */
  function run(clean: number, tainted: number): Verdict {
    const lag = createLagLog();
    const recorder = recorderOf(0, lag);
    for (const event of healthy) recorder.on(reported(event));
    lag.add(29_990, 30_250);
    const rebuffer = (startedAtMs: number): void => {
      recorder.on(reported(player('hls', { kind: 'rebuffer_started', startedAtMs })));
      recorder.on(
        reported(player('hls', { kind: 'rebuffer_ended', startedAtMs, durationMs: 300, cutOff: false })),
      );
      recorder.on(reported(player('hls', { ...WATCHED, playedMs: 0, stalledMs: 300, segments: 0 } as never)));
    };
    for (let i = 0; i < clean; i++) rebuffer(HOLD_MS);
    for (let i = 0; i < tainted; i++) rebuffer(30_000);
    return judge(totalsOf(recorder.takeTick(END_MS, true)), contextOf());
  }

  test('a few rebuffers that pass either way leave the verdict alone, and are shown', () => {
    const verdict = run(3, 3);
    expect(verdict.verdict).toBe('pass');
    expect(verdict.notes).toEqual(["3 rebuffers may be our own lag's; they are judged both ways"]);
    const row = verdict.rows.find(({ id }) => id === 'rebuffer_rate_per_second');
    expect(row).toMatchObject({ status: 'pass', beside: { rebuffers: 6, ofThemOursPerhaps: 3 } });
    expect(row?.value).toBeCloseTo(3 / 20, 5);
    const ratio = verdict.rows.find(({ id }) => id === 'rebuffer_ratio');
    expect(ratio?.value).toBeCloseTo((900 / 2_001_800) * 100, 9);
    expect(ratio?.beside).toEqual({ rebufferedMs: 1800, ofItOursPerhapsMs: 900, longestMs: 300 });
  });

  test('rebuffers that fail without ours fail', () => {
    expect(run(30, 1).verdict).toBe('fail');
  });

  test('when ours decide between pass and fail, the run is invalid: it never passes by leaving them out', () => {
    const verdict = run(2, 40);
    expect(verdict.verdict).toBe('invalid');
    expect(verdict.invalidReasons.map(({ code }) => code)).toContain('lag_decides');
    expect(statuses(verdict, 'no_data')).toContain('rebuffer_rate_per_second');
  });
});
