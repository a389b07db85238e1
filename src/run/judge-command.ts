import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JudgeFlags } from '../config/flags.js';
import { ConfigError, ProtocolError } from '../errors.js';
import { addTick, createTotals, type Totals } from '../stats/merge.js';
import { decodeTick, MAX_TICK_BYTES } from '../stats/tick-codec.js';
import { boundedLines } from './bounded-lines.js';
import { type Conclusion, conclude, type Ending } from './conclude.js';
import { endingFromEvents } from './lifecycle.js';
import { type Output, printConclusion } from './output.js';
import { RUN_FILES } from './run-folder.js';
import { parseRunRecord } from './run-record.js';

/** The command `judge DIR`: prints the summary and ends as the run ended. */
export async function judgeCommand(
  folder: string,
  flags: JudgeFlags,
  output: Output,
): Promise<{ exitCode: number; reason: string }> {
  const conclusion = await judgeFolder(folder);
  printConclusion(conclusion, flags.json === true, output);
  return { exitCode: conclusion.summary.exitCode, reason: conclusion.reason };
}

/**
 * Judges the folder of a run again, from what the run wrote while it went: equal to the run's own summary, and for
 * a killed run the verdict up to its last tick.
 * @throws {ConfigError} when the folder is not that of a run
 */
export async function judgeFolder(folder: string): Promise<Conclusion> {
  const record = await readPart(folder, RUN_FILES.run, parseRunRecord);
  const events = await readPart(folder, RUN_FILES.events, (text) => text);
  const { totals, torn } = await readTicks(folder);
  const ending = endingFromEvents(events);
  return conclude(record, totals, torn ? withNote(ending, 'the last tick was cut off') : ending);
}

/** Line by line: the ticks of a long run are larger than memory should be. */
async function readTicks(folder: string): Promise<{ totals: Totals; torn: boolean }> {
  const path = join(folder, RUN_FILES.ticks);
  const totals = createTotals();
  let bad: unknown;
  try {
    for await (const line of boundedLines(createReadStream(path, 'utf8'), MAX_TICK_BYTES)) {
      // Only the last line may be torn: the run was killed while it wrote.
      if (bad !== undefined) throw bad;
      bad = addLine(totals, line);
    }
  } catch (cause) {
    throw folderError(folder, RUN_FILES.ticks, cause);
  }
  return { totals, torn: bad !== undefined };
}

function addLine(totals: Totals, line: string | undefined): unknown {
  try {
    if (line === undefined) throw new ProtocolError(`a line of more than ${MAX_TICK_BYTES} bytes`);
    addTick(totals, decodeTick(line));
    return undefined;
  } catch (error) {
    return error;
  }
}

function withNote(ending: Ending, note: string): Ending {
  return { ...ending, notes: [...ending.notes, note] };
}

async function readPart<T>(folder: string, name: string, read: (text: string) => T): Promise<T> {
  try {
    return read(await readFile(join(folder, name), 'utf8'));
  } catch (cause) {
    throw folderError(folder, name, cause);
  }
}

function folderError(folder: string, name: string, cause: unknown): unknown {
  if (cause instanceof ProtocolError) {
    return new ConfigError([{ path: join(folder, name), problem: cause.message }], { cause });
  }
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === undefined) return cause;
  return new ConfigError([{ path: folder, problem: `not the folder of a run: ${name}: ${code}` }], { cause });
}
