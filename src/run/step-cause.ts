import { formatValue } from '../report/figures.js';
import type { RowResult } from '../stats/gate.js';

/** A mandatory row that failed. */
export interface FailedRow {
  readonly id: string;
  /** What failed, with its value and what was wanted, as a sentence goes on after "due to". */
  readonly words: string;
}

/**
 * What lies upstream of what, by the begin of a row's id: several fail together, and the first of them is the cause.
 * Who gets no connection cannot join; who cannot join has nothing to watch; what is not answered is waited for; what
 * stalls comes late.
 *
 * | | |
 * |---|---|
 * | 1 | connections refused, then joins |
 * | 2 | media refused |
 * | 3 | API faults and refusals |
 * | 4 | connections and viewers lost, viewers that never came in wholly |
 * | 5 | media that stalls, freezes, is replayed or missing |
 * | 6 | media that comes late: first frame, latency |
 * | 7 | chat that is lost or late |
 * | 8 | answers that are late |
 */
const UPSTREAM: readonly string[] = [
  ...[
    'ready_root',
    'ready_',
    'join_',
    'stream_start',
    'api_5xx',
    'api_success',
    'connections_',
    'viewers_lost',
    'viewers_',
  ],
  ...[
    'rebuffer_ratio',
    'rebuffer',
    'frozen',
    'replayed',
    'frame_drop',
    'first_frame',
    'latency',
    'chat_',
    'api_',
  ],
];

/** Rows that are told of one step. */
const MOST_TOLD = 8;

/** Rows that say that viewers are missing, and not what kept them away. */
const SYMPTOMS: readonly string[] = ['viewers_lost', 'viewers_joined'];

/** Whether a row says nothing of why it failed. */
export function isSymptom(id: string): boolean {
  return SYMPTOMS.includes(id);
}

/** The mandatory rows that failed, the most upstream first; within one rank as the gate shows them. */
export function failedRows(rows: readonly RowResult[]): FailedRow[] {
  return rows
    .filter(({ mandatory, status }) => mandatory && status === 'fail')
    .sort((a, b) => rankOf(a.id) - rankOf(b.id))
    .slice(0, MOST_TOLD)
    .map(({ id, title, value, bound, unit }) => {
      const wanted = `wanted ${bound.op} ${formatValue(bound.value, unit)}`;
      return { id, words: `${title}: ${formatValue(value ?? null, unit)}, ${wanted}` };
    });
}

/** How far downstream a row lies: 0 = nothing lies before it. */
export function rankOf(id: string): number {
  const rank = UPSTREAM.findIndex((begin) => id.startsWith(begin));
  return rank < 0 ? UPSTREAM.length : rank;
}
