import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../errors.js';
import type { Tick } from '../stats/tick.js';
import { decodeTick, MAX_TICK_BYTES } from '../stats/tick-codec.js';
import { boundedLines } from './bounded-lines.js';
import { CTL_FILE } from './ctl-server.js';
import { errorCode } from './error-code.js';
import { eventsOf } from './event-lines.js';
import type { Intake, IntakeState } from './intake.js';
import { RUN_FILES, RunFolder } from './run-folder.js';

/**
 * Opens the folder of a run whose process was killed, to write on in it. A tick that was being written then is taken
 * away: it comes again. In events.ndjson, where others may be writing too, such a line is ended.
 * @throws {ConfigError} when it cannot be written
 */
export async function openRunFolder(path: string, onFailure: (failure: string) => void): Promise<RunFolder> {
  const files: FileHandle[] = [];
  try {
    await cutTorn(join(path, RUN_FILES.ticks));
    for (const name of [RUN_FILES.ticks, RUN_FILES.events]) files.push(await open(join(path, name), 'a'));
    const [ticks, events] = files as [FileHandle, FileHandle];
    if (await isTorn(join(path, RUN_FILES.events))) await events.appendFile('\n');
    // Whoever listened there is gone.
    await rm(join(path, CTL_FILE), { force: true });
    return new RunFolder(path, ticks, events, onFailure);
  } catch (cause) {
    for (const file of files) await file.close().catch(() => {});
    throw new ConfigError([{ path, problem: `cannot write on in it: ${errorCode(cause)}` }], { cause });
  }
}

/**
 * Hands `intake` what the folder holds.
 * @throws {ConfigError} {ProtocolError} when ticks in it are damaged
 */
export async function restoreIntake(folder: string, state: IntakeState, intake: Intake): Promise<void> {
  await intake.restore(state, eventsOf(folder), ticksOf(folder));
}

async function* ticksOf(folder: string): AsyncGenerator<Tick> {
  const path = join(folder, RUN_FILES.ticks);
  for await (const line of boundedLines(createReadStream(path, 'utf8'), MAX_TICK_BYTES)) {
    if (line === undefined)
      throw new ConfigError([{ path, problem: `a line of more than ${MAX_TICK_BYTES} bytes` }]);
    yield decodeTick(line);
  }
}

const PIECE_BYTES = 1 << 16;

/** Bytes of a file up to the end of its last whole line, and of all of it. */
async function wholeBytes(file: FileHandle): Promise<{ readonly whole: number; readonly all: number }> {
  const { size: all } = await file.stat();
  for (let to = all; to > 0; ) {
    const from = Math.max(0, to - PIECE_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
    const at = buffer.subarray(0, bytesRead).lastIndexOf('\n');
    if (at !== -1) return { whole: from + at + 1, all };
    to = from;
  }
  return { whole: 0, all };
}

async function cutTorn(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { whole, all } = await wholeBytes(file);
    if (whole < all) await file.truncate(whole);
  } finally {
    await file.close();
  }
}

async function isTorn(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { whole, all } = await wholeBytes(file);
    return whole < all;
  } finally {
    await file.close();
  }
}
