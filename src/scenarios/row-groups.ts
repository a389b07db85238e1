import type { Profile, StageRole } from './profile.js';

/**
 * Ids of the gate's rows (src/stats/kpis.ts) in groups, so that a profile names what its load fills and a new row
 * is added in one place. What a run of a profile is too small or too short for is left out by its plan
 * (src/run/exempt-rows.ts), not here.
 */

/** What the player shows: any load with viewers. */
export const MEDIA_ROWS: readonly string[] = [
  'first_frame_p95_flv',
  'first_frame_p95_hls',
  'stream_start_success',
  'rebuffer_rate_per_second',
  'rebuffer_rate_per_segment',
  'rebuffer_ratio',
  'frozen_ratio',
  'replayed_ratio',
  'latency_p95_flv',
  'latency_p95_hls',
  'frame_drop_rate',
  'segment_generation_p95',
  'media_received',
];

/** Coming in and staying: any load with viewers. */
export const SESSION_ROWS: readonly string[] = [
  'viewers_joined',
  'viewers_lost',
  'connections_dropped',
  'ready_root',
  'ready_chat',
  'ready_streaming',
  'join_root',
  'join_chat',
  'join_streaming',
];

/** One viewer's own chat. */
export const ECHO_ROWS: readonly string[] = ['chat_echo_ratio'];

/** Chat that others receive: two viewers at least. */
export const DELIVERY_ROWS: readonly string[] = ['chat_delivery_ratio', 'chat_delivery_p95'];

/** Calls that any viewer makes often enough. */
export const API_ROWS: readonly string[] = ['api_success', 'api_5xx_rate', 'api_read_p95'];

/** Calls that need many viewers, or much time. */
export const BUSY_API_ROWS: readonly string[] = ['api_read_p99', 'api_write_p95'];

/** Calls that need hundreds of viewers. */
export const MANY_API_ROWS: readonly string[] = ['api_write_p99'];

/** Rows of the platform's own meters that any load means something to. */
export const PLATFORM_ROWS: readonly string[] = [
  'memory_used',
  'swap_used',
  'srs_memory',
  'node_heap',
  'redis_memory',
  'nginx_5xx_rate',
  'srs_frame_drops',
  'room_accuracy',
  'orphaned_connections',
];

/** Strategy 2.2, scenario 1 and 5.1: what 500 viewers who stay must show. */
export const CAPACITY_ROWS: readonly string[] = [
  'join_failures',
  'ccu_sustained',
  'connections_held',
  'sessions_held',
  'cpu_max',
  'redis_evictions',
];

/** Strategy 2.2, scenario 2. */
export const SPIKE_ROWS: readonly string[] = [
  'spike_5xx',
  'spike_first_frame_p95',
  'spike_start_success',
  'spike_api_return',
  'spike_join_return',
  'spike_cpu_return',
  'spike_heap_return',
  'spike_memory_return',
];

/** Strategy 2.2, scenario 3. */
export const SOAK_ROWS: readonly string[] = [
  'ccu_sustained_soak',
  'rebuffer_sustained',
  'api_read_growth',
  'latency_growth_flv',
  'latency_growth_hls',
  'cpu_mean',
  'memory_growth',
  'descriptor_growth',
  'pool_growth',
  'pool_exhausted',
  'pg_cache_hits',
  'pg_deadlocks',
];

/** Strategy 1.4: 50 messages a second. */
export const BURST_ROWS: readonly string[] = ['chat_throughput', 'chat_burst_delivery', 'chat_burst_p95'];

/** Every row that a load with both protocols, chat and products fills within a minute. */
export const VIEWER_ROWS: readonly string[] = [
  ...MEDIA_ROWS,
  ...SESSION_ROWS,
  ...DELIVERY_ROWS,
  ...ECHO_ROWS,
  ...API_ROWS,
  ...BUSY_API_ROWS,
];

/** Every row that hundreds of viewers fill in a quarter of an hour. */
export const SCENARIO_ROWS: readonly string[] = [...VIEWER_ROWS, ...MANY_API_ROWS, ...PLATFORM_ROWS];

/** What a load that somebody drew can fill; rows that it is too small or too short for are left out by its plan. */
export function rowsOfLoad({
  stages,
  faults = [],
}: Pick<Profile, 'stages' | 'steps' | 'faults'>): readonly string[] {
  const has = (role: StageRole): boolean => stages.some((stage) => stage.role === role);
  return [
    ...SCENARIO_ROWS,
    ...(has('spike') ? SPIKE_ROWS : []),
    ...(has('burst') ? BURST_ROWS : []),
    ...(faults.length > 0 ? RECOVERY_ROWS : []),
  ];
}

/** What faults leave behind; those whose fault a profile does not make are left out of its run. */
export const RECOVERY_ROWS: readonly string[] = [
  'recovered_network',
  'resumed_publisher',
  'media_answers_again',
  'resumed_media',
  'rooms_repopulated',
  'socket_reconnect_p95',
  'stream_ended_heard',
  'stream_states',
];
