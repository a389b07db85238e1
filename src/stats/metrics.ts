import type { ViewerEvent } from '../events.js';
import {
  ALL_FAULT_CLASSES,
  API_CALLS,
  API_OUTCOMES,
  BUSINESS_REFUSALS,
  CAPTURE_SOURCES,
  FAULT_CLASSES,
  MEDIA_ERRORS,
  MEDIA_OUTCOMES,
  MEDIA_REQUESTS,
  NAMESPACES,
  PLAYLIST_ERRORS,
  pairs,
  SERVER_ERRORS,
  SOCKET_FAILURES,
  START_FAILURES,
  TOKEN_OUTCOMES,
} from './label-sets.js';

/**
 * The one table of everything that is measured. A metric that is not here does not exist; docs/metrics.md is
 * printed from it. Names are snake_case with the unit last.
 *
 * Spans are *stored* as whole microseconds (see `storedPerUnit`), so that sums stay exact in any order of
 * merging; they are *shown* in the unit of the name.
 */
export type MetricKind = 'counter' | 'histogram' | 'gauge';
export type MetricUnit = 'ms' | 'bytes' | 'count';
export type EventKind = ViewerEvent['kind'];

/** Who feeds a metric: viewer events, the worker about itself, or the recorder about its own samples. */
export type Feeder = readonly EventKind[] | 'worker' | 'recorder';

export interface MetricSpec {
  readonly kind: MetricKind;
  readonly unit: MetricUnit;
  /** Kept apart for hls and flv; `join` = by the protocol the viewer joined with. */
  readonly by?: 'protocol' | 'join';
  /** Closed set that the metric is divided by; anything else counts as `other`. */
  readonly labels?: readonly string[];
  /** How a gauge of several workers is read as one number. */
  readonly across?: 'sum' | 'max';
  readonly fedBy: Feeder;
  readonly meaning: string;
}

/** Histograms hold 0 to this many ms; longer samples are clamped and counted. */
export const HISTOGRAM_MAX_MS = 3_600_000;

/** The label of everything that is not in a metric's closed set. */
export const OTHER_LABEL = 'other';

type Row<K extends MetricKind> = MetricSpec & { readonly kind: K };
type Extra = Pick<MetricSpec, 'by' | 'labels'>;

function span(fedBy: Feeder, meaning: string, extra: Extra = {}): Row<'histogram'> {
  return { kind: 'histogram', unit: 'ms', fedBy, meaning, ...extra };
}

function count(fedBy: Feeder, meaning: string, extra: Extra = {}): Row<'counter'> {
  return { kind: 'counter', unit: 'count', fedBy, meaning, ...extra };
}

function total(unit: 'ms' | 'bytes', fedBy: Feeder, meaning: string, extra: Extra = {}): Row<'counter'> {
  return { kind: 'counter', unit, fedBy, meaning, ...extra };
}

function gauge(unit: MetricUnit, across: 'sum' | 'max', fedBy: Feeder, meaning: string): Row<'gauge'> {
  return { kind: 'gauge', unit, across, fedBy, meaning };
}

const media: Extra = { by: 'protocol' };
function mediaBy(labels: readonly string[]): Extra {
  return { by: 'protocol', labels };
}

