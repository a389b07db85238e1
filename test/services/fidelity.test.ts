import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WIDE_BOUNDS } from '../../bench/fidelity/compare/bounds.js';
import type { ConditionResult } from '../../bench/fidelity/compare/condition.js';
import { printTable } from '../../bench/fidelity/compare/print-table.js';
import { compareAll, parseResults } from '../../bench/fidelity/compare/results.js';
import { conditions } from '../../bench/fidelity/conditions.js';
import { needs } from './available.js';
import { temporaryFolder } from './child.js';

/**
 * The short form of the fidelity bench: eight conditions once each, in a real browser and beside it, with bounds
 * for a machine that does other things as well. One that misses is run once more: a busy machine spoils a run now
 * and then, a model that is wrong misses each time. The long form is docs/fidelity.md.
 */
const CONDITIONS = [
  'ample-hls',
  'frozen-list-8s-hls',
  'missing-1-hls',
  'discontinuity-hls',
  'ample-flv',
  'pause-3s-flv',
  'mid-gop-flv',
  'cut-off-flv',
];
const AT_A_TIME = 4;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
let running: ChildProcess | undefined;

beforeAll(() => {
  folder = temporaryFolder('fidelity');
});

afterAll(() => {
  running?.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

describe('a viewer of ours beside a real browser', () => {
  test('sees the same rebuffers, the same first frame, the same latency and the same end', async (context) => {
    needs(context, 'chromium', 'ffmpeg');
    await program(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.bench.json']);
    const first = await bench('first', CONDITIONS);
    const again = CONDITIONS.filter((id) => isMissing(first, id));
    const second = again.length === 0 ? [] : await bench('second', again);
    const results = CONDITIONS.map((id) => [...second, ...first].find(({ condition }) => condition === id));
    const seen = results.filter((result) => result !== undefined);
    const words = printTable(seen);
    expect(
      seen.map(({ condition }) => condition),
      'conditions that this machine never ran undisturbed are missing',
    ).toEqual(CONDITIONS);
    expect(
      seen.flatMap(({ condition, misses }) => misses.map((miss) => ({ condition, ...miss }))),
      words,
    ).toEqual([]);
  }, 600_000);
});

function isMissing(results: readonly ConditionResult[], id: string): boolean {
  const result = results.find(({ condition }) => condition === id);
  return result === undefined || result.misses.length > 0;
}

async function bench(name: string, ids: readonly string[]): Promise<readonly ConditionResult[]> {
  const file = join(folder, `${name}.ndjson`);
  const flags = { only: ids.join(','), repeats: '1', parallel: String(AT_A_TIME), lag: '2', results: file };
  await program([
    'dist-bench/bench/fidelity/run.js',
    ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]),
  ]);
  return compareAll(parseResults(readFileSync(file, 'utf8')).records, conditions('calibration'), WIDE_BOUNDS);
}

/** Runs a script of the project; rejects with its words when it cannot do its work at all. */
function program(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    running = child;
    let words = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (words += chunk));
    child.once('error', reject);
    child.once('exit', (code) => {
      // 1 = some conditions were never run undisturbed: the caller sees which.
      if (code === 0 || code === 1) resolve();
      else reject(new Error(`${args.join(' ')} ended with ${code}:\n${words}`));
    });
  });
}
