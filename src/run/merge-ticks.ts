import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../errors.js';
import { SeqSet } from '../stats/seq-set.js';
import { decodeTick, MAX_TICK_BYTES } from '../stats/tick-codec.js';
import { appendLines } from './append-lines.js';
import { boundedLines } from './bounded-lines.js';
import { mergeByTime } from './merge-by-time.js';
import { RUN_FILES } from './run-folder.js';

/**
 * Ticks of all parts in the order of their time, as one run would have written them: the worst ten seconds of a row are
 * those of all parts together.
 * @throws {ConfigError} when a tick is in two parts
 */
export async function mergeTicks(to: string, parts: readonly string[]): Promise<void> {
  const seen: Seen = new Map();
  const lists = parts.map((path) => ticksOf(path, seen));
  await appendLines(join(to, RUN_FILES.ticks), mergeByTime(lists));
}

async function* ticksOf(path: string, seen: Seen): AsyncGenerator<TickLine, undefined> {
  const own: Seen = new Map();
  const file = createReadStream(join(path, RUN_FILES.ticks), 'utf8');
  for await (const line of boundedLines(file, MAX_TICK_BYTES)) {
    const tick = line === undefined ? undefined : tickLine(line);
    if (tick === undefined) continue;
    addOnce(seen, own, tick, path);
    yield tick;
  }
}

interface TickLine {
  readonly line: string;
  /** End of its interval. */
  readonly atMs: number;
  /** Box and worker. */
  readonly name: string;
  readonly seq: number;
}

function tickLine(line: string): TickLine | undefined {
  try {
    const { box, worker, seq, toMs } = decodeTick(line);
    return { line, atMs: toMs, name: `${box}/${worker}`, seq };
  } catch {
    // The torn last line of a part, of which the reader before has told.
    return undefined;
  }
}

/** A tick that came twice within one part counts once, as ever; in two parts they are no parts of one whole. */
function addOnce(seen: Seen, own: Seen, { name, seq }: TickLine, path: string): void {
  if (!setOf(own, name).add(seq) || setOf(seen, name).add(seq)) return;
  const problem = `tick ${seq} of worker ${name} is in another part, too: parts must not overlap`;
  throw new ConfigError([{ path, problem }]);
}

/** Sequence numbers by worker. */
type Seen = Map<string, SeqSet>;

function setOf(seen: Seen, name: string): SeqSet {
  const known = seen.get(name) ?? new SeqSet();
  seen.set(name, known);
  return known;
}
