/**
 * The closed sets that metrics are divided by. What the platform sends never becomes a key; a value outside of its
 * set counts as `other`.
 */
export const START_FAILURES = [
  'refused',
  'http_status',
  'not_a_playlist',
  'media_error',
  'no_data',
  'cut',
  'no_video',
  'stopped',
];
export const NAMESPACES = ['root', 'chat', 'streaming'];
export const SOCKET_FAILURES = ['connect_error', 'ready_timeout', 'auth_refused', 'join_timeout', 'gave_up'];
export const MEDIA_REQUESTS = ['master', 'playlist', 'segment'];
/** What a viewer had asked for when it got a 5xx. */
export const SERVER_ERRORS = ['api', 'flv', 'master', 'playlist', 'segment'];
export const MEDIA_OUTCOMES = ['ok', 'not_found', 'http_status', 'timeout', 'network'];
export const MEDIA_ERRORS = [
  'flv_header',
  'flv_tag_type',
  'flv_tag_size',
  'flv_stream_id',
  'flv_trailer',
  'flv_time_jump',
  'flv_codec',
  'ts_sync',
  'ts_continuity',
  'ts_no_pat',
  'ts_no_pmt',
  'ts_pes',
  'ts_length',
  'ts_no_keyframe',
  'nal_length',
  'encrypted',
  'unknown_codec',
];
export const PLAYLIST_ERRORS = [
  'http_status',
  'not_m3u8',
  'no_target_duration',
  'mismatch',
  'empty',
  'bad_segment',
  'too_large',
  'network',
];
export const CAPTURE_SOURCES = ['stamp', 'misb', 'obs', 'pic_timing', 'pdt'];
export const API_OUTCOMES = [
  'ok',
  'business',
  'throttled',
  'proxy_limit',
  'server_fault',
  'renewed',
  'unauthorized',
  'client_fault',
  'absent',
  'bad_body',
  'timeout',
  'network',
];
export const BUSINESS_REFUSALS = [
  'sold_out',
  'insufficient_stock',
  'cart_empty',
  'cart_expired',
  'not_available',
];
export const API_CALLS = [
  'products',
  'cart_add',
  'cart_get',
  'cart_clear',
  'order_create',
  'stream_status',
  'notices',
  'me',
  'config',
  'featured_product',
  'csrf',
  'refresh',
];

export const TOKEN_OUTCOMES = ['ok', 'minted', 'refused', 'refused_at_start', 'failed', 'no_token'];

/** Every pair `a_b` of two closed sets. */
export function pairs(left: readonly string[], right: readonly string[]): string[] {
  return left.flatMap((a) => right.map((b) => `${a}_${b}`));
}

/** What planned faults break; what is none of these is `other` anyway. */
export const FAULT_CLASSES = ['network', 'publisher', 'media'];
/** The same where it is a part of a label. */
export const ALL_FAULT_CLASSES = [...FAULT_CLASSES, 'other'];
