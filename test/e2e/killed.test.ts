import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/rng.js';
import { isAlive, type RunningCli, runCli, type Summary, startLoad, temporaryOut } from './cli.js';

/**
 * `kill -9` at moments that nobody chose: of the run, of its stage, of one of its workers. The moments come from a
 * seed, so that one that fails goes on failing.
 */
const LOAD = ['--vus', '6', '--workers', '2', '--duration', '12s'];
/** From before anything serves until about the end, as many in the first seconds as in the rest, ms. */
const moment = (what: string, seed: number): number => 300 * 47 ** createRng(seed, what).next();
const NO_TRACE = /^\s+at .+:\d+/m;

describe.concurrent('a run that is killed', () => {
  test.each([1, 2, 4, 8])('at moment %i is judged by all that stands in its folder', async (seed) => {
    const outDir = temporaryOut();
    const running = startLoad(LOAD, { outDir });
    await sleep(moment('run', seed));
    const children = running.children();
    running.signal('SIGKILL');
    const { runDir } = await running.done;
    await expectGone(children);
    if (runDir === undefined) return; // it had not begun

    const judged = await runCli(['judge', '--json', runDir]);
    expect(judged.stderr).not.toMatch(NO_TRACE);
    if (!existsSync(join(runDir, 'run.json'))) {
      expect(judged.code, judged.stderr).toBe(104);
      return;
    }
    const summary = JSON.parse(judged.stdout) as Summary;
    const ended = readFileSync(join(runDir, 'events.ndjson'), 'utf8').includes('"run_ended"');
    if (!ended) {
      expect(judged.code, judged.stderr).toBe(105);
      expect(judged.reason).toMatch(/^exit 105: the run did not come to its end; measured until then: /);
    }
    const report = await runCli(['report', runDir]);
    expect(report.code, report.stderr).toBe(0);
    expect(existsSync(join(runDir, 'report.html'))).toBe(true);
    for (const name of ['vu_started_count', 'played_ms', 'frame_count', 'chat_sent_count']) {
      expect(summary.metrics[name]?.total ?? 0, name).toBeCloseTo(writtenTotal(runDir, name), 3);
    }
  });
});

describe.concurrent('a stage that is killed', () => {
  test.each([1, 2])('at moment %i ends the run in words', async (seed) => {
    const running = startLoad(LOAD);
    const stages = await childrenOf(running);
    await sleep(moment('stage', seed));
    for (const stage of stages) process.kill(stage, 'SIGKILL');
    const result = await running.done;
    expect(result.code, result.stderr).toBe(1);
    expect(result.reason).toMatch(/stage ended/);
    expect(result.stderr).not.toMatch(NO_TRACE);
    expect(result.summary?.verdict ?? 'invalid').toBe('invalid');
  });
});

describe.concurrent('a worker that is killed', () => {
  test.each([1, 3])('at moment %i makes the run invalid, or ends it before it began', async (seed) => {
    const killer = fileURLToPath(new URL('./kill-one-worker.mjs', import.meta.url));
    // Loading takes a worker some 300 ms and more; the run's end would come before the last moments.
    const atS = Math.min(11, moment('worker', seed) / 1000);
    const running = startLoad(LOAD, { nodeArgs: ['--import', `file://${killer}?at=${atS}`] });
    const stages = await childrenOf(running);
    const result = await running.done;
    expect([1, 111], result.stderr).toContain(result.code);
    expect(result.code === 1).toBe(result.summary === undefined);
    expect(result.reason).toMatch(/worker/);
    expect(result.stderr).not.toMatch(NO_TRACE);
    await expectGone(stages);
  });
});

/** The sum of a counter over all whole lines of the ticks, in the unit of the summary. */
function writtenTotal(runDir: string, name: string): number {
  const lines = readFileSync(join(runDir, 'ticks.ndjson'), 'utf8').split('\n');
  const ticks = lines.slice(0, -1).map((line) => JSON.parse(line) as { counters: Record<string, number> });
  const sums = ticks.flatMap(({ counters }) =>
    Object.entries(counters).map(([key, value]) => (key.split('|')[0] === name ? value : 0)),
  );
  const total = sums.reduce((sum, value) => sum + value, 0);
  return name.endsWith('_ms') ? total / 1000 : total;
}

async function childrenOf(running: RunningCli): Promise<readonly number[]> {
  for (let i = 0; i < 200 && running.children().length === 0; i++) await sleep(50);
  const children = running.children();
  expect(children).not.toEqual([]);
  return children;
}

async function expectGone(children: readonly number[]): Promise<void> {
  for (let i = 0; i < 50 && children.some(isAlive); i++) await sleep(100);
  expect(children.filter(isAlive)).toEqual([]);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
