/** Set by the worker with `recorder.gauge`. */
export type GaugeName =
  | 'vus_watching_count'
  | 'vus_active_count'
  | 'rss_bytes'
  | 'clock_jump_ms'
  | 'event_loop_delay_p99_ms'
  | 'platform_viewers_count';
/** Counted by the worker with `recorder.count`, values in ms. */
export type OwnCounterName = 'generator_cpu_ms';
/** Sampled by the worker with `recorder.observe`, in ms. */
export type OwnHistogramName = 'event_loop_delay_ms';
