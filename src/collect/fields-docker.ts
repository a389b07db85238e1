/** Rows of the table of fields: unit and meaning. */
export const DOCKER_ROWS = {
  cpu_pct: [
    '%',
    'CPU time since the look before, 100 = all it may use: the least of its quota, its set of cores and the machine',
  ],
  cpu_cores: ['cores', 'the same in cores'],
  cpu_limit_cores: ['cores', 'what it may use'],
  cpu_throttled_pct: [
    '%',
    'periods of its quota in which it was held back, of those that passed; absent without a quota',
  ],
  mem_mb: ['MB', 'memory without the cache of files that can be given back, as docker stats has it'],
  mem_pct: ['%', 'of what it may use: its limit, else the machine'],
  mem_limit_mb: ['MB', 'what it may use'],
  swap_mb: ['MB', 'of it in swap; absent where the engine does not tell it (control groups version 2)'],
  net_rx_mb: ['MB', 'received since it was started, all interfaces'],
  net_tx_mb: ['MB', 'sent since it was started, all interfaces'],
  net_rx_kbps: ['kbit/s', 'received since the look before'],
  net_tx_kbps: ['kbit/s', 'sent since the look before'],
  net_drops: ['count', 'packets lost or broken at its interfaces since the look before'],
  block_read_mb: ['MB', 'read from block devices since it was started; absent while the engine tells none'],
  block_write_mb: ['MB', 'written to block devices since it was started'],
  block_read_mb_per_s: ['MB/s', 'read since the look before'],
  block_write_mb_per_s: ['MB/s', 'written since the look before'],
  pids: ['count', 'processes and threads'],
  restarts: [
    'count',
    'starts since the look before: by its policy, by hand, or as a new container of the same name',
  ],
  oom_killed: [
    '0 or 1',
    'whether the engine says that something in it was killed for want of memory since it was started',
  ],
  healthy: ['0 or 1', 'its health check; absent without one, and while it starts'],
} as const;

/** Of one machine, by its kernel. */
export const MACHINE_ROWS = {
  cpu_pct: ['%', 'of all cores since the look before; waiting for a disk is none'],
  cpu_steal_pct: ['%', 'of all cores: what the host of a virtual machine gave to others'],
  cores: ['cores', 'of the machine'],
  load1: ['processes', 'load average of a minute'],
  mem_mb: ['MB', 'memory that is not available'],
  mem_pct: ['%', 'of the memory'],
  mem_limit_mb: ['MB', 'memory of the machine'],
  swap_mb: ['MB', 'swap in use'],
  swap_limit_mb: ['MB', 'swap that there is'],
  swap_in_mb: ['MB', 'read back from swap since the look before'],
  swap_out_mb: ['MB', 'written to swap since the look before'],
  tcp_sockets: ['count', 'TCP sockets in use, IPv4 and IPv6'],
  tcp_time_wait: ['count', 'TCP connections in TIME_WAIT'],
  files_open: ['count', 'open files of the whole machine'],
  files_limit: ['count', 'files that one process like this one may have open (nofile)'],
} as const;

/** Of the run itself, which only it can tell. */
export const RUN_ROWS = {
  loop_p99_ms: [
    'ms',
    "99th percentile of the delay of a worker's event loop, of the worst worker and second since the line before; only in a run",
  ],
  lagged_pct: ['%', 'viewer-time since the line before that the own delay has touched; only in a run'],
  run_cpu_cores: ['cores', 'CPU of the generator itself since the line before; only in a run'],
  run_rss_mb: ['MB', 'memory of the generator itself; only in a run'],
  viewers: ['count', 'viewers that are on the platform, as the workers said last; only in a run'],
} as const;
