import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, ProtocolError } from '../errors.js';
import { addTick, createTotals, decodeHistograms, type Totals } from '../stats/merge.js';
import { Moments } from '../stats/moments.js';
import type { MeterLine } from '../stats/platform-log.js';
import type { Tick } from '../stats/tick.js';
import { decodeTick, MAX_TICK_BYTES } from '../stats/tick-codec.js';
import { boundedLines } from './bounded-lines.js';
import type { Ending } from './conclude.js';
import { eventsOf } from './event-lines.js';
import { EndingLog } from './lifecycle.js';
import { asChanged } from './plan-changed.js';
import { readAlerts } from './read-alerts.js';
import { readSystem } from './read-system.js';
import { RUN_FILES } from './run-folder.js';
import { parseRunRecord, type RunRecord } from './run-record.js';
import { nameTroubled } from './troubled-lines.js';

/** What the folder of a run holds, as far as a verdict needs it. */
export interface RunOnDisk {
  /** With the plan as it was changed while the run went. */
  readonly record: RunRecord;
  readonly totals: Totals;
  /** The worst ten seconds of each row. */
  readonly moments: Moments;
  readonly ending: Ending;
}

/** Note of a run that was killed while it wrote. */
export const TORN = 'the last tick was cut off';

/**
 * Reads the folder of a run that has ended, was killed, or is still going; `onTick` sees each tick on the way,
 * `onLine` each line of the platform's own meters.
 * @throws {ConfigError} when the folder is not that of a run
 */
export async function readRun(
  folder: string,
  onTick: (tick: Tick) => void = () => {},
  onLine: (line: MeterLine) => void = () => {},
): Promise<RunOnDisk> {
  const planned = await readRecord(folder);
  const moments = new Moments();
  const log = await readEnding(folder, moments);
  const { totals, torn } = await readTicks(folder, moments, onTick);
  const ending = await withPlatform(log.ending(), folder, planned, onLine);
  const record = asChanged(planned, ending);
  return { record, totals, moments, ending: torn ? withNote(ending, TORN) : ending };
}

/** Event by event: they may be many. Names in `moments` who had trouble. */
async function readEnding(folder: string, moments: Moments): Promise<EndingLog> {
  const log = new EndingLog();
  try {
    for await (const event of eventsOf(folder)) {
      log.addLine(event);
      if (event !== undefined) nameTroubled(event, moments);
    }
  } catch (cause) {
    throw folderError(folder, RUN_FILES.events, cause);
  }
  return log;
}

/**
 * The head of the folder of a run.
 * @throws {ConfigError} when it is not that of a run
 */
export async function readRecord(folder: string): Promise<RunRecord> {
  try {
    return parseRunRecord(await readFile(join(folder, RUN_FILES.run), 'utf8'));
  } catch (cause) {
    throw folderError(folder, RUN_FILES.run, cause);
  }
}

/** Line by line: the ticks of a long run are larger than memory should be. */
async function readTicks(
  folder: string,
  moments: Moments,
  onTick: (tick: Tick) => void,
): Promise<{ totals: Totals; torn: boolean }> {
  const path = join(folder, RUN_FILES.ticks);
  const totals = createTotals();
  let bad: unknown;
  try {
    for await (const line of boundedLines(createReadStream(path, 'utf8'), MAX_TICK_BYTES)) {
      // Only the last line may be torn: the run was killed while it wrote.
      if (bad !== undefined) throw bad;
      bad = addLine(
        line,
        (tick) => {
          const decoded = decodeHistograms(tick);
          if (addTick(totals, tick, decoded)) moments.add(tick, decoded);
        },
        onTick,
      );
    }
  } catch (cause) {
    throw folderError(folder, RUN_FILES.ticks, cause);
  }
  return { totals, torn: bad !== undefined };
}

function addLine(line: string | undefined, add: (tick: Tick) => void, onTick: (tick: Tick) => void): unknown {
  let tick: Tick;
  try {
    if (line === undefined) throw new ProtocolError(`a line of more than ${MAX_TICK_BYTES} bytes`);
    tick = decodeTick(line);
    add(tick);
  } catch (error) {
    return error;
  }
  onTick(tick);
  return undefined;
}

/** The ending with what the platform's own meters said, and the alerts that were raised by it at the time. */
export async function withPlatform(
  ending: Ending,
  folder: string,
  record: RunRecord,
  onLine: (line: MeterLine) => void = () => {},
): Promise<Ending> {
  const system = await readSystem(folder, record, onLine);
  if (system === undefined) return ending;
  const { platform, note } = system;
  const alerts = await readAlerts(folder);
  return {
    ...(note === undefined ? ending : withNote(ending, note)),
    platform,
    ...(alerts === undefined ? {} : { alerts }),
  };
}

function withNote(ending: Ending, note: string): Ending {
  return { ...ending, notes: [...ending.notes, note] };
}

function folderError(folder: string, name: string, cause: unknown): unknown {
  if (cause instanceof ProtocolError) {
    return new ConfigError([{ path: join(folder, name), problem: cause.message }], { cause });
  }
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === undefined) return cause;
  return new ConfigError([{ path: folder, problem: `not the folder of a run: ${name}: ${code}` }], { cause });
}
