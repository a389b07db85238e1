import type { Clock, Http } from '../seams.js';

/** Where the clock of a server may stand beside ours: to be added to ours, ms. */
export interface ClockRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Over a little more than a second: the turn of the server's second is somewhere in it. */
const QUESTIONS = 8;
const EVERY_MS = 150;
const PATIENCE_MS = 3000;
const DATE_RESOLUTION_MS = 1000;
/** nginx and Node keep the text of the second for a moment. */
const CACHED_MS = 50;

/** What the Date headers (RFC 9110 6.6.1) of a few answers leave possible; undefined = there are none. */
export async function readServerClock(
  { http, clock }: { readonly http: Http; readonly clock: Clock },
  url: string,
): Promise<ClockRange | undefined> {
  const ranges: ClockRange[] = [];
  for (let i = 0; i < QUESTIONS; i++) {
    if (i > 0) await new Promise<void>((resolve) => void clock.after(EVERY_MS, resolve));
    const answer = await http.text(
      { method: 'GET', url },
      { maxBytes: 100_000, totalTimeoutMs: PATIENCE_MS },
    );
    if (answer.kind !== 'response') return undefined;
    const { date } = answer.headers;
    const dateMs = Date.parse(typeof date === 'string' ? date : '');
    if (Number.isNaN(dateMs)) return undefined;
    const startEpochMs = clock.epochMs() - clock.nowMs();
    ranges.push(rangeOf(dateMs, startEpochMs + answer.startedAtMs, startEpochMs + answer.firstByteAtMs));
  }
  return intersect(ranges);
}

/** The server said `dateMs` somewhere between question and answer: it was in that second. */
export function rangeOf(dateMs: number, askedEpochMs: number, answeredEpochMs: number): ClockRange {
  return {
    fromMs: dateMs - answeredEpochMs,
    toMs: dateMs + DATE_RESOLUTION_MS + CACHED_MS - askedEpochMs,
  };
}

/** What all of them allow; undefined = several clocks answer. */
export function intersect(ranges: readonly ClockRange[]): ClockRange | undefined {
  const fromMs = Math.max(...ranges.map((one) => one.fromMs));
  const toMs = Math.min(...ranges.map((one) => one.toMs));
  return ranges.length > 0 && fromMs <= toMs ? { fromMs, toMs } : undefined;
}