const TABLE = {
  // --- starting to watch
  play_attempt_count: count(['play_attempt'], 'attempts to start watching', media),
  first_byte_ms: span(['first_byte'], 'start of the attempt to the first byte of media', media),
  media_ready_ms: span(
    ['media_ready'],
    'start of the attempt to the description of the media: sequence headers (FLV) or the first playlist (HLS)',
    media,
  ),
  first_tag_ms: span(['first_tag'], 'start of the attempt to the first whole tag or packet', media),
  first_keyframe_ms: span(['first_keyframe'], 'start of the attempt to the first keyframe', media),
  first_frame_ms: span(['first_frame'], 'start of the attempt to the first painted picture', media),
  first_frame_count: count(['first_frame'], 'attempts that ended with a picture', media),
  playing_ms: span(['playing'], 'start of the attempt to the `playing` event', media),
  moving_ms: span(['moving'], 'start of the attempt to a picture that moves', media),
  no_video_count: count(['no_video'], 'audio plays and there is no picture at all', media),
  start_failed_count: count(
    ['start_failed'],
    'attempts that failed, by reason; `stopped`: the run ended first',
    mediaBy(START_FAILURES),
  ),
  // --- watching
  played_ms: total('ms', ['watched'], 'time the media clock ran', media),
  played_by_join_ms: total(
    'ms',
    ['watched'],
    'time the media clock ran, by the protocol the viewer joined with',
    { by: 'join' },
  ),
  stalled_ms: total('ms', ['watched'], 'time stalled after playing began', media),
  joining_ms: total('ms', ['watched'], 'time before playing began', media),
  micro_wait_ms: total('ms', ['watched'], 'time in stalls below 100 ms', media),
  seeking_ms: total('ms', ['watched'], 'time in jumps of the playhead below 100 ms', media),
  ended_ms: total(
    'ms',
    ['watched'],
    'time after the end of the media or of a player that never played; with joining, played, stalled, micro-waits and seeking it makes up all of the time with a player',
    media,
  ),
  frozen_ms: total('ms', ['watched'], 'time the picture stood still while the media clock ran', media),
  replayed_ms: total('ms', ['watched'], 'time spent on media that had been shown before', media),
  received_bytes: total('bytes', ['watched'], 'bytes of media', media),
  frame_count: count(['watched'], 'video frames that arrived', media),
  missing_frame_count: count(
    ['watched'],
    'video frames that never arrived although their neighbours did: of each viewer and second the larger of the two below',
    media,
  ),
  missing_by_number_count: count(['watched'], 'gaps in the frame numbers of the capture stamps', media),
  missing_by_time_count: count(
    ['watched'],
    'gaps in the timestamps, in frames: steps longer than one and a half usual ones',
    media,
  ),
  numbered_frame_count: count(
    ['watched'],
    'video frames of the seconds in which a frame had a number',
    media,
  ),
  segment_count: count(['watched'], 'HLS segments received', media),
  tag_count: count(['watched'], 'FLV tags received', media),
  rebuffer_count: count(['rebuffer_started'], 'stalls of 100 ms and more after playing began', media),
  rebuffer_span_ms: span(['rebuffer_ended'], 'length of a rebuffer', media),
  rebuffer_cut_off_count: count(
    ['rebuffer_ended'],
    'rebuffers that were still running when the viewer left',
    media,
  ),
  tainted_rebuffer_count: count(
    ['rebuffer_ended'],
    "rebuffers that our own event-loop lag may have made: not the platform's for sure",
    media,
  ),
  tainted_viewer_ms: total(
    'ms',
    ['rebuffer_ended'],
    'rebuffered time that our own event-loop lag may have made',
    media,
  ),
  micro_wait_span_ms: span(['micro_wait'], 'stalls below 100 ms; no rebuffers', media),
  frozen_span_ms: span(
    ['frozen'],
    'length of a frozen picture above 150 ms, or above two usual steps of a stream of fewer than 10 pictures a second',
    media,
  ),
  seek_count: count(
    ['seek'],
    'jumps of the playhead, by cause',
    mediaBy(['drift', 'chaser', 'jumper', 'window', 'hole', 'restart', 'reload']),
  ),
  skipped_ms: total('ms', ['seek'], 'media jumped over', media),
  seek_back_ms: total('ms', ['seek'], 'media jumped back', media),
  latency_ms: span(['latency'], 'glass to glass: capture of the picture to its showing', media),
  latency_uncertainty_ms: span(
    ['latency'],
    'greatest error of a glass-to-glass sample by the difference of the two clocks; 0 = one clock',
    media,
  ),
  latency_unknown_clock_count: count(
    ['latency'],
    'glass-to-glass samples whose capture time is on a clock that nobody compared with ours',
    media,
  ),
  latency_by_source_ms: span(
    ['latency'],
    'glass to glass by where the capture time came from',
    mediaBy(CAPTURE_SOURCES),
  ),
  latency_source_count: count(
    ['latency'],
    'latency samples by where the capture time came from',
    mediaBy(CAPTURE_SOURCES),
  ),
  capture_frame_count: count(
    ['watched'],
    'video frames by where their capture time came from; `unknown`: nothing told it',
    mediaBy([...CAPTURE_SOURCES, 'unknown']),
  ),
  clock_warning_count: count(
    ['clock_warning'],
    'latency samples that would be negative: the picture was captured in the future of this machine, so the clocks differ; by where the capture time came from',
    mediaBy(CAPTURE_SOURCES),
  ),
  clock_ahead_ms: span(['clock_warning'], 'how far in the future such a picture was captured', media),
  arrival_ms: span(
    ['arrived'],
    'capture of a picture that says when to its last byte at our socket; pictures captured before the media was asked for are left out',
    media,
  ),
  segment_listing_ms: span(
    ['segment_listed'],
    "capture of a segment's keyframe to the first list in which any viewer of a worker saw the segment; one sample per segment and worker",
    { by: 'protocol' },
  ),
  arrival_before_capture_count: count(
    ['arrived'],
    'pictures whose bytes came before they were captured, by more than the clocks may differ: a clock is wrong',
    media,
  ),
  // --- after planned faults
  fault_faced_count: count(
    ['fault_faced'],
    'viewers that watched when a planned fault began, by what it broke',
    { labels: FAULT_CLASSES },
  ),
  recovered_ms: span(
    ['recovered'],
    'end of a planned fault to a moving picture and a socket round trip, whichever came later',
    { labels: FAULT_CLASSES },
  ),
  recovered_in_time_count: count(['recovered'], 'viewers for which that took 5 s at most', {
    labels: FAULT_CLASSES,
  }),
  not_recovered_count: count(
    ['not_recovered'],
    'viewers that were not back 30 s after a planned fault, or were lost by it, by what was missing',
    { labels: pairs(ALL_FAULT_CLASSES, ['picture', 'socket', 'both']) },
  ),
  picture_back_ms: span(
    ['picture_back'],
    'end of a planned fault to a picture that moves, with media that came since',
    { labels: FAULT_CLASSES },
  ),
  picture_back_in_time_count: count(['picture_back'], 'viewers for which that took 10 s at most', {
    labels: FAULT_CLASSES,
  }),
  picture_not_back_count: count(['picture_not_back'], 'viewers without such a picture within 30 s', {
    labels: FAULT_CLASSES,
  }),
  socket_back_ms: span(
    ['socket_back'],
    'end of a planned fault to a socket round trip with all rooms joined',
    { labels: FAULT_CLASSES },
  ),
  media_back_ms: span(['media_back'], '*begin* of a planned fault to the first media after it was mended', {
    labels: FAULT_CLASSES,
  }),
  media_not_back_ms: span(
    ['media_not_back'],
    '*begin* of a planned fault to when a viewer was looked at for the last time, still without any media',
    { labels: FAULT_CLASSES },
  ),
  room_back_ms: span(
    ['room_back'],
    'end of a planned fault to the first proof that a viewer is in its room: its join was confirmed, or it heard what went to the room',
    { labels: pairs(ALL_FAULT_CLASSES, NAMESPACES) },
  ),
  room_back_in_time_count: count(['room_back'], 'rooms of viewers for which that took 15 s at most', {
    labels: pairs(ALL_FAULT_CLASSES, NAMESPACES),
  }),
  room_not_back_count: count(
    ['room_not_back'],
    'rooms that viewers were in before a planned fault, without a proof within 30 s after it',
    { labels: pairs(ALL_FAULT_CLASSES, NAMESPACES) },
  ),
  room_faced_count: count(['room_faced'], 'rooms that viewers were in when a planned fault began', {
    labels: pairs(ALL_FAULT_CLASSES, NAMESPACES),
  }),
  room_excused_count: count(
    ['room_excused'],
    'those of them that tell nothing: their viewer joins them for others to hear, or its page broke',
    { labels: pairs(ALL_FAULT_CLASSES, NAMESPACES) },
  ),
  stream_end_faced_count: count(
    ['stream_end_faced'],
    'viewers that watched when the publisher went for longer than the platform waits: those in the room, and those that ask for the status',
    { labels: ['room', 'observer'] },
  ),
  reconnect_after_fault_ms: span(
    ['reconnected_after_fault'],
    'loss of a connection in a planned fault (or the end of the fault, if that was later) to all its rooms joined again',
    { labels: FAULT_CLASSES },
  ),
  stream_end_judged_count: count(
    ['stream_end_judged'],
    'viewers that heard, or missed, `stream:ended` after the publisher was gone for longer than the grace',
    { labels: ['heard', 'missed'] },
  ),
  stream_state_judged_count: count(
    ['stream_state_judged'],
    'changes of the stream that observers saw, or missed: OFFLINE while the publisher was gone, LIVE after its return',
    { labels: ['offline_seen', 'offline_missed', 'live_seen', 'live_missed'] },
  ),
  stream_state_ms: span(
    ['stream_state_judged'],
    'loss of the publisher to OFFLINE, its return to LIVE, as observers saw it',
    { labels: ['offline', 'live'] },
  ),
  // --- what went wrong with media
  media_error_count: count(
    ['media_error'],
    'bytes that are not what the container promises',
    mediaBy(MEDIA_ERRORS),
  ),
  playlist_error_count: count(['playlist_error'], 'playlists that cannot be used', mediaBy(PLAYLIST_ERRORS)),
  media_request_count: count(
    ['media_request'],
    'media requests by kind and outcome',
    mediaBy(pairs(MEDIA_REQUESTS, MEDIA_OUTCOMES)),
  ),
  media_request_ms: span(
    ['media_request'],
    'a media request from asking to its last byte',
    mediaBy(MEDIA_REQUESTS),
  ),
  media_ttfb_ms: span(
    ['media_request'],
    'a media request from asking to its first byte',
    mediaBy(MEDIA_REQUESTS),
  ),
  playlist_stale_count: count(['playlist_stale'], 'playlists unchanged for three target durations', media),
  sequence_reset_count: count(['sequence_reset'], 'media sequence went back: the publisher restarted', media),
  context_lost_count: count(['context_lost'], 'a media playlist URL that answered with a master', media),
  server_error_count: count(
    ['api_call', 'media_request', 'flv_ended'],
    'answers with a 5xx that viewers got, by what they had asked for; those of a proxy that limits, too',
    { labels: SERVER_ERRORS },
  ),
  segment_expired_count: count(['segment_expired'], 'segments gone before they were fetched', media),
  flv_ended_count: count(
    ['flv_ended'],
    'FLV bodies that ended, by how',
    mediaBy(['clean', 'cut', 'reset', 'http_status', 'network']),
  ),
  player_reload_count: count(
    ['player_reload'],
    'times the page built its player anew',
    mediaBy(['watchdog', 'fatal']),
  ),
  protocol_switch_count: count(
    ['protocol_switched'],
    'viewers that moved to another protocol for good, by cause',
    mediaBy(['network_error', 'http_status', 'cut', 'media_error', 'stalled_out']),
  ),
  player_dead_count: count(
    ['player_dead'],
    'players that will never play again, or that their page gave up',
    mediaBy([...START_FAILURES, 'gave_up', 'ended', 'fatal']),
  ),
  player_back_count: count(['player_back'], 'players that were given up and play all the same', media),
  // --- viewers
  vu_started_count: count(['vu_started'], 'viewers that began to join'),
  vu_joined_count: count(['vu_joined'], 'viewers that watch and are joined everywhere they should be'),
  vu_join_ms: span(['vu_joined'], 'start of a viewer to fully joined'),
  vu_lost_count: count(['vu_lost'], 'viewers whose page broke for good', {
    labels: ['player', 'socket', 'auth', 'internal'],
  }),
  vu_lost_to_fault_count: count(
    ['vu_lost'],
    'those of them that a planned fault broke, which its own rows count as not back',
    { labels: FAULT_CLASSES },
  ),
  player_unmounted_count: count(
    ['player_unmounted'],
    'players that the page took away because the platform said that the stream was over',
    { labels: ['planned', 'unplanned'] },
  ),
  player_mounted_count: count(
    ['player_mounted'],
    'players that came in their place, because it was live again',
  ),
  vu_left_count: count(['vu_left'], 'viewers that left, as planned or because the run was stopped', {
    labels: ['planned', 'stopped'],
  }),
  // --- sockets
  socket_ready_count: count(['socket_ready'], 'namespaces whose own ready event came', {
    labels: NAMESPACES,
  }),
  socket_ready_ms: span(['socket_ready'], 'opening a namespace to its own ready event', {
    labels: NAMESPACES,
  }),
  socket_failed_count: count(['socket_failed'], 'namespaces that did not get ready or joined', {
    labels: pairs(NAMESPACES, SOCKET_FAILURES),
  }),
  join_attempt_count: count(['join_attempt'], 'joins sent', { labels: NAMESPACES }),
  join_confirmed_count: count(['join_confirmed'], 'joins the platform confirmed', { labels: NAMESPACES }),
  join_ms: span(['join_confirmed'], 'sending a join to its confirmation', { labels: NAMESPACES }),
  join_lost_count: count(
    ['join_lost'],
    'joins sent as the page sends them, unheard and never repeated (page behaviour): the lost-join race',
    { labels: NAMESPACES },
  ),
  socket_disconnected_count: count(['socket_disconnected'], 'connections the viewer lost', {
    labels: ['server', 'transport'],
  }),
  socket_down_ms: span(['socket_reconnected'], 'loss of a connection to being back'),
  socket_gave_up_count: count(['socket_gave_up'], 'viewers whose reconnect attempts were used up'),
  socket_error_count: count(['socket_error'], 'error events of the platform, by code', {
    labels: ['rate_limit', 'invalid_message', 'auth', 'internal'],
  }),
  socket_garbage_count: count(['socket_garbage'], 'payloads without the agreed shape', {
    labels: NAMESPACES,
  }),
  // --- chat and notices
  chat_sent_count: count(['chat_sent'], 'messages sent'),
  chat_expected_count: count(
    ['chat_sent', 'chat_expected_far'],
    'deliveries expected at other viewers of this run',
  ),
  chat_not_sent_count: count(['chat_not_sent'], 'messages due while the viewer was not in the room'),
  chat_echo_count: count(['chat_echo'], 'own messages that came back to their sender'),
  chat_echo_ms: span(['chat_echo'], 'sending to the own echo'),
  chat_echo_since_due_ms: span(['chat_echo'], 'the same from when the message was due'),
  chat_echo_lost_count: count(['chat_echo_lost'], 'own messages that never came back'),
  chat_delivered_count: count(['chat_delivered'], 'deliveries at other viewers'),
  chat_delivery_ms: span(['chat_delivered'], 'sending to arrival at another viewer'),
  chat_delivery_since_due_ms: span(['chat_delivered'], 'the same from when the message was due'),
  chat_foreign_count: count(['chat_foreign'], 'messages of people outside this run'),
  viewer_count_notice_count: count(['viewer_count'], 'viewer counts the platform announced'),
  platform_viewers_count: gauge(
    'count',
    'max',
    ['viewer_count'],
    'viewers as the platform last announced them',
  ),
  product_notice_count: count(['product_event'], 'product and stock notices'),
  stream_ended_notice_count: count(['stream_ended_notice'], 'notices that the stream ended'),
  // --- shop
  api_outcome_count: count(['api_call'], 'REST calls by outcome', { labels: API_OUTCOMES }),
  api_call_count: count(['api_call'], 'REST calls by call', { labels: API_CALLS }),
  api_failed_call_count: count(
    ['api_call'],
    'REST calls that ended neither ok nor as a business refusal nor absent, nor were mended by a new token, by call',
    { labels: API_CALLS },
  ),
  business_refusal_count: count(
    ['api_call'],
    'answers of a working shop to a late buyer, by which: no fault of anybody',
    { labels: BUSINESS_REFUSALS },
  ),
  api_read_ms: span(
    ['api_call'],
    'a read that was answered or timed out, from sending; token refreshes are kept apart',
  ),
  api_read_since_due_ms: span(['api_call'], 'the same from when the read was due'),
  api_write_ms: span(
    ['api_call'],
    'a write that was answered or timed out, from sending; token refreshes are kept apart',
  ),
  api_write_since_due_ms: span(['api_call'], 'the same from when the write was due'),
  token_refresh_count: count(
    ['token_refresh'],
    'new access tokens asked for, by outcome; `minted`: made without the platform, `refused`: the platform signed the viewer out, `refused_at_start`: the token that the account came with had expired and was not renewed, `no_token`: the account had none to ask with',
    { labels: TOKEN_OUTCOMES },
  ),
  token_refresh_ms: span(['token_refresh'], 'asking the platform for a new access token to having it'),
  cart_emptied_count: count(
    ['cart_emptied'],
    'carts that leaving viewers emptied, or could not; a run against its own stage leaves them',
    { labels: ['ok', 'failed'] },
  ),
  order_created_count: count(['order_created'], 'orders created'),
  action_skipped_count: count(
    ['action_skipped'],
    'actions not begun because 26 calls of the viewer were unanswered',
  ),
  // --- the generator about itself
  action_late_count: count(['action_late'], 'actions begun more than 50 ms late: our own lateness'),
  action_late_ms: span(['action_late'], 'how late those actions were'),
  event_loop_delay_ms: span('worker', "delay of a worker's event loop, sampled"),
  event_loop_delay_p99_ms: gauge(
    'ms',
    'max',
    'recorder',
    "99th percentile of a worker's event-loop delay over one tick",
  ),
  local_failure_count: count(
    'worker',
    'sockets that this machine had no descriptors, ports or memory for: never the fault of the platform',
  ),
  not_allowed_count: count(
    'worker',
    'sockets that our own allow list did not let open: a redirect, a playlist or a name leads to a host that is not named with --allow-target',
  ),
  lagged_viewer_ms: total(
    'ms',
    'worker',
    'viewer-time that an event loop held up for more than 30 ms touched: viewers of the thread times its length',
  ),
  generator_cpu_ms: total('ms', 'worker', 'CPU time of the generator process; one worker reports it for all'),
  rss_bytes: gauge('bytes', 'max', 'worker', 'resident memory of the generator process'),
  capture_clock_step_ms: span(
    'worker',
    "by how much the publisher's clock or ours was set during the run, as an absolute value; one worker reports it",
  ),
  clock_jump_ms: gauge(
    'ms',
    'max',
    'worker',
    'how far the wall clock moved against the monotonic one within a tick, as an absolute value',
  ),
  vus_active_count: gauge('count', 'sum', 'worker', 'viewers that are on the platform now'),
  vus_joined_count: gauge('count', 'sum', 'worker', 'viewers that are fully joined now'),
  vus_watching_count: gauge('count', 'sum', 'worker', 'viewers whose player has a picture now'),
  connections_open_count: gauge(
    'count',
    'sum',
    'worker',
    'viewers whose Socket.IO connection carries a ready namespace now',
  ),
  sessions_open_count: gauge('count', 'sum', 'worker', 'namespaces of viewers that are ready now'),
  root_sessions_open_count: gauge('count', 'sum', 'worker', 'viewers whose namespace `/` is ready now'),
  chat_sessions_open_count: gauge('count', 'sum', 'worker', 'viewers whose namespace `/chat` is ready now'),
  streaming_sessions_open_count: gauge(
    'count',
    'sum',
    'worker',
    'viewers whose namespace `/streaming` is ready now',
  ),
  vus_rebuffering_count: gauge('count', 'sum', 'worker', 'viewers whose player rebuffers now'),
  vus_frozen_count: gauge(
    'count',
    'sum',
    'worker',
    'viewers whose picture stands still now although the media clock runs',
  ),
  unknown_event_count: count('recorder', 'events without a known kind or protocol: our own fault'),
} as const satisfies Record<string, MetricSpec>;

