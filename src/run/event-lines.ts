import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { boundedLines } from './bounded-lines.js';
import { RUN_FILES } from './run-folder.js';

/** What a line of events.ndjson holds, as far as it is sure. */
export interface EventLine {
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** A plan that was changed very often is the longest that a run of ours writes, and far shorter. */
export const MAX_EVENT_CHARS = 1 << 20;

/** The event of one line; undefined for what is none. */
export function parseEventLine(text: string): EventLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  return typeof (value as EventLine).kind === 'string' ? (value as EventLine) : undefined;
}

/**
 * The events of the folder of a run, one at a time, with bounded memory; undefined = a line that is too long to be one.
 * What is no event is left out.
 * @throws the file system's error
 */
export async function* eventsOf(folder: string): AsyncGenerator<EventLine | undefined> {
  const pieces = createReadStream(join(folder, RUN_FILES.events), 'utf8');
  for await (const line of boundedLines(pieces, MAX_EVENT_CHARS)) {
    const event = line === undefined ? undefined : parseEventLine(line);
    if (line === undefined || event !== undefined) yield event;
  }
}
