import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isAlive, runCli, startLoad, temporaryOut } from './cli.js';

const ARGS = ['--vus', '8', '--duration', '30s'];
/** The line of progress once all have come. */
const ALL_WATCH = /8\/8 watching/;
/** Signals that come within 50 ms are one wish. */
const SECOND_WISH_MS = 200;

test.concurrent('Ctrl-C leaves cleanly: 105, and what was measured is judged', async () => {
  const running = startLoad(ARGS);
  await running.says(ALL_WATCH);
  const children = running.children();
  running.signal('SIGINT');
  const result = await running.done;
  expect(result.code, result.stderr).toBe(105);
  expect(result.reason).toMatch(/stopped|signal|SIGINT/i);
  expect(result.summary?.exitCode).toBe(105);
  expect(result.summary?.vus.joined).toBe(8);
  await expectNothingLeft(children);
});

test.concurrent('a second Ctrl-C does not wait: 130', async () => {
  const running = startLoad(ARGS);
  await running.says(ALL_WATCH);
  const children = running.children();
  for (const child of children) process.kill(child, 'SIGSTOP'); // a stage that hangs: leaving takes its time
  running.signal('SIGINT');
  await sleep(SECOND_WISH_MS);
  running.signal('SIGINT');
  const result = await running.done;
  expect(result.code, result.stderr).toBe(130);
  await expectNothingLeft(children);
});

test.concurrent('a run that was killed can be judged up to its last tick, and its stage ends with it', async () => {
  const outDir = temporaryOut();
  const running = startLoad(ARGS, { outDir });
  await running.says(ALL_WATCH);
  const children = running.children();
  running.signal('SIGKILL');
  const killed = await running.done;
  expect(killed.code).toBeUndefined();
  const runDir = killed.runDir as string;
  expect(existsSync(join(runDir, 'summary.json'))).toBe(false);
  await expectNothingLeft(children);

  const judged = await runCli(['judge', '--json', runDir]);
  const summary = JSON.parse(judged.stdout) as { verdict: string; vus: { joined: number } };
  expect(summary.vus.joined).toBe(8);
  expect(summary.verdict).not.toBe('pass');
  expect(judged.code, judged.stderr).not.toBe(0);
});

test.concurrent('a worker that dies makes the run invalid: 111', async () => {
  const killer = fileURLToPath(new URL('./kill-one-worker.mjs', import.meta.url));
  const running = startLoad(['--vus', '8', '--duration', '16s', '--workers', '2'], {
    nodeArgs: ['--import', killer],
  });
  await sleep(5000);
  const children = running.children();
  const result = await running.done;
  expect(result.code, result.stderr).toBe(111);
  expect(result.reason).toMatch(/worker/i);
  expect(result.summary?.verdict).toBe('invalid');
  await expectNothingLeft(children);
});

/** What the command had started, its stage, has ended too. */
async function expectNothingLeft(children: readonly number[]): Promise<void> {
  expect(children).not.toEqual([]);
  for (let i = 0; i < 50 && children.some(isAlive); i++) await sleep(100);
  expect(children.filter(isAlive)).toEqual([]);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
