import { DOCKER_ROWS, MACHINE_ROWS, RUN_ROWS } from './fields-docker.js';
import { POSTGRES_ROWS, REDIS_ROWS } from './fields-stores.js';
import type { SectionName } from './reading.js';

/** One field of a section: what a number in the line means. */
export interface Field {
  readonly unit: string;
  /** Which source tells it. */
  readonly source: string;
  readonly meaning: string;
}

type FieldTable = Readonly<Record<string, Field>>;

function fields(source: string, rows: Readonly<Record<string, readonly [string, string]>>): FieldTable {
  return Object.fromEntries(
    Object.entries(rows).map(([name, [unit, meaning]]) => [name, { unit, source, meaning }]),
  );
}

const PROCESS = fields('process', {
  cpu_pct: [
    '%',
    'CPU time of the interval, 100 = all it may use: the quota of its control group, else all cores',
  ],
  cpu_cores: ['cores', 'the same in cores'],
  cpu_limit_cores: ['cores', 'what it may use'],
  mem_mb: ['MB', 'memory without the cache of files: own pages of all processes and the shared ones once'],
  mem_pct: ['%', 'of what it may use: the limit of its control group, else the machine'],
  mem_limit_mb: ['MB', 'what it may use'],
  rss_mb: ['MB', 'resident sets added up; what processes share counts once for each'],
  pids: ['count', 'processes'],
  started: ['count', 'processes that were not there at the last look'],
  threads: ['count', 'threads'],
  fds: ['count', 'open files and sockets; absent for processes of another user'],
});

const SPANS = ['rt', 'uct', 'urt'] as const;
const SPAN_WORDS = { rt: '$request_time', uct: '$upstream_connect_time', urt: '$upstream_response_time' };

const TIMES = Object.fromEntries(
  SPANS.flatMap((name) =>
    [50, 95, 99].map(
      (percentile) =>
        [
          `${name}_p${percentile}_ms`,
          [
            'ms',
            `${percentile}th percentile of ${SPAN_WORDS[name]}, neither media nor sockets; absent without a request`,
          ],
        ] as const,
    ),
  ),
);

const CLASSES = { error: 'neither media nor sockets', media: 'media', socket: 'Socket.IO' } as const;

const STATUSES = Object.fromEntries(
  Object.entries(CLASSES).flatMap(([prefix, words]) => [
    [`${prefix}_4xx`, ['count', `answers of 400 to 499, ${words}; 499 among them`] as const] as const,
    [`${prefix}_5xx`, ['count', `answers of 500 to 599, ${words}`] as const] as const,
    ...[499, 502, 503, 504].map(
      (status) => [`${prefix}_${status}`, ['count', `answers of ${status}, ${words}`] as const] as const,
    ),
  ]),
);

const NGINX = {
  ...fields('nginx.log', {
    req_per_sec: ['1/s', 'lines of the access log, all of them'],
    requests: ['count', 'lines that are neither media nor sockets: API and pages'],
    media_requests: [
      'count',
      'lines of media: /live/, /hls/, .flv, .m3u8, .ts; written when a viewer has gone',
    ],
    socket_requests: ['count', 'lines of Socket.IO; a WebSocket is written when it is closed'],
    unread_lines: ['count', 'lines that are not of the format'],
    ...STATUSES,
    ...TIMES,
    log_behind_mb: ['MB', 'of the log that are still to be read; absent when it is read to its end'],
  }),
  ...fields('nginx.status', {
    connections_active: ['count', 'open connections, the waiting ones too; the look itself is one'],
    connections_reading: ['count', 'of which a request is being read'],
    connections_writing: ['count', 'of which an answer is being written'],
    connections_waiting: ['count', 'kept open without a request'],
    connections_accepted: ['count', 'accepted since the last look'],
    connections_dropped: ['count', 'accepted and not handled since the last look: a limit was reached'],
    status_requests: ['count', 'requests since the last look, also those that are still going'],
  }),
};

const SRS = {
  ...fields('srs.api', {
    clients: ['count', 'entries of /clients, all pages; HLS viewers that have gone stay in it for a while'],
    clients_flv: ['count', 'of them HTTP-FLV viewers'],
    clients_hls: [
      'count',
      'of them HLS viewers: sessions, which over-count, since one that has gone stays for 8 s and more and one goes every 5 s',
    ],
    clients_rtmp: ['count', 'of them RTMP viewers'],
    streams: ['count', 'entries of /streams'],
    streams_active: ['count', 'of them with a publisher'],
    publishers: ['count', 'clients that publish'],
    publisher_uptime_s: ['s', 'how long the oldest publisher is connected; absent without one'],
    recv_kbps: ['kbit/s', 'what comes in, of all streams: the last 30 s as SRS tells'],
    send_kbps: ['kbit/s', 'what goes out, of all streams: the last 30 s as SRS tells'],
    bitrate_low_kbps: [
      'kbit/s',
      'what comes in of one published stream in the last 30 s, the lowest of them; absent in the first 30 s of a publisher',
    ],
    bitrate_high_kbps: ['kbit/s', 'the same, the highest of them'],
    bitrate_in_band: [
      '0 or 1',
      'whether all published streams are within the band of the configuration: 500 to 6000 kbit/s when it names none',
    ],
    recv_now_kbps: ['kbit/s', "what came in since the last look, by SRS's count of bytes"],
    send_now_kbps: ['kbit/s', "what went out since the last look, by SRS's count of bytes"],
    frames: ['count', 'video frames of all streams since they began, as SRS tells'],
    connections: ['count', 'connections of SRS, as it tells'],
    cpu_pct: ['%', 'CPU of its process, as it tells'],
    mem_mb: ['MB', 'memory of its process, as it tells'],
    uptime_s: ['s', 'since it was started'],
  }),
  ...fields('srs.log', {
    dropped_frame_lines: [
      'count',
      'lines with "drop frame"; absent while the level of the log may hide them',
    ],
    disconnect_lines: [
      'count',
      'lines with "disconnect peer"; absent while the level of the log may hide them',
    ],
  }),
};

const BACKEND = {
  ...fields('backend.health', {
    health_status: ['HTTP status', 'answer of the health endpoint; no answer is a gap'],
    health_ms: ['ms', 'from the request to the end of that answer'],
  }),
  ...fields('backend.monitoring', {
    rss_mb: ['MB', 'memory of its process, as its monitoring endpoint tells'],
    heap_used_mb: ['MB', 'heap of V8 in use, as it tells'],
    heap_total_mb: ['MB', 'heap of V8, as it tells'],
    external_mb: ['MB', 'memory of objects outside of the heap, as it tells'],
    event_loop_lag_ms: [
      'ms',
      'delay of its event loop as it tells: of the platform one sample of the moment, no maximum and no percentile',
    ],
  }),
};

/** Every field that a line can have, by section; those of `metrics` are named by the configuration. */
export const FIELDS: Readonly<Record<Exclude<SectionName, 'metrics'>, FieldTable>> = {
  docker: fields('docker', DOCKER_ROWS),
  process: PROCESS,
  host: fields('host', MACHINE_ROWS),
  generator: fields('generator', { ...MACHINE_ROWS, ...RUN_ROWS }),
  nginx: NGINX,
  srs: SRS,
  backend: BACKEND,
  redis: fields('redis', REDIS_ROWS),
  postgres: fields('postgres', POSTGRES_ROWS),
};
