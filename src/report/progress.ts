import { gaugeNow, type Totals } from '../stats/merge.js';
import { createView } from '../stats/view.js';
import { formatClock } from './figures.js';

export interface ProgressInput {
  readonly phase: string;
  readonly elapsedMs: number;
  readonly totalMs: number;
  /** Viewers that the plan wants on the platform now. */
  readonly plannedVus: number;
  readonly totals: Totals;
}

/** What has gone wrong so far, over all kinds. */
const ERRORS = [
  'start_failed_count',
  'media_error_count',
  'playlist_error_count',
  'socket_failed_count',
  'join_lost_count',
  'api_failed_call_count',
  'vu_lost_count',
] as const;

/**
 * One line of progress, without a newline:
 * `hold 0:25 left 0:35 | 50/50 watching | first 312 ms | rebuffering 0 | lag flv 1.2 s hls 4.1 s | chat 12 ms | err 0 | loop 3 ms`.
 * Percentiles are p95 of the run so far; `loop` is the worst worker's event-loop delay p99 of its last tick.
 */
export function formatProgress({ phase, elapsedMs, totalMs, plannedVus, totals }: ProgressInput): string {
  const view = createView(totals);
  const seconds = (protocol: 'flv' | 'hls'): string => {
    const ms = view.spread('latency_ms', { protocol }).percentileMs(95);
    return ms === undefined ? '-' : `${(ms / 1000).toFixed(1)} s`;
  };
  const rebuffering = view.count('rebuffer_count') - view.spread('rebuffer_span_ms').count;
  const errors = ERRORS.reduce((sum, name) => sum + view.count(name), 0);
  const stopped = view.count('start_failed_count', { label: 'stopped' });
  return [
    `${phase} ${formatClock(elapsedMs)} left ${formatClock(totalMs - elapsedMs)}`,
    `${gaugeNow(totals, 'vus_watching_count') ?? 0}/${plannedVus} watching`,
    `first ${milliseconds(view.spread('first_frame_ms').percentileMs(95))}`,
    `rebuffering ${Math.max(0, rebuffering)}`,
    `lag flv ${seconds('flv')} hls ${seconds('hls')}`,
    `chat ${milliseconds(view.spread('chat_delivery_since_due_ms').percentileMs(95))}`,
    `err ${errors - stopped}`,
    `loop ${milliseconds(gaugeNow(totals, 'event_loop_delay_p99_ms'))}`,
  ].join(' | ');
}

function milliseconds(ms: number | undefined): string {
  return ms === undefined ? '-' : `${Math.round(ms)} ms`;
}
