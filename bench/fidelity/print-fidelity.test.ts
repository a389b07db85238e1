import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from './origin/project-root.js';
import { committedDocument } from './print-fidelity.js';

const DOCUMENT = join(projectRoot(), 'docs/fidelity.md');
const RESULTS = join(projectRoot(), 'bench/fidelity/results');

test('docs/fidelity.md is what is printed from the committed results, and is there if they are', () => {
  const hasResults = existsSync(RESULTS) && readdirSync(RESULTS).some((name) => name.endsWith('.ndjson'));
  const printed = hasResults ? committedDocument() : undefined;
  const written = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : undefined;
  expect(written).toBe(printed);
});
