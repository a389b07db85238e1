import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { ReportEvent } from '../report/report-input.js';
import { boundedLines } from './bounded-lines.js';
import { ORDER_CREATED } from './lifecycle.js';
import { RUN_FILES } from './run-folder.js';
import { TROUBLED } from './troubled-lines.js';

const MAX_LINE_CHARS = 8192;
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
    const pieces = createReadStream(join(folder, RUN_FILES.events), 'utf8');
    for await (const line of boundedLines(pieces, MAX_LINE_CHARS)) {
      const event = line === undefined ? undefined : parseEvent(line);
      if (event === undefined || event.kind === ORDER_CREATED || event.kind === TROUBLED) continue;
      if (events.length < MAX_EVENTS) events.push(event);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  return events.sort((a, b) => a.atMs - b.atMs);
}

function parseEvent(line: string): ReportEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { kind, atMs, name, ...told } = value as Record<string, unknown>;
  if (typeof kind !== 'string' || typeof atMs !== 'number' || !Number.isFinite(atMs)) return undefined;
  const words = WORDS.flatMap((field) => (typeof told[field] === 'string' ? [told[field]] : []))[0] ?? '';
  const detail = words.slice(0, MAX_DETAIL_CHARS);
  const named = typeof name === 'string' ? { name: name.slice(0, 100) } : {};
  return { kind: kind.slice(0, 100), atMs, detail, ...named };
}
