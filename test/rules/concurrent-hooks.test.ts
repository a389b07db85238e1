import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/**
 * vitest's global `onTestFinished` belongs to the test that began last. Beside another test it stops the servers of
 * one when the other is over; a concurrent test takes the hook from its context.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GLOBAL_HOOK = /import \{[^}]*\bonTest(Finished|Failed)\b[^}]*\} from 'vitest'/;
const CONCURRENT = /\b(describe|test|it)\.concurrent\b/;

function breaksTheRule(text: string): boolean {
  return CONCURRENT.test(text) && GLOBAL_HOOK.test(text);
}

test('concurrent tests clean up with the hook of their own context', () => {
  const files = ['src', 'bench', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => join(ROOT, folder, name)),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((path) => breaksTheRule(readFileSync(path, 'utf8')))).toEqual([]);
});

test.each([
  ["import { expect, onTestFinished, test } from 'vitest';\ntest.concurrent('x', () => {});", true],
  ["import { expect, onTestFinished, test } from 'vitest';\ntest('x', () => {});", false],
  ["import { test } from 'vitest';\ntest.concurrent('x', ({ onTestFinished }) => {});", false],
])('the rule can fail: %j is %s', (text, broken) => {
  expect(breaksTheRule(text)).toBe(broken);
});
