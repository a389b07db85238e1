import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { conditions, UNSEEN_SEEDS_FILE } from './conditions.js';
import { projectRoot } from './origin/project-root.js';
import type { Condition } from './script.js';

/** The conditions of both sets; of the calibration alone while no unseen seeds are drawn. */
export function knownConditions(): readonly Condition[] {
  const drawn = existsSync(join(projectRoot(), UNSEEN_SEEDS_FILE));
  return [...conditions('calibration'), ...(drawn ? conditions('unseen') : [])];
}
