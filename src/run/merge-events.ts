import { join } from 'node:path';
import { appendLines } from './append-lines.js';
import { eventsOf } from './event-lines.js';
import { mergeByTime } from './merge-by-time.js';
import { RUN_FILES } from './run-folder.js';

/**
 * Events of all parts by time, those of one part in the order in which it wrote them. Where a part did not end, the
 * whole did not. Returns the parts that did not.
 * @throws the file system's error
 */
export async function mergeEvents(to: string, parts: readonly string[]): Promise<string[]> {
  const open: string[] = [];
  for (const path of parts) if (!(await didEnd(path))) open.push(path);
  const lists = parts.map((path) => linesOf(path, open.length === 0));
  await appendLines(join(to, RUN_FILES.events), mergeByTime(lists));
  return open;
}

const END = 'run_ended';

async function didEnd(path: string): Promise<boolean> {
  for await (const event of eventsOf(path)) if (event?.kind === END) return true;
  return false;
}

async function* linesOf(
  path: string,
  withEnd: boolean,
): AsyncGenerator<{ atMs: number; line: string }, undefined> {
  for await (const event of eventsOf(path)) {
    if (event === undefined || (event.kind === END && !withEnd)) continue;
    const { atMs } = event;
    yield { atMs: typeof atMs === 'number' ? atMs : 0, line: JSON.stringify(event) };
  }
}
