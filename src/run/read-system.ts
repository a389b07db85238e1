import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { type MeterLine, PlatformLog } from '../stats/platform-log.js';
import type { PlatformData } from '../stats/platform-series.js';
import { boundedLines } from './bounded-lines.js';
import { RUN_FILES } from './run-folder.js';
import type { RunRecord } from './run-record.js';

/** What the platform's own meters said in a run, as far as its folder tells. */
export interface SystemOnDisk {
  readonly platform: PlatformData;
  /** Lines that could not be read, in words; absent = all could, up to one that a killed run left half. */
  readonly note?: string;
}

/** A line of a few hundred containers. */
const MAX_LINE_CHARS = 1_000_000;
/** When nobody wrote down how often the platform was asked. */
export const USUAL_INTERVAL_MS = 5000;

/**
 * Reads system.ndjson of the folder of a run line by line, with bounded memory; `onLine` sees each. Undefined when the
 * run collected nothing and there is no such file.
 */
export async function readSystem(
  folder: string,
  { collect, startEpochMs }: Pick<RunRecord, 'collect' | 'startEpochMs'>,
  onLine: (line: MeterLine) => void = () => {},
): Promise<SystemOnDisk | undefined> {
  const log = new PlatformLog();
  let unread = 0;
  let wasLastUnread = false;
  let why: string | undefined;
  try {
    const pieces = createReadStream(join(folder, RUN_FILES.system), 'utf8');
    for await (const text of boundedLines(pieces, MAX_LINE_CHARS)) {
      const line = text === undefined ? undefined : parseMeterLine(text, startEpochMs);
      wasLastUnread = line === undefined;
      if (line === undefined) unread++;
      else {
        log.add(line);
        onLine(line);
      }
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code === 'ENOENT' && collect === undefined) return undefined;
    why = `${RUN_FILES.system} cannot be read: ${code}`;
  }
  const damaged = wasLastUnread ? unread - 1 : unread;
  const note = why ?? (damaged > 0 ? `${damaged} lines of ${RUN_FILES.system} are none` : undefined);
  const platform = log.data(collect?.intervalMs ?? USUAL_INTERVAL_MS);
  return { platform, ...(note === undefined ? {} : { note }) };
}

/** A line with its place on the run's axis; undefined for what is none. */
export function parseMeterLine(text: string, startEpochMs: number): MeterLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { atMs, timestamp, ...rest } = value;
  const at = typeof atMs === 'number' ? atMs : Date.parse(String(timestamp)) - startEpochMs;
  if (!Number.isFinite(at)) return undefined;
  return {
    ...rest,
    atMs: at,
    spans_ms: isRecord(rest.spans_ms) ? rest.spans_ms : {},
    gaps: isRecord(rest.gaps) ? rest.gaps : {},
    absent: isRecord(rest.absent) ? rest.absent : {},
    restarted: Array.isArray(rest.restarted) ? rest.restarted : [],
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
