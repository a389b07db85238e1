import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PLAYERS = fileURLToPath(new URL('../../src/players', import.meta.url));
/** What turns a log into a story belongs to the result as much as the model does. */
const STORIES = [
  './browser/browser-story.js',
  './browser/running-clock.js',
  './ours/our-story.js',
  './ours/variants.js',
];

/** A short hash of all that our viewer's verdict depends on, as it was compiled, and of the conditions' recipes. */
export function modelVersion(conditionFiles: readonly string[]): string {
  const hash = createHash('sha256');
  const files = readdirSync(PLAYERS)
    .filter((name) => name.endsWith('.js'))
    .sort();
  for (const name of files) hash.update(readFileSync(`${PLAYERS}/${name}`));
  for (const file of STORIES) hash.update(readFileSync(fileURLToPath(new URL(file, import.meta.url))));
  for (const file of conditionFiles) hash.update(readFileSync(fileURLToPath(new URL(file, import.meta.url))));
  return hash.digest('hex').slice(0, 12);
}
