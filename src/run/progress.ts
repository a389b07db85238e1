import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Hello, helloSchema } from '../cluster/agent-messages.js';
import type { TakenIn } from '../cluster/remote-fleet.js';
import { ProtocolError } from '../errors.js';
import { z } from '../schema-library.js';
import type { IntakeState } from './intake.js';
import { RUN_FILES, type RunFolder } from './run-folder.js';

/** `progress.json`: how far a run over load boxes had been taken in, for a later process of its coordinator. */
export interface Progress extends TakenIn {
  readonly v: 1;
  /** When it was written, wall clock. */
  readonly savedEpochMs: number;
  /** Run time then; 0 before the start. */
  readonly atMs: number;
  /** The boxes, in the order in which viewers were dealt. */
  readonly hellos: readonly Hello[];
  readonly events: IntakeState;
}

const count = z.int().nonnegative();
const order = z.strictObject({
  upTo: count,
  received: count,
  duplicates: count,
  missing: count,
  gaps: z.array(z.strictObject({ from: count, to: count })).max(1000),
});
const schema = z.strictObject({
  v: z.literal(1),
  savedEpochMs: z.number(),
  atMs: z.number(),
  hellos: z.array(helloSchema).min(1).max(500),
  head: z.string().max(63),
  position: count,
  boxes: z.record(
    z.string(),
    z.strictObject({
      epochs: z.record(z.string(), order),
      garbage: count,
      worstClockErrorMs: z.number().optional(),
      isDone: z.boolean(),
    }),
  ),
  events: z.strictObject({ written: count, counts: z.record(z.string(), count), lines: count }),
});

/**
 * What the coordinator of a run left.
 * @throws {ProtocolError} when it is none of this version, or there is none
 */
export async function readProgress(folder: string): Promise<Progress> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(join(folder, RUN_FILES.progress), 'utf8'));
  } catch (cause) {
    throw new ProtocolError(`there is no ${RUN_FILES.progress} that can be read`, { cause });
  }
  const read = schema.safeParse(value);
  if (!read.success) throw new ProtocolError(`${RUN_FILES.progress} is not of this version`);
  return read.data;
}

/** How often it is written: what came since is read from the stream again. */
const EVERY_MS = 1000;

export interface ProgressKeeperDeps {
  readonly folder: Pick<RunFolder, 'written' | 'writeJson'>;
  /** As all stands at this instant. */
  look(): Progress;
}

/**
 * Keeps `progress.json`. What it says is in the folder before it says so: a coordinator that is killed between two of
 * them has written lines that the next one finds there by the names of their records.
 */
export class ProgressKeeper {
  readonly #deps: ProgressKeeperDeps;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> | undefined;

  constructor(deps: ProgressKeeperDeps) {
    this.#deps = deps;
  }

  /** Resolves when it is there for the first time. */
  async begin(): Promise<void> {
    await this.save();
    this.#timer ??= setInterval(() => void this.save(), EVERY_MS);
  }

  /** Resolves when it is written. */
  save(): Promise<void> {
    this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#saving;
  }

  async #save(): Promise<void> {
    const { folder, look } = this.#deps;
    const progress = look();
    if (await folder.written()) await folder.writeJson(RUN_FILES.progress, progress);
  }
}
