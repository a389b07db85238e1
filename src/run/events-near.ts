import { type EventLine, eventsOf } from './event-lines.js';
import { TROUBLED } from './troubled-lines.js';

/** Events of one kind and about the same thing, gathered. */
export interface EventGroup {
  readonly kind: string;
  /** Of the first one. */
  readonly detail: string;
  readonly firstAtMs: number;
  readonly count: number;
}

const MAX_DETAIL_CHARS = 8192;
/** Kinds differ in their details' numbers only; of a file that somebody else wrote no more than this is held. */
const MAX_GROUPS = 200;

/** What stands in `events.ndjson` from `fromMs` to `toMs`, most frequent first. A line that is none is left out. */
export async function eventsNear(
  folder: string,
  fromMs: number,
  toMs: number,
): Promise<readonly EventGroup[]> {
  const groups = new Map<string, EventGroup>();
  for await (const line of eventsOf(folder)) {
    const event = line === undefined ? undefined : groupOf(line);
    if (event === undefined || event.firstAtMs < fromMs || event.firstAtMs > toMs) continue;
    const key = `${event.kind} ${event.detail.replace(/\d+/g, '#')}`;
    const known = groups.get(key);
    if (known) groups.set(key, { ...known, count: known.count + 1 });
    else if (groups.size < MAX_GROUPS) groups.set(key, event);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count || a.firstAtMs - b.firstAtMs);
}

function groupOf({ kind, atMs, detail, reason, signal }: EventLine): EventGroup | undefined {
  if (kind === TROUBLED || typeof atMs !== 'number') return undefined;
  const words = [detail, reason, signal].find((text) => typeof text === 'string') ?? '';
  return { kind, detail: (words as string).slice(0, MAX_DETAIL_CHARS), firstAtMs: atMs, count: 1 };
}
