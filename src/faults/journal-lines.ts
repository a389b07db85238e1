import { z } from '../schema-library.js';
import { CHANGE, type Change } from './change.js';

/** Names of faults, and of the folders of runs. */
const NAME = z.string().regex(/^[A-Za-z0-9_.-]{1,120}$/);

/** The first line: whose changes these are, and where they mean something. */
const RUN = z.strictObject({
  v: z.literal(1),
  what: z.literal('run'),
  run: NAME,
  pid: z.int().positive(),
  startTicks: z.int().nonnegative(),
  boot: z.string().max(100),
  netns: z.string().max(100),
});

/** Written before the change is made. */
const MADE = z.strictObject({
  v: z.literal(1),
  what: z.literal('change'),
  id: z.int().nonnegative(),
  atEpochMs: z.number(),
  fault: NAME,
  change: CHANGE,
});

/** Written when it is there no more. */
const UNDONE = z.strictObject({
  v: z.literal(1),
  what: z.literal('undone'),
  id: z.int().nonnegative(),
  atEpochMs: z.number(),
  by: z.enum(['run', 'supervisor', 'command']),
});

const LINE = z.discriminatedUnion('what', [RUN, MADE, UNDONE]);

export type JournalLine = z.infer<typeof LINE>;
export type JournalRun = z.infer<typeof RUN>;
export type UndoneBy = z.infer<typeof UNDONE>['by'];

/** A change that nobody has undone. */
export interface OpenChange {
  readonly id: number;
  readonly atEpochMs: number;
  readonly fault: string;
  readonly change: Change;
}

/** What a journal says. */
export interface JournalStory {
  /** Absent = its first line cannot be read. */
  readonly run?: JournalRun;
  /** The last one made first. */
  readonly open: readonly OpenChange[];
  /** Lines that say nothing: torn, from elsewhere, or with something in them that no change may have. */
  readonly badLines: number;
}

/** One line with its end. */
export function journalLine(line: JournalLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** Lines longer than this are none of ours. */
const LONGEST_LINE = 200_000;

/** Reads a journal; a line that says nothing is counted and left out. Never throws. */
export function readStory(text: string): JournalStory {
  let run: JournalRun | undefined;
  let badLines = 0;
  const open = new Map<number, OpenChange>();
  for (const raw of text.split('\n')) {
    if (raw.trim() === '') continue;
    const line = parseLine(raw);
    if (line === undefined) badLines++;
    else if (line.what === 'run') run ??= line;
    else if (line.what === 'undone') open.delete(line.id);
    else
      open.set(line.id, { id: line.id, atEpochMs: line.atEpochMs, fault: line.fault, change: line.change });
  }
  return { ...(run === undefined ? {} : { run }), open: [...open.values()].reverse(), badLines };
}

function parseLine(raw: string): JournalLine | undefined {
  if (raw.length > LONGEST_LINE) return undefined;
  try {
    return LINE.safeParse(JSON.parse(raw)).data;
  } catch {
    return undefined;
  }
}
