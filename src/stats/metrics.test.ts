import { describe, expect, test } from 'vitest';
import { measure, player, session, WATCHED } from '../../test/support/measured.js';
import type { ViewerEvent } from '../events.js';
import { FEEDS } from './feeds.js';
import { createLagLog } from './lag.js';
import { addTick, createTotals } from './merge.js';
import { type EventKind, METRIC_NAMES, METRICS, type MetricName } from './metrics.js';
import { createRecorder } from './recorder.js';
import { keyOf, parseKey, SLOTS, slotOf } from './slots.js';

const ns = '/chat' as const;

/** At least one event of each kind, with every optional part filled. */
const SAMPLES: { readonly [K in EventKind]: readonly ViewerEvent[] } = {
  fault_faced: [session({ kind: 'fault_faced', fault: 'network' })],
  recovered: [session({ kind: 'recovered', fault: 'network', afterMs: 1 })],
  not_recovered: [session({ kind: 'not_recovered', fault: 'media', missing: 'both' })],
  picture_back: [session({ kind: 'picture_back', fault: 'publisher', afterMs: 1 })],
  picture_not_back: [session({ kind: 'picture_not_back', fault: 'publisher' })],
  socket_back: [session({ kind: 'socket_back', fault: 'other', afterMs: 1 })],
  media_back: [session({ kind: 'media_back', fault: 'media', sinceBegunMs: 1 })],
  media_not_back: [session({ kind: 'media_not_back', fault: 'media', waitedMs: 1 })],
  room_back: [session({ kind: 'room_back', fault: 'network', namespace: '/', afterMs: 1 })],
  room_faced: [session({ kind: 'room_faced', fault: 'network', namespace: '/chat' })],
  room_excused: [session({ kind: 'room_excused', fault: 'network', namespace: '/chat' })],
  stream_end_faced: [session({ kind: 'stream_end_faced', fault: 'publisher', inRoom: true, observes: true })],
  room_not_back: [session({ kind: 'room_not_back', fault: 'network', namespace: '/chat' })],
  reconnected_after_fault: [session({ kind: 'reconnected_after_fault', fault: 'network', afterMs: 1 })],
  stream_end_judged: [session({ kind: 'stream_end_judged', fault: 'publisher', heard: true })],
  stream_state_judged: [
    session({ kind: 'stream_state_judged', fault: 'publisher', to: 'live', seen: true, afterMs: 1 }),
  ],
  play_attempt: [player('flv', { kind: 'play_attempt' })],
  first_byte: [player('flv', { kind: 'first_byte', sinceStartMs: 1 })],
  media_ready: [player('flv', { kind: 'media_ready', sinceStartMs: 1 })],
  first_tag: [player('flv', { kind: 'first_tag', sinceStartMs: 1 })],
  first_keyframe: [player('flv', { kind: 'first_keyframe', sinceStartMs: 1 })],
  first_frame: [player('flv', { kind: 'first_frame', sinceStartMs: 1 })],
  playing: [player('flv', { kind: 'playing', sinceStartMs: 1 })],
  moving: [player('flv', { kind: 'moving', sinceStartMs: 1 })],
  no_video: [player('flv', { kind: 'no_video' })],
  start_failed: [player('flv', { kind: 'start_failed', reason: 'cut', status: 404 })],
  segment_listed: [player('hls', { kind: 'segment_listed', captureEpochMs: 1, listedAfterMs: 1 })],
  rebuffer_started: [player('flv', { kind: 'rebuffer_started', startedAtMs: 1 })],
  rebuffer_ended: [player('flv', { kind: 'rebuffer_ended', startedAtMs: 1, durationMs: 200, cutOff: true })],
  micro_wait: [player('flv', { kind: 'micro_wait', startedAtMs: 1, durationMs: 20 })],
  frozen: [player('flv', { kind: 'frozen', startedAtMs: 1, durationMs: 200 })],
  seek: [
    player('flv', {
      kind: 'seek',
      cause: 'chaser',
      fromMediaMs: 0,
      toMediaMs: 5,
      skippedMs: 5,
      replayedMs: 5,
    }),
  ],
  watched: [
    player('flv', {
      kind: 'watched',
      joiningMs: 1,
      playedMs: 1,
      stalledMs: 1,
      microWaitMs: 1,
      seekingMs: 1,
      endedMs: 1,
      frozenMs: 1,
      replayedMs: 1,
      bytes: 1,
      frames: 1,
      missingFrames: 1,
      missingByNumber: 1,
      missingByTime: 1,
      framesBySource: { obs: 1 },
      segments: 1,
      tags: 1,
    }),
  ],
  latency: [
    player('flv', { kind: 'latency', latencyMs: 1, source: 'pdt' }),
    player('flv', { kind: 'latency', latencyMs: 1, source: 'stamp', clockUncertaintyMs: 2 }),
  ],
  arrived: [player('flv', { kind: 'arrived', latenciesMs: Float64Array.of(1, 2), beforeCapture: 1 })],
  clock_warning: [player('flv', { kind: 'clock_warning', aheadMs: 1, source: 'stamp' })],
  media_error: [player('flv', { kind: 'media_error', code: 'flv_codec' })],
  playlist_error: [player('hls', { kind: 'playlist_error', code: 'empty' })],
  media_request: [
    player('hls', {
      kind: 'media_request',
      what: 'segment',
      outcome: 'ok',
      status: 500,
      durationMs: 1,
      ttfbMs: 1,
    }),
  ],
  playlist_stale: [player('hls', { kind: 'playlist_stale' })],
  sequence_reset: [player('hls', { kind: 'sequence_reset' })],
  context_lost: [player('hls', { kind: 'context_lost' })],
  segment_expired: [player('hls', { kind: 'segment_expired' })],
  flv_ended: [player('flv', { kind: 'flv_ended', how: 'http_status', status: 502 })],
  player_reload: [player('flv', { kind: 'player_reload', cause: 'watchdog' })],
  protocol_switched: [player('hls', { kind: 'protocol_switched', from: 'flv', cause: 'cut' })],
  player_dead: [player('hls', { kind: 'player_dead', reason: 'gave_up' })],
  player_back: [player('hls', { kind: 'player_back' })],
  vu_started: [session({ kind: 'vu_started' })],
  vu_joined: [session({ kind: 'vu_joined', sinceStartMs: 1 })],
  vu_lost: [session({ kind: 'vu_lost', reason: 'socket', fault: 'network' })],
  player_unmounted: [session({ kind: 'player_unmounted', planned: true })],
  player_mounted: [session({ kind: 'player_mounted' })],
  vu_left: [session({ kind: 'vu_left', reason: 'planned' })],
  socket_ready: [session({ kind: 'socket_ready', namespace: ns, sinceOpenMs: 1 })],
  socket_failed: [session({ kind: 'socket_failed', namespace: ns, reason: 'ready_timeout' })],
  join_attempt: [session({ kind: 'join_attempt', namespace: ns })],
  join_confirmed: [session({ kind: 'join_confirmed', namespace: ns, sinceAttemptMs: 1 })],
  join_lost: [session({ kind: 'join_lost', namespace: ns })],
  socket_disconnected: [session({ kind: 'socket_disconnected', reason: 'server' })],
  socket_reconnected: [session({ kind: 'socket_reconnected', downMs: 1 })],
  socket_gave_up: [session({ kind: 'socket_gave_up' })],
  socket_error: [session({ kind: 'socket_error', code: 'rate_limit' })],
  socket_garbage: [session({ kind: 'socket_garbage', namespace: ns })],
  chat_sent: [session({ kind: 'chat_sent', expectedOthers: 2 })],
  chat_expected_far: [session({ kind: 'chat_expected_far', count: 3 })],
  chat_not_sent: [session({ kind: 'chat_not_sent', reason: 'not_joined' })],
  chat_echo: [session({ kind: 'chat_echo', deliveryMs: 1, sinceDueMs: 1 })],
  chat_delivered: [session({ kind: 'chat_delivered', deliveryMs: 1, sinceDueMs: 1 })],
  chat_echo_lost: [session({ kind: 'chat_echo_lost' })],
  chat_foreign: [session({ kind: 'chat_foreign' })],
  viewer_count: [session({ kind: 'viewer_count', count: 3 })],
  product_event: [session({ kind: 'product_event' })],
  stream_ended_notice: [session({ kind: 'stream_ended_notice' })],
  api_call: [true, false].map((write) =>
    session({
      kind: 'api_call',
      call: 'products',
      write,
      outcome: 'timeout',
      refusal: 'sold_out',
      status: 504,
      durationMs: 1,
      sinceDueMs: 1,
    }),
  ),
  token_refresh: [session({ kind: 'token_refresh', cause: 'timer', outcome: 'ok', durationMs: 1 })],
  action_late: [session({ kind: 'action_late', lateMs: 60 })],
  cart_emptied: [session({ kind: 'cart_emptied', ok: true }), session({ kind: 'cart_emptied', ok: false })],
  order_created: [session({ kind: 'order_created', orderId: 'x' })],
  action_skipped: [session({ kind: 'action_skipped' })],
};

