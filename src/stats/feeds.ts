import type { ApiOutcome, ViewerEvent } from '../events.js';
import type { Namespace } from '../seams.js';
import type { CounterName, EventKind, GaugeName, HistogramName } from './metrics.js';
import { IN_TIME_MS } from './recovery-bounds.js';

/** Where a feed puts its numbers; phase and protocol of the event are known to it already. */
export interface FeedSink {
  /** Adds to a counter, in the metric's own unit. */
  add(metric: CounterName, value: number, label?: string): void;
  /** Adds a sample in ms. */
  sample(metric: HistogramName, valueMs: number, label?: string): void;
  gauge(metric: GaugeName, value: number): void;
  /** A rebuffer is over: how much of it is ours is known a little later. */
  rebufferEnded(startedAtMs: number, durationMs: number): void;
  /** A viewer saw a segment listed; who saw it first is known a little later. */
  listed(captureEpochMs: number, afterMs: number): void;
}

type EventOf<K extends EventKind> = Extract<ViewerEvent, { readonly kind: K }>;
type Feeds = { readonly [K in EventKind]: (event: EventOf<K>, to: FeedSink) => void };

/** A namespace as a label. */
function label(namespace: Namespace): string {
  return namespace === '/' ? 'root' : namespace.slice(1);
}

/**
 * Outcomes whose duration is the platform's time to answer. Refusals by a limit and failed connections are quick
 * or meaningless: they count against success, but must not pull a percentile down.
 */
const TIMED_OUTCOMES: ReadonlySet<ApiOutcome> = new Set([
  'ok',
  'business',
  'server_fault',
  'client_fault',
  'bad_body',
  'timeout',
]);

/** Outcomes that are nobody's failure. */
const GOOD_OUTCOMES: ReadonlySet<ApiOutcome> = new Set(['ok', 'business', 'renewed', 'absent']);

function isServerError(status: number | undefined): boolean {
  return status !== undefined && status >= 500;
}

const MEDIA_OUTCOMES = ['ok', 'not_found', 'http_status', 'timeout', 'network'] as const;

/** Made once: media requests are frequent, and a label must not cost a string. */
const MEDIA_REQUEST_LABELS = new Map(
  (['master', 'playlist', 'segment'] as const).map(
    (what) => [what, new Map(MEDIA_OUTCOMES.map((outcome) => [outcome, `${what}_${outcome}`]))] as const,
  ),
);

