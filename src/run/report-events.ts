import type { ReportEvent } from '../report/report-input.js';
import { type EventLine, eventsOf } from './event-lines.js';
import { ORDER_CREATED } from './lifecycle.js';
import { TROUBLED } from './troubled-lines.js';

/** More than a run of ours writes, orders apart. */
const MAX_EVENTS = 5000;
const MAX_DETAIL_CHARS = 300;
/** Fields that say in words what happened, the first that is there. */
const WORDS = ['words', 'what', 'detail', 'reason', 'signal'] as const;

/**
 * What stands in `events.ndjson`, by time, without orders and lists of viewers; a line that is none is left out. A file that cannot be
 * read has nothing to tell.
 */
export async function readEvents(folder: string): Promise<readonly ReportEvent[]> {
  const events: ReportEvent[] = [];
  try {
    for await (const line of eventsOf(folder)) {
      const event = line === undefined ? undefined : shownEvent(line);
      if (event === undefined || event.kind === ORDER_CREATED || event.kind === TROUBLED) continue;
      if (events.length < MAX_EVENTS) events.push(event);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  return events.sort((a, b) => a.atMs - b.atMs);
}

function shownEvent({ kind, atMs, name, box, state, ...told }: EventLine): ReportEvent | undefined {
  if (typeof atMs !== 'number' || !Number.isFinite(atMs)) return undefined;
  const words = WORDS.flatMap((field) => (typeof told[field] === 'string' ? [told[field]] : []))[0] ?? '';
  const detail = words.slice(0, MAX_DETAIL_CHARS);
  const about = name ?? box;
  const named = typeof about === 'string' ? { name: about.slice(0, 100) } : {};
  const become = typeof state === 'string' ? { state: state.slice(0, 100) } : {};
  return { kind: kind.slice(0, 100), atMs, detail, ...named, ...become };
}