/** Names of the metrics that `events` left a trace in, with our own lag over all of it. */
function fedMetrics(events: readonly ViewerEvent[]): string[] {
  const lag = createLagLog();
  lag.add(-1000, 1e6);
  const recorder = createRecorder({ phaseAt: () => 'hold', lag, box: 'local', worker: 0 });
  for (const event of events) recorder.on({ vuId: 0, joinProtocol: 'flv', event });
  const [tick] = recorder.takeTick(1000, true);
  const keys = [...Object.keys(tick?.counters ?? {}), ...Object.keys(tick?.histograms ?? {})];
  return [
    ...new Set([...keys.map((key) => key.split('|')[0] ?? ''), ...Object.keys(tick?.gauges ?? {})]),
  ].sort();
}

describe('the table of metrics', () => {
  test.each(Object.keys(FEEDS) as EventKind[])('%s feeds exactly the metrics that name it', (kind) => {
    const named = METRIC_NAMES.filter((name) => {
      const { fedBy } = METRICS[name];
      return typeof fedBy !== 'string' && fedBy.includes(kind);
    });
    expect(named.length).toBeGreaterThan(0);
    expect(fedMetrics(SAMPLES[kind])).toEqual([...named].sort());
  });

  test('every metric that names an event names one that exists', () => {
    const named = METRIC_NAMES.flatMap((name) => {
      const { fedBy } = METRICS[name];
      return typeof fedBy === 'string' ? [] : fedBy;
    });
    expect(named.filter((kind) => !Object.hasOwn(FEEDS, kind))).toEqual([]);
  });

  test.each(METRIC_NAMES)('%s is snake_case with its unit last, and says what it means', (name) => {
    expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
    expect(name.endsWith(`_${METRICS[name].unit}`)).toBe(true);
    expect(METRICS[name].meaning.length).toBeGreaterThan(8);
  });

  test('labels are closed sets of words that no key can be broken by', () => {
    const labels = METRIC_NAMES.flatMap((name) => METRICS[name].labels ?? []);
    expect(labels.filter((label) => !/^[a-z0-9_]+$/.test(label))).toEqual([]);
  });

  test('every closed set holds all that its event can say', () => {
    const other = Object.values(SAMPLES)
      .flat()
      .flatMap((event) => [...measure([event]).counters.keys()].filter((key) => key.endsWith('|other')));
    expect(other).toEqual([]);
  });
});

