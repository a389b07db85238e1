import { randomInt } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONDITION_KINDS } from './condition-kinds.js';
import { UNSEEN_SEEDS_FILE } from './conditions.js';
import { projectRoot } from './origin/project-root.js';

/**
 * Draws a new seed for each condition, once the constants of the model are fixed: `node
 * dist-bench/bench/fidelity/draw-seeds.js`. Seeds that were drawn before are never drawn again: take the file away
 * first, and its results with it.
 */
const file = join(projectRoot(), UNSEEN_SEEDS_FILE);
if (existsSync(file)) {
  console.error(`${UNSEEN_SEEDS_FILE} is there already: seeds are drawn once`);
  process.exitCode = 1;
} else {
  const seeds = Object.fromEntries(CONDITION_KINDS.map((kind) => [kind.id, randomInt(1, 2 ** 31)]));
  writeFileSync(file, `${JSON.stringify(seeds, null, 2)}\n`, { flag: 'wx' });
  console.log(`${CONDITION_KINDS.length} seeds drawn: ${UNSEEN_SEEDS_FILE}`);
}
