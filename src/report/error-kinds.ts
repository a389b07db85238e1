import type { CounterName } from '../stats/metrics.js';

/** Everything that is counted as something gone wrong, one row per metric; shown while a run goes and at its end. */
export interface ErrorSource {
  readonly part: 'media' | 'sockets' | 'chat' | 'api' | 'viewers' | 'generator';
  readonly metric: CounterName;
  /** What stands before the label, or alone where the metric has none. */
  readonly words: string;
  /** Labels that are errors; absent = all of them. */
  readonly counts?: (label: string) => boolean;
}

const ORDERLY: ReadonlySet<string> = new Set([
  'stopped',
  'ended',
  'clean',
  'ok',
  'business',
  'renewed',
  'absent',
]);
const notOrderly = (label: string): boolean => !ORDERLY.has(label);

export const ERROR_SOURCES: readonly ErrorSource[] = [
  { part: 'viewers', metric: 'vu_lost_count', words: 'viewer lost:' },
  { part: 'media', metric: 'start_failed_count', words: 'no start:', counts: notOrderly },
  { part: 'media', metric: 'player_dead_count', words: 'player dead:', counts: notOrderly },
  { part: 'media', metric: 'media_error_count', words: 'bad media:' },
  { part: 'media', metric: 'playlist_error_count', words: 'bad playlist:' },
  { part: 'media', metric: 'clock_warning_count', words: 'clocks differ, picture from the future:' },
  { part: 'media', metric: 'segment_expired_count', words: 'segment gone' },
  { part: 'media', metric: 'flv_ended_count', words: 'FLV ended:', counts: notOrderly },
  { part: 'media', metric: 'player_reload_count', words: 'player reloaded:' },
  { part: 'sockets', metric: 'socket_failed_count', words: 'socket:' },
  { part: 'sockets', metric: 'join_lost_count', words: 'join lost:' },
  { part: 'sockets', metric: 'socket_disconnected_count', words: 'disconnected by' },
  { part: 'sockets', metric: 'socket_error_count', words: 'socket error:' },
  { part: 'sockets', metric: 'socket_garbage_count', words: 'garbage on' },
  { part: 'chat', metric: 'chat_echo_lost_count', words: 'chat lost' },
  { part: 'api', metric: 'api_outcome_count', words: 'API', counts: notOrderly },
  { part: 'api', metric: 'action_skipped_count', words: 'not begun, calls unanswered' },
  { part: 'generator', metric: 'local_failure_count', words: 'no local socket' },
  { part: 'generator', metric: 'not_allowed_count', words: 'host not allowed' },
  { part: 'generator', metric: 'refused_sample_count', words: 'bad sample:' },
];

export interface ErrorKind {
  readonly words: string;
  readonly count: number;
}

export type ErrorPart = ErrorSource['part'];

/**
 * What went wrong, most frequent first; bounded by the closed sets of labels. One fault may be seen by two kinds (a
 * start that failed kills the player).
 */
export function errorKinds(
  read: (metric: CounterName) => {
    readonly total: number;
    readonly byLabel: Readonly<Record<string, number>>;
  },
  part?: ErrorPart,
): ErrorKind[] {
  const kinds: ErrorKind[] = [];
  for (const source of ERROR_SOURCES) {
    if (part !== undefined && source.part !== part) continue;
    const { total, byLabel } = read(source.metric);
    if (total === 0) continue;
    const labels = Object.entries(byLabel);
    if (labels.length === 0) kinds.push({ words: source.words, count: total });
    for (const [label, count] of labels) {
      if (count === 0 || source.counts?.(label) === false) continue;
      kinds.push({ words: `${source.words} ${label.replaceAll('_', ' ')}`, count });
    }
  }
  return kinds.sort((a, b) => b.count - a.count);
}