describe('slots', () => {
  test('every slot is found by its metric, protocol and label, and its key reads back', () => {
    SLOTS.forEach((slot, index) => {
      expect(slotOf(slot.metric, slot.protocol, slot.label)).toBe(index);
      expect(parseKey(keyOf(slot, 'hold'))).toEqual({ ...slot, phase: 'hold' });
    });
  });

  test.each([
    'nonsense|hold|-',
    'vu_started_count|hold|hls',
    'vu_started_count|hold|-|label',
    'vu_started_count|hold',
    'vu_started_count||-',
    'vu_started_count|a b|-',
    'played_ms|hold|-',
    'played_ms|hold|dash',
    'start_failed_count|hold|flv',
    'start_failed_count|hold|flv|constructor',
    'rss_bytes|hold|-',
    'toString|hold|-',
  ])('%s is no key', (key) => {
    expect(parseKey(key)).toBeUndefined();
  });

  test('a gauge has no slot', () => {
    expect(slotOf('rss_bytes' as MetricName)).toBe(-1);
  });
});

test('played time of a whole second is stored as whole microseconds', () => {
  const totals = createTotals();
  const recorder = createRecorder({ phaseAt: () => 'hold', lag: createLagLog(), box: 'b', worker: 0 });
  recorder.on({ vuId: 0, joinProtocol: 'hls', event: player('hls', { ...WATCHED, playedMs: 1000.0004 }) });
  for (const tick of recorder.takeTick(1000, true)) addTick(totals, tick);
  expect(totals.counters.get('played_ms|hold|hls')).toBe(1_000_000);
});
