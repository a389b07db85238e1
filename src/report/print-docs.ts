import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printedFiles } from './docs.js';

/** Writes every printed file into the project this was built from: `node dist/report/print-docs.js`. */
const root = fileURLToPath(new URL('../..', import.meta.url));
for (const [path, text] of Object.entries(printedFiles())) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
