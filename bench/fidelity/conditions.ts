import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRng } from '../../src/rng.js';
import { CONDITION_KINDS } from './condition-kinds.js';
import { projectRoot } from './origin/project-root.js';
import type { Condition } from './script.js';

export type SeedSet = 'calibration' | 'unseen';

/** Where the seeds are that were drawn after the constants were fixed, below the project's root. */
export const UNSEEN_SEEDS_FILE = 'bench/fidelity/unseen-seeds.json';

/** The conditions of a set, in the order of the table. Throws when the unseen seeds are not drawn yet. */
export function conditions(set: SeedSet): readonly Condition[] {
  const seeds = set === 'unseen' ? unseenSeeds() : undefined;
  return CONDITION_KINDS.flatMap((kind, index) => {
    const seed = seeds === undefined ? CALIBRATION_SEED + index : seeds[kind.id];
    return seed === undefined ? [] : [conditionOf(kind.id, seed, set === 'unseen')];
  });
}

/** One instance of a kind. Throws when there is no such kind. */
export function conditionOf(id: string, seed: number, unseen = false): Condition {
  const kind = CONDITION_KINDS.find((one) => one.id === id);
  if (kind === undefined) throw new Error(`no condition ${id}`);
  return { id, protocol: kind.protocol, seed, unseen, ...kind.draw(createRng(seed, id)) };
}

const CALIBRATION_SEED = 20_261_122;

function unseenSeeds(): Readonly<Record<string, number>> {
  const file = join(projectRoot(), UNSEEN_SEEDS_FILE);
  if (!existsSync(file)) throw new Error(`${UNSEEN_SEEDS_FILE} is not there: draw the seeds first`);
  return JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, number>>;
}
