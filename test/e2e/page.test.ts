import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { kpi, runCli, runLoad, total } from './cli.js';
import { startStage } from './stage.js';

/** Longer than any test machine takes from a connect to the join behind it: every early join is lost. */
const AUTH_MS = 400;
const VUS = 6;

test('viewers that act as the page lose the joins that the page loses, and watch, read and shop all the same', async () => {
  const stage = await startStage(['--auth-ms', String(AUTH_MS)]);
  onTestFinished(() => stage.stop());
  const result = await runLoad([
    ...stage.flags(),
    ...['--behaviour', 'page', '--vus', String(VUS), '--duration', '26s', '--rate', 'cart-add=100%'],
  ]);
  // The rows below stand whatever else this machine is busy with.
  if (result.summary?.verdict !== 'invalid') expect(result.code, result.stderr).toBe(99);
  for (const [id, status] of [
    ['join_root', 'fail'],
    ['join_streaming', 'fail'],
    ['join_chat', 'pass'],
    ['viewers_joined', 'pass'],
    ['viewers_lost', 'pass'],
    ['stream_start_success', 'pass'],
    ['api_success', 'pass'],
  ] as const) {
    expect(kpi(result, id).status, `${id}\n${result.stderr}`).toBe(status);
  }
  expect(total(result, 'join_lost_count')).toBe(2 * VUS);
  expect(total(result, 'cart_emptied_count')).toBe(VUS);
  expect(result.stdout.replaceAll(/\s+/g, ' ')).toContain(
    `${2 * VUS} joins lost (/ ${VUS}, /streaming ${VUS})`,
  );
  const calls = result.summary?.metrics.api_call_count?.parts ?? {};
  for (const once of ['config', 'featured_product', 'me', 'csrf', 'cart_add'])
    expect(calls[once], once).toBe(VUS);
  // Each stay of 15 s and more reads status and notices at once and again, products each 5 s.
  for (const call of ['stream_status', 'notices']) expect(calls[call], call).toBeGreaterThanOrEqual(VUS);
  expect(calls.products).toBeGreaterThan(4 * VUS);
  const folder = result.runDir as string;
  expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toMatchObject({ behaviour: 'page' });
  const again = await runCli(['judge', '--json', folder]);
  expect(JSON.parse(again.stdout)).toEqual(result.summary);
});
