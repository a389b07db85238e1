import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explainCommand } from './explain-hint.js';
import { widthOf } from './text-width.js';

const TOOL = 'dorami-load';

test('fits into one line when it can', () => {
  expect(explainCommand({ folder: 'runs/a', tool: TOOL }, 'api_success', 5, 80)).toEqual([
    '     → dorami-load judge runs/a --explain api_success',
  ]);
});

test('goes on in a second line that a shell joins to the first', () => {
  expect(
    explainCommand({ folder: 'runs/20261122T090605Z-smoke-a1b2c3', tool: TOOL }, 'rebuffer_ratio', 5, 80),
  ).toEqual([
    '     → dorami-load judge runs/20261122T090605Z-smoke-a1b2c3 \\',
    '         --explain rebuffer_ratio',
  ]);
});

test('pasted into a shell it names the folder, whatever that is called', () => {
  const names = fc.oneof(
    fc.stringMatching(/^[ -~]{1,200}$/),
    fc.constantFrom('-x', '~/x', '日本 語', `${'long/'.repeat(60)}end`, "it's", 'a\\b', '$HOME'),
  );
  fc.assert(
    fc.property(names, (folder) => {
      const lines = explainCommand({ folder, tool: TOOL }, 'x', 5, 80);
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(80);
      const command = lines.join('\n').replace(/^ +→ dorami-load/, "printf '%s|'");
      const words = execFileSync('sh', ['-f', '-c', command], { encoding: 'utf8' }).split('|');
      const typed = folder.startsWith('-') ? `./${folder}` : folder;
      expect(words.join('|')).toBe(`judge|${typed}|--explain|x|`);
    }),
    { numRuns: 60 },
  );
});