/** The broken-probe counters are divided by the metrics above. */
const BROKEN = {
  refused_sample_count: count(
    'recorder',
    'samples that are no number, infinite or negative, by metric: a broken probe',
    { labels: Object.keys(TABLE) },
  ),
  clamped_sample_count: count('recorder', `samples above ${HISTOGRAM_MAX_MS} ms, held as that, by metric`, {
    labels: Object.keys(TABLE),
  }),
} as const satisfies Record<string, MetricSpec>;

export type MetricName = keyof typeof TABLE | keyof typeof BROKEN;

export const METRICS: Readonly<Record<MetricName, MetricSpec>> = { ...TABLE, ...BROKEN };

type NamesOf<K extends MetricKind> = {
  [N in MetricName]: (typeof TABLE & typeof BROKEN)[N]['kind'] extends K ? N : never;
}[MetricName];

export type CounterName = NamesOf<'counter'>;
export type HistogramName = NamesOf<'histogram'>;
export type GaugeName = NamesOf<'gauge'>;

/** Gauges that the worker sets with `recorder.gauge`. */
export type OwnGaugeName =
  | 'vus_active_count'
  | 'vus_joined_count'
  | 'vus_watching_count'
  | 'vus_rebuffering_count'
  | 'connections_open_count'
  | 'sessions_open_count'
  | 'root_sessions_open_count'
  | 'chat_sessions_open_count'
  | 'streaming_sessions_open_count'
  | 'vus_frozen_count'
  | 'rss_bytes'
  | 'clock_jump_ms';
/** Counters that the worker adds to with `recorder.count`, in the unit of their names. */
export type OwnCounterName =
  | 'generator_cpu_ms'
  | 'lagged_viewer_ms'
  | 'local_failure_count'
  | 'not_allowed_count';
/** Histograms that the worker samples with `recorder.observe`, in ms. */
export type OwnHistogramName = 'event_loop_delay_ms' | 'capture_clock_step_ms';

export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];

/** Whole stored units per shown unit: spans are stored in microseconds. */
export function storedPerUnit(unit: MetricUnit): number {
  return unit === 'ms' ? 1000 : 1;
}

/** The labels a key of this metric may carry; undefined for a metric that is not divided. */
export function labelsOf(spec: MetricSpec): readonly string[] | undefined {
  return spec.labels === undefined ? undefined : [...spec.labels, OTHER_LABEL];
}
