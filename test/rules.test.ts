import { readdirSync, readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  bannedForms,
  LAYERS,
  packagesImportedTwice,
  worldInPureLayers,
  wrongDirections,
} from './rules/layers.js';
import { readFacts, type SourceFacts } from './rules/source-facts.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const product = sources('src').filter((file) => !file.path.endsWith('.test.ts'));
const everything = [...sources('src'), ...sources('test'), ...sources('bench')];

describe('the source of dorami-load', () => {
  test('is found by the rules', () => {
    expect(product.length).toBeGreaterThan(10);
    expect(product.flatMap((file) => file.imports).length).toBeGreaterThan(10);
  });

  test('imports only in the direction of the table of layers', () => {
    expect(wrongDirections(product, LAYERS)).toEqual([]);
  });

  test('imports each package of others in one file only', () => {
    expect(packagesImportedTwice(product)).toEqual([]);
  });

  test('keeps time, chance, timers, process and network out of the pure layers', () => {
    expect(worldInPureLayers(product)).toEqual([]);
  });

  test('has no default exports, no enums and no files named utils', () => {
    expect(bannedForms(everything)).toEqual([]);
  });
});

describe('the rules can fail', () => {
  test.each([
    ['src/players/a.ts', "import { x } from '../stats/trend.js';"],
    ['src/players/a.ts', "import type { X } from '../stats/trend.js';"],
    ['src/players/a.ts', "export { x } from '../run.js';"],
    ['src/players/a.ts', "const x = await import('../stage/stage.js');"],
    ['src/players/a.ts', "let x: import('../stage/stage.js').Stage;"],
    ['src/players/a.ts', "import { x } from '../../test/support/clock.js';"],
    ['src/stats/a.ts', "import { x } from '../players/player.js';"],
    ['src/stage/a.ts', "import { x } from '../players/flv-reader.js';"],
    ['src/units.ts', "import { x } from './errors.js';"],
    ['src/newcomer/a.ts', 'export const x = 1;'],
  ])('a wrong import is seen: %s %s', (path, text) => {
    expect(wrongDirections([readFacts(path, text)], LAYERS)).toHaveLength(1);
  });

  test('an import of the own layer, of a leaf or of one named file is fine', () => {
    const text =
      "import './b.js'; import '../events.js'; import '../media/stamp.js'; import '../stats/tick.js';";
    const layers = { players: ['events', 'media', 'stats/tick'] };
    expect(wrongDirections([readFacts('src/players/a.ts', text)], layers)).toEqual([]);
    expect(
      wrongDirections([readFacts('src/players/a.ts', "import '../stats/trend.js';")], layers),
    ).toHaveLength(1);
  });

  test('a package imported by two files is seen, also by a deeper path or as a type', () => {
    const first = readFacts('src/a.ts', "import { Pool } from 'undici';");
    const second = readFacts('src/b.ts', "import type { Agent } from 'undici/types.js';");
    const scoped = ['src/c.ts', 'src/d.ts'].map((path) => readFacts(path, "import '@scope/name/deep.js';"));
    expect(packagesImportedTwice([first, second])).toEqual(['undici is imported by src/a.ts and src/b.ts']);
    expect(packagesImportedTwice(scoped)).toEqual(['@scope/name is imported by src/c.ts and src/d.ts']);
    expect(packagesImportedTwice([first, readFacts('src/b.ts', "import 'node:fs';")])).toEqual([]);
  });

  test.each([
    'const t = Date.now();',
    'const t = new Date();',
    'const t = performance.now();',
    'const x = Math.random();',
    'setTimeout(go, 1);',
    'const stop = setInterval;',
    'if (process.env.X) go();',
    "await fetch('http://x');",
    'globalThis.go();',
    "import { readFileSync } from 'node:fs';",
  ])('the world in a pure layer is seen: %s', (text) => {
    expect(worldInPureLayers([readFacts('src/players/a.ts', text)])).toHaveLength(1);
    expect(worldInPureLayers([readFacts('src/seams-node.ts', text)])).toEqual([]);
  });

  test.each([
    '// Date.now() in a comment',
    "const text = 'Date';",
    'seam.fetch();',
    'const row = { process: 1 };',
    'interface Row { readonly performance: number }',
    'const half = Math.round(0.5);',
    'declare const at: Date | undefined;',
  ])('what only looks like the world is left alone: %s', (text) => {
    expect(worldInPureLayers([readFacts('src/players/a.ts', text)])).toEqual([]);
  });

  test.each([
    ['src/a.ts', 'export default 1;'],
    ['src/a.ts', 'export default function go() {}'],
    ['src/a.ts', 'const x = 1; export { x as default };'],
    ['src/a.ts', 'enum Kind { One }'],
    ['src/players/utils.ts', ''],
    ['src/players/index.ts', ''],
  ])('a banned form is seen: %s %s', (path, text) => {
    expect(bannedForms([readFacts(path, text)])).toHaveLength(1);
  });
});

function sources(folder: string): readonly SourceFacts[] {
  return readdirSync(`${ROOT}${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
    .map((entry) => `${entry.parentPath}${sep}${entry.name}`)
    .map((path) => readFacts(relative(ROOT, path).split(sep).join('/'), readFileSync(path, 'utf8')));
}
