import type { KpiId } from '../stats/kpis.js';

/**
 * Where to look next when a row fails: what in a platform usually stands behind it, and what in this report tells
 * one cause from another. Rows that are not named have none.
 */
const HINTS: readonly { readonly ids: readonly KpiId[]; readonly hints: readonly string[] }[] = [
  {
    ids: ['first_frame_p95_flv', 'first_frame_p95_hls'],
    hints: [
      'the first byte late: the media server, the proxy or the accept queue; the first keyframe late: the GOP is long or no GOP is cached',
      'late in the ramp only: too many joins a second; late all the time: the stream itself',
    ],
  },
  {
    ids: ['stream_start_success'],
    hints: [
      'refused or http status: is the media server up, the stream key right, a connection limit of the proxy reached (limit_conn, worker_connections)?',
      'no data, no video: is the encoder publishing? Play the same URL with ffprobe',
    ],
  },
  {
    ids: ['rebuffer_rate_per_second', 'rebuffer_rate_per_segment', 'rebuffer_ratio'],
    hints: [
      'all viewers at one instant: the encoder or the media server paused; a few at a time: bandwidth or a slow proxy worker',
      'HLS only: segments come late (segment TTFB); FLV only: the send queue of the media server',
    ],
  },
  {
    ids: ['frozen_ratio', 'frame_drop_rate', 'replayed_ratio'],
    hints: [
      'frames lost at the source: encoder overload or the publisher reconnected (sequence reset); look at bad media in the errors',
      'seek events near it: the player jumped over a hole or back',
    ],
  },
  {
    ids: ['latency_p95_flv', 'latency_p95_hls'],
    hints: [
      'growing over the run: viewers fall behind and never catch up (each stall adds to it); high from the start: GOP cache, segment length, or the clocks of encoder and this machine differ',
      "clock unknown or too uncertain: name the publisher's clock with --capture-clock; set during the run: a time service stepped it, capture_clock_set in events.ndjson says when",
    ],
  },
  {
    ids: ['viewers_joined', 'viewers_lost', 'connections_dropped'],
    hints: [
      'disconnected by server: a restart, a ping timeout or an idle limit of the proxy (proxy_read_timeout); by transport: the connection was cut',
      'lost by auth: tokens ran out; by player: see stream start; by socket: all reconnects failed',
    ],
  },
  {
    ids: ['ready_root', 'ready_chat', 'ready_streaming', 'join_root', 'join_chat', 'join_streaming'],
    hints: [
      'a join sent before the namespace is ready is dropped by some platforms: compare with the ready rows',
      'connect error: the proxy or its upgrade headers; auth refused: the token; timeouts in the ramp: too many joins a second',
    ],
  },
  {
    ids: ['chat_delivery_ratio', 'chat_echo_ratio', 'chat_delivery_p95'],
    hints: [
      'rate limit among the socket errors: the platform refused messages; else the adapter (Redis pub/sub) between its processes',
      'slow only while many write: the fan-out of one process; look at its CPU',
    ],
  },
  {
    ids: ['api_success', 'api_5xx_rate', 'api_read_p95', 'api_read_p99', 'api_write_p95', 'api_write_p99'],
    hints: [
      'throttled: the limit of the platform per user or address; proxy limit: limit_req or limit_conn of nginx (one load machine is one address); server fault: its log at that time',
      'slow reads: cache misses, connection pool of the database; the time since sending well below the judged one: our own actions began late',
    ],
  },
  {
    ids: ['recovered_network', 'resumed_publisher', 'resumed_media'],
    hints: [
      'without picture: players that gave up (player dead, player reload in the errors) or media that did not come back; without socket: reconnects that were refused or came too late (the page tries five times in about 25 s)',
      'not recovered in events.ndjson names the viewers; --trace-vu follows one of them through the fault',
    ],
  },
  {
    ids: ['media_answers_again'],
    hints: ['the restart policy of its container, and how long it takes until the publisher is taken again'],
  },
  {
    ids: ['rooms_repopulated', 'socket_reconnect_p95'],
    hints: [
      'connections that stayed although their rooms are gone: a backend that restarted behind its proxy, or an adapter (Redis) that forgot them; joins not confirmed: see the rows of the joins',
      'late reconnections: the first try comes after 1 s, each next one after twice the time',
    ],
  },
  {
    ids: ['stream_ended_heard', 'stream_states'],
    hints: [
      'the hooks of the media server (on_publish, on_unpublish) and who answers them; the grace of the platform: 45 s unless it is set otherwise (grace: in the fault step)',
    ],
  },
];

/** What to do about a generator that was its own bottleneck. */
export const VALIDITY_HINTS: readonly string[] = [
  'fewer viewers on a machine, more cores, or nothing else beside it (the embedded stage shares its cores)',
  'late all the time: too much load for the cores; once: something else ran, or the host took the CPU (steal): measure again',
  'no room for sockets: ulimit -n, net.ipv4.ip_local_port_range, or --local-ips',
  'hosts not allowed: events.ndjson names them; --allow-target lets the run go there, if you may load them',
  'a worker died: its reason stands in events.ndjson',
];

export function hintsOf(id: KpiId): readonly string[] {
  return HINTS.find(({ ids }) => ids.includes(id))?.hints ?? [];
}
