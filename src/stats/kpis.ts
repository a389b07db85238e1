/** Ids of the rows of the gate; a profile names those that its load can fill. */
export const KPI_IDS = [
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
  'viewers_joined',
  'viewers_lost',
  'ready_root',
  'ready_chat',
  'ready_streaming',
  'join_chat',
  'join_streaming',
  'chat_delivery_ratio',
  'chat_echo_ratio',
  'chat_delivery_p95',
  'api_success',
  'api_5xx_rate',
  'api_read_p95',
  'api_read_p99',
  'api_write_p95',
  'api_write_p99',
] as const;

export type KpiId = (typeof KPI_IDS)[number];

export function isKpiId(id: string): id is KpiId {
  return (KPI_IDS as readonly string[]).includes(id);
}
