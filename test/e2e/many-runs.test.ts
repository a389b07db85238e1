import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli, temporaryOut } from './cli.js';

const LOAD = ['--vus', '4', '--workers', '1', '--duration', '8s', '--no-preflight', '--no-report', '--quiet'];

test('two runs in a row are one result, and their folders can be compared, repeated and read for a release', async () => {
  const out = temporaryOut();
  const both = await runCli(['run', ...LOAD, '--runs', '2', '--json', '--out', out]);
  const { runs, sentence } = JSON.parse(both.stdout) as { runs: { path: string }[]; sentence: string };
  expect(runs).toHaveLength(2);
  expect(both.reason).toContain(sentence);
  const [a = '', b = ''] = readdirSync(out).map((name) => join(out, name));

  const again = await runCli(['repeat', a, b]);
  expect(again.code).toBe(both.code);

  // A busy machine may make a run invalid or starve it; a regression of the same load it must never be.
  const compared = await runCli(['compare', a, b]);
  expect([0, 111, 114], compared.stderr).toContain(compared.code);
  expect((await runCli(['compare', a, a])).code).toBe(104);

  const ready = await runCli(['readiness', a, b, '--json']);
  expect(ready.code, ready.stderr).toBe(114);
  expect(ready.reason).toMatch(/^exit 114: NOT PROVEN: 0 of 10 criteria are proven/);
}, 90_000);