/** Every event kind and what it feeds. The compiler refuses a kind that is missing here. */
export const FEEDS: Feeds = {
  play_attempt: (_, to) => to.add('play_attempt_count', 1),
  first_byte: (e, to) => to.sample('first_byte_ms', e.sinceStartMs),
  media_ready: (e, to) => to.sample('media_ready_ms', e.sinceStartMs),
  first_tag: (e, to) => to.sample('first_tag_ms', e.sinceStartMs),
  first_keyframe: (e, to) => to.sample('first_keyframe_ms', e.sinceStartMs),
  first_frame: (e, to) => {
    to.add('first_frame_count', 1);
    to.sample('first_frame_ms', e.sinceStartMs);
  },
  playing: (e, to) => to.sample('playing_ms', e.sinceStartMs),
  moving: (e, to) => to.sample('moving_ms', e.sinceStartMs),
  no_video: (_, to) => to.add('no_video_count', 1),
  start_failed: (e, to) => to.add('start_failed_count', 1, e.reason),
  rebuffer_started: (_, to) => to.add('rebuffer_count', 1),
  rebuffer_ended: (e, to) => {
    to.sample('rebuffer_span_ms', e.durationMs);
    if (e.cutOff) to.add('rebuffer_cut_off_count', 1);
    to.rebufferEnded(e.startedAtMs, e.durationMs);
  },
  micro_wait: (e, to) => to.sample('micro_wait_span_ms', e.durationMs),
  frozen: (e, to) => to.sample('frozen_span_ms', e.durationMs),
  seek: (e, to) => {
    to.add('seek_count', 1, e.cause);
    to.add('skipped_ms', e.skippedMs);
    to.add('seek_back_ms', e.replayedMs);
  },
  watched: (e, to) => {
    to.add('played_ms', e.playedMs);
    to.add('played_by_join_ms', e.playedMs);
    to.add('stalled_ms', e.stalledMs);
    to.add('joining_ms', e.joiningMs);
    to.add('micro_wait_ms', e.microWaitMs);
    to.add('seeking_ms', e.seekingMs);
    to.add('ended_ms', e.endedMs);
    to.add('frozen_ms', e.frozenMs);
    to.add('replayed_ms', e.replayedMs);
    to.add('received_bytes', e.bytes);
    to.add('frame_count', e.frames);
    to.add('missing_frame_count', e.missingFrames);
    to.add('missing_by_time_count', e.missingByTime);
    if (e.missingByNumber !== undefined) {
      to.add('missing_by_number_count', e.missingByNumber);
      to.add('numbered_frame_count', e.frames);
    }
    for (const source in e.framesBySource) {
      to.add('capture_frame_count', e.framesBySource[source as keyof typeof e.framesBySource] ?? 0, source);
    }
    to.add('segment_count', e.segments);
    to.add('tag_count', e.tags);
  },
  latency: (e, to) => {
    to.sample('latency_ms', e.latencyMs);
    to.sample('latency_by_source_ms', e.latencyMs, e.source);
    to.add('latency_source_count', 1, e.source);
    if (e.clockUncertaintyMs === undefined) to.add('latency_unknown_clock_count', 1);
    else to.sample('latency_uncertainty_ms', e.clockUncertaintyMs);
  },
  arrived: (e, to) => {
    for (const latencyMs of e.latenciesMs) to.sample('arrival_ms', latencyMs);
    if (e.beforeCapture > 0) to.add('arrival_before_capture_count', e.beforeCapture);
  },
  segment_listed: (e, to) => to.listed(e.captureEpochMs, e.listedAfterMs),
  clock_warning: (e, to) => {
    to.add('clock_warning_count', 1, e.source);
    to.sample('clock_ahead_ms', e.aheadMs);
  },
  media_error: (e, to) => to.add('media_error_count', 1, e.code),
  playlist_error: (e, to) => to.add('playlist_error_count', 1, e.code),
  media_request: (e, to) => {
    to.add('media_request_count', 1, MEDIA_REQUEST_LABELS.get(e.what)?.get(e.outcome));
    to.sample('media_request_ms', e.durationMs, e.what);
    if (e.ttfbMs !== undefined) to.sample('media_ttfb_ms', e.ttfbMs, e.what);
    if (isServerError(e.status)) to.add('server_error_count', 1, e.what);
  },
  playlist_stale: (_, to) => to.add('playlist_stale_count', 1),
  sequence_reset: (_, to) => to.add('sequence_reset_count', 1),
  context_lost: (_, to) => to.add('context_lost_count', 1),
  segment_expired: (_, to) => to.add('segment_expired_count', 1),
  flv_ended: (e, to) => {
    to.add('flv_ended_count', 1, e.how);
    if (isServerError(e.status)) to.add('server_error_count', 1, 'flv');
  },
  player_reload: (e, to) => to.add('player_reload_count', 1, e.cause),
  protocol_switched: (e, to) => to.add('protocol_switch_count', 1, e.cause),
  player_dead: (e, to) => to.add('player_dead_count', 1, e.reason),
  player_back: (_, to) => to.add('player_back_count', 1),

  vu_started: (_, to) => to.add('vu_started_count', 1),
  vu_joined: (e, to) => {
    to.add('vu_joined_count', 1);
    to.sample('vu_join_ms', e.sinceStartMs);
  },
  vu_lost: (e, to) => {
    to.add('vu_lost_count', 1, e.reason);
    if (e.fault !== undefined) to.add('vu_lost_to_fault_count', 1, e.fault);
  },
  player_unmounted: (e, to) => to.add('player_unmounted_count', 1, e.planned ? 'planned' : 'unplanned'),
  player_mounted: (_, to) => to.add('player_mounted_count', 1),
  vu_left: (e, to) => to.add('vu_left_count', 1, e.reason),
  socket_ready: (e, to) => {
    to.add('socket_ready_count', 1, label(e.namespace));
    to.sample('socket_ready_ms', e.sinceOpenMs, label(e.namespace));
  },
  socket_failed: (e, to) => to.add('socket_failed_count', 1, `${label(e.namespace)}_${e.reason}`),
  join_attempt: (e, to) => to.add('join_attempt_count', 1, label(e.namespace)),
  join_confirmed: (e, to) => {
    to.add('join_confirmed_count', 1, label(e.namespace));
    to.sample('join_ms', e.sinceAttemptMs, label(e.namespace));
  },
  join_lost: (e, to) => to.add('join_lost_count', 1, label(e.namespace)),
  socket_disconnected: (e, to) => to.add('socket_disconnected_count', 1, e.reason),
  socket_reconnected: (e, to) => to.sample('socket_down_ms', e.downMs),
  socket_gave_up: (_, to) => to.add('socket_gave_up_count', 1),
  socket_error: (e, to) => to.add('socket_error_count', 1, e.code),
  socket_garbage: (e, to) => to.add('socket_garbage_count', 1, label(e.namespace)),

  chat_sent: (e, to) => {
    to.add('chat_sent_count', 1);
    to.add('chat_expected_count', e.expectedOthers);
  },
  chat_expected_far: (e, to) => to.add('chat_expected_count', e.count),
  chat_not_sent: (_, to) => to.add('chat_not_sent_count', 1),
  chat_echo: (e, to) => {
    to.add('chat_echo_count', 1);
    to.sample('chat_echo_ms', e.deliveryMs);
    to.sample('chat_echo_since_due_ms', e.sinceDueMs);
  },
  chat_delivered: (e, to) => {
    to.add('chat_delivered_count', 1);
    to.sample('chat_delivery_ms', e.deliveryMs);
    to.sample('chat_delivery_since_due_ms', e.sinceDueMs);
  },
  chat_echo_lost: (_, to) => to.add('chat_echo_lost_count', 1),
  chat_foreign: (_, to) => to.add('chat_foreign_count', 1),
  viewer_count: (e, to) => {
    to.add('viewer_count_notice_count', 1);
    to.gauge('platform_viewers_count', e.count);
  },
  product_event: (_, to) => to.add('product_notice_count', 1),
  stream_ended_notice: (_, to) => to.add('stream_ended_notice_count', 1),

  api_call: (e, to) => {
    to.add('api_outcome_count', 1, e.outcome);
    to.add('api_call_count', 1, e.call);
    if (isServerError(e.status)) to.add('server_error_count', 1, 'api');
    if (e.refusal !== undefined) to.add('business_refusal_count', 1, e.refusal);
    if (!GOOD_OUTCOMES.has(e.outcome)) to.add('api_failed_call_count', 1, e.call);
    // Refreshes are the page's own: they would thin out the few writes that people wait for.
    if (!TIMED_OUTCOMES.has(e.outcome) || e.call === 'refresh') return;
    to.sample(e.write ? 'api_write_ms' : 'api_read_ms', e.durationMs);
    to.sample(e.write ? 'api_write_since_due_ms' : 'api_read_since_due_ms', e.sinceDueMs);
  },
  token_refresh: (e, to) => {
    const isSpent = e.outcome === 'refused' && e.cause === 'start';
    to.add('token_refresh_count', 1, isSpent ? 'refused_at_start' : e.outcome);
    if (e.outcome === 'ok') to.sample('token_refresh_ms', e.durationMs);
  },
  action_late: (e, to) => {
    to.add('action_late_count', 1);
    to.sample('action_late_ms', e.lateMs);
  },
  action_skipped: (_, to) => to.add('action_skipped_count', 1),
  cart_emptied: (e, to) => to.add('cart_emptied_count', 1, e.ok ? 'ok' : 'failed'),
  order_created: (_, to) => to.add('order_created_count', 1),

  fault_faced: (e, to) => to.add('fault_faced_count', 1, e.fault),
  recovered: (e, to) => {
    to.sample('recovered_ms', e.afterMs, e.fault);
    if (e.afterMs <= IN_TIME_MS.recovered) to.add('recovered_in_time_count', 1, e.fault);
  },
  not_recovered: (e, to) => to.add('not_recovered_count', 1, `${e.fault}_${e.missing}`),
  picture_back: (e, to) => {
    to.sample('picture_back_ms', e.afterMs, e.fault);
    if (e.afterMs <= IN_TIME_MS.picture) to.add('picture_back_in_time_count', 1, e.fault);
  },
  picture_not_back: (e, to) => to.add('picture_not_back_count', 1, e.fault),
  socket_back: (e, to) => to.sample('socket_back_ms', e.afterMs, e.fault),
  media_back: (e, to) => to.sample('media_back_ms', e.sinceBegunMs, e.fault),
  media_not_back: (e, to) => to.sample('media_not_back_ms', e.waitedMs, e.fault),
  room_back: (e, to) => {
    const part = `${e.fault}_${label(e.namespace)}`;
    to.sample('room_back_ms', e.afterMs, part);
    if (e.afterMs <= IN_TIME_MS.rooms) to.add('room_back_in_time_count', 1, part);
  },
  room_not_back: (e, to) => to.add('room_not_back_count', 1, `${e.fault}_${label(e.namespace)}`),
  room_faced: (e, to) => to.add('room_faced_count', 1, `${e.fault}_${label(e.namespace)}`),
  room_excused: (e, to) => to.add('room_excused_count', 1, `${e.fault}_${label(e.namespace)}`),
  stream_end_faced: (e, to) => {
    if (e.inRoom) to.add('stream_end_faced_count', 1, 'room');
    if (e.observes) to.add('stream_end_faced_count', 1, 'observer');
  },
  reconnected_after_fault: (e, to) => to.sample('reconnect_after_fault_ms', e.afterMs, e.fault),
  stream_end_judged: (e, to) => to.add('stream_end_judged_count', 1, e.heard ? 'heard' : 'missed'),
  stream_state_judged: (e, to) => {
    to.add('stream_state_judged_count', 1, `${e.to}_${e.seen ? 'seen' : 'missed'}`);
    if (e.afterMs !== undefined) to.sample('stream_state_ms', e.afterMs, e.to);
  },
};

/** Feeds one event; false when its kind is unknown. */
export function feed(event: ViewerEvent, to: FeedSink): boolean {
  if (!Object.hasOwn(FEEDS, event.kind)) return false;
  (FEEDS[event.kind] as (event: ViewerEvent, to: FeedSink) => void)(event, to);
  return true;
}
