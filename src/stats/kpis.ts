import type { Kpi } from './kpi.js';
import { API_5XX_RATE, API_SUCCESS, apiLatency } from './kpi-rows-api.js';
import * as capacity from './kpi-rows-capacity.js';
import { latency, SEGMENT_GENERATION } from './kpi-rows-latency.js';
import {
  FRAME_DROP_RATE,
  FROZEN_RATIO,
  firstFrame,
  REBUFFER_RATE_PER_SECOND,
  REBUFFER_RATE_PER_SEGMENT,
  REBUFFER_RATIO,
  REPLAYED_RATIO,
  STREAM_START,
} from './kpi-rows-media.js';
import * as platform from './kpi-rows-platform.js';
import * as overTime from './kpi-rows-platform-time.js';
import { RECOVERY_KPIS } from './kpi-rows-recovery.js';
import {
  CHAT_DELIVERY_P95,
  CHAT_DELIVERY_RATIO,
  CHAT_ECHO_RATIO,
  CONNECTIONS_DROPPED,
  joined,
  ready,
  VIEWERS_JOINED,
  VIEWERS_LOST,
} from './kpi-rows-session.js';
import * as soak from './kpi-rows-soak.js';
import * as spike from './kpi-rows-spike.js';

/** The rows of the gate, in the order in which they are shown. docs/kpi.md is printed from here. */
const TABLE = {
  first_frame_p95_flv: firstFrame('flv', 3000),
  first_frame_p95_hls: firstFrame('hls', 6000),
  stream_start_success: STREAM_START,
  rebuffer_rate_per_second: REBUFFER_RATE_PER_SECOND,
  rebuffer_rate_per_segment: REBUFFER_RATE_PER_SEGMENT,
  rebuffer_ratio: REBUFFER_RATIO,
  frozen_ratio: FROZEN_RATIO,
  replayed_ratio: REPLAYED_RATIO,
  latency_p95_flv: latency('flv', 3000),
  latency_p95_hls: latency('hls', 8000),
  frame_drop_rate: FRAME_DROP_RATE,
  viewers_joined: VIEWERS_JOINED,
  viewers_lost: VIEWERS_LOST,
  connections_dropped: CONNECTIONS_DROPPED,
  ready_root: ready('root'),
  ready_chat: ready('chat'),
  ready_streaming: ready('streaming'),
  join_root: joined('root'),
  join_chat: joined('chat'),
  join_streaming: joined('streaming'),
  chat_delivery_ratio: CHAT_DELIVERY_RATIO,
  chat_echo_ratio: CHAT_ECHO_RATIO,
  chat_delivery_p95: CHAT_DELIVERY_P95,
  api_success: API_SUCCESS,
  api_5xx_rate: API_5XX_RATE,
  api_read_p95: apiLatency('read', 95, 500),
  api_read_p99: apiLatency('read', 99, 1000),
  api_write_p95: apiLatency('write', 95, 1000),
  api_write_p99: apiLatency('write', 99, 2000),
  segment_generation_p95: SEGMENT_GENERATION,
  ccu_sustained: capacity.CCU_SUSTAINED,
  ccu_sustained_soak: capacity.CCU_SOAK,
  connections_held: capacity.CONNECTIONS_HELD,
  sessions_held: capacity.SESSIONS_HELD,
  join_failures: capacity.JOIN_FAILURES,
  media_received: capacity.MEDIA_RECEIVED,
  chat_throughput: capacity.CHAT_THROUGHPUT,
  chat_burst_delivery: capacity.CHAT_BURST_DELIVERY,
  chat_burst_p95: capacity.CHAT_BURST_P95,
  spike_5xx: spike.SPIKE_5XX,
  spike_first_frame_p95: spike.SPIKE_FIRST_FRAME,
  spike_start_success: spike.SPIKE_START,
  spike_api_return: spike.SPIKE_API_RETURN,
  spike_join_return: spike.SPIKE_JOIN_RETURN,
  rebuffer_sustained: soak.REBUFFER_SUSTAINED,
  api_read_growth: soak.API_READ_GROWTH,
  latency_growth_flv: soak.latencyGrowth('flv'),
  latency_growth_hls: soak.latencyGrowth('hls'),
  ...RECOVERY_KPIS,
  cpu_max: platform.CPU_MAX,
  cpu_mean: platform.CPU_MEAN,
  memory_used: platform.MEMORY_USED,
  swap_used: platform.SWAP_USED,
  srs_memory: platform.SRS_MEMORY,
  node_heap: platform.NODE_HEAP,
  redis_memory: platform.REDIS_MEMORY,
  memory_growth: overTime.MEMORY_GROWTH,
  descriptor_growth: overTime.DESCRIPTOR_GROWTH,
  pool_growth: overTime.POOL_GROWTH,
  pool_exhausted: platform.POOL_EXHAUSTED,
  spike_cpu_return: overTime.CPU_RETURN,
  spike_heap_return: overTime.HEAP_RETURN,
  spike_memory_return: overTime.MEMORY_RETURN,
  orphaned_connections: overTime.ORPHANS,
  nginx_5xx_rate: platform.NGINX_5XX_RATE,
  redis_evictions: platform.REDIS_EVICTIONS,
  pg_cache_hits: platform.PG_CACHE_HITS,
  srs_frame_drops: platform.SRS_FRAME_DROPS,
  room_accuracy: platform.ROOM_ACCURACY,
  pg_deadlocks: platform.PG_DEADLOCKS,
} as const satisfies Record<string, Kpi>;

export type KpiId = keyof typeof TABLE;

export const KPIS: Readonly<Record<KpiId, Kpi>> = TABLE;

/** Ids of the rows; a profile names those that its load can fill. */
export const KPI_IDS = Object.keys(TABLE) as readonly KpiId[];

/** Whether a name from outside is a row of the gate. */
export function isKpiId(id: string): id is KpiId {
  return Object.hasOwn(TABLE, id);
}
