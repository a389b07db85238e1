import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { needs, servicesRequired } from '../services/available.js';
import { type CliResult, kpisWith, measured, runLoad, startLoad, temporaryOut, total } from './cli.js';
import { runShell } from './hard-shell.js';
import { startStage } from './stage.js';

/**
 * The generator is made to fall short while the platform is in good health. What its viewers then miss must never
 * be told as the platform's failure (99), nor a run that could not measure as a pass.
 */
const BLOCK = fileURLToPath(new URL('./block-worker.mjs', import.meta.url));
/** Longer than the pictures that a viewer over HTTP-FLV holds: its player would stand still. */
const BLOCKED_MS = 300;
/** The hold has begun and everybody watches. */
const AT_S = 11;

/** How long other programs take the CPU. */
const HELD_UP_MS = 12_000;

/** Two viewers over HTTP-FLV, both of the worker that is held up: each may stand still. */
const MIX = 'hls=80,flv=20';
/**
 * A hold of 30 s: two stalls in its 300 s of viewing are 0.7 %, less than the 1 % of the row. In the 15 s of a
 * shorter run they would be 1.3 %, and then it is right that our own lag decides and the run is invalid.
 */
const LONG_ENOUGH = '45s';

const runBlocked = (duration: string, block: string): Promise<CliResult> =>
  runLoad(['--vus', '10', '--workers', '2', '--duration', duration, '--mix', MIX], {
    nodeArgs: ['--import', `file://${BLOCK}?at=${AT_S}&${block}`],
  });

describe('a generator that is held up', () => {
  test('one worker held up once for 300 ms: a pass, and the viewer-time it touched is counted as ours', async () => {
    const result = await measured(() => runBlocked(LONG_ENOUGH, `for=${BLOCKED_MS}`));
    expect(kpisWith(result, 'fail'), result.stderr).toEqual([]);
    expect(result.code, result.stderr).toBe(0);
    // The viewers of one of two workers.
    expect(total(result, 'lagged_viewer_ms')).toBeGreaterThanOrEqual(5 * (BLOCKED_MS - 30));
    expect(total(result, 'rebuffer_count') - total(result, 'tainted_rebuffer_count')).toBe(0);
  });

  test('one worker held up for 300 ms each second: invalid, 111', async () => {
    // Not beside other runs: what starves the stage makes viewers stand still without any lag of ours.
    const result = await runBlocked('20s', `for=${BLOCKED_MS}&every=1000`);
    expectInvalid(result, 'lagged_time');
    expect(total(result, 'tainted_rebuffer_count')).toBeGreaterThan(0);
    expect(total(result, 'rebuffer_count') - total(result, 'tainted_rebuffer_count')).toBe(0);
  });

  test('other programs take the CPU that it runs on: invalid, 111', async (context) => {
    if (!canPin()) skip(context, 'this system lets nobody choose the CPU of a process');
    const stage = await startStage();
    context.onTestFinished(() => stage.stop());
    const running = startLoad([...stage.flags(), '--vus', '60', '--duration', '24s']);
    await running.says(/60\/60 watching/);
    pin(running.pid, 0);
    // Fair shares: one thread of 41 gets 2.4 % of the CPU, sixty viewers need 5 % and more.
    const hogs = Array.from({ length: 40 }, () => startHog(0));
    const calm = (): void => {
      for (const hog of hogs) hog.kill('SIGKILL');
    };
    context.onTestFinished(calm);
    // The rest of the hold; judging and writing what was measured would take another half a minute beside them.
    await Promise.race([running.done, new Promise((resolve) => setTimeout(resolve, HELD_UP_MS))]);
    calm();
    const result = await running.done;
    expect(result.code, result.stderr).toBe(111);
    expect(result.summary?.verdict).toBe('invalid');
  });
});

describe.concurrent('a generator that cannot do its work', () => {
  test('one worker held up once for 4 s, so that its viewers stand still: invalid, 111', async () => {
    expectInvalid(await runBlocked('20s', 'for=4000'), 'lagged_time');
  });

  test('no more than 256 descriptors: invalid, 111, because the platform is not to blame', async ({
    onTestFinished,
  }) => {
    const stage = await startStage();
    onTestFinished(() => stage.stop());
    const load = `${stage.flags().join(' ')} --vus 150 --duration 10s --out "${temporaryOut()}"`;
    const result = await runShell(`ulimit -n 256; dorami_load ${load}`);
    expect(result.code, result.stderr).toBe(111);
    expect(result.stdout).toMatch(/no descriptors, ports or memory for \d+ sockets/);
  });

  test('no more than 41 ports to connect from: invalid, 111, because the platform is not to blame', async (context) => {
    needs(context, 'ip');
    const ownNetwork = ['unshare', '-rn', 'sh', '-c'] as const;
    if (spawnSync('unshare', ['-rn', 'true']).status !== 0)
      skip(context, 'this system lets nobody make a network');
    const ports = 'ip link set lo up; echo "40000 40040" > /proc/sys/net/ipv4/ip_local_port_range';
    const load = `--vus 60 --duration 10s --out "${temporaryOut()}"`;
    const result = await runShell(`${ports}; dorami_load ${load}`, ownNetwork);
    expect(result.code, result.stderr).toBe(111);
    expect(result.stdout).toMatch(/no descriptors, ports or memory for \d+ sockets/);
  });
});

function expectInvalid(result: CliResult, code: string): void {
  expect(result.code, result.stderr).toBe(111);
  expect(result.summary?.verdict).toBe('invalid');
  expect(result.summary?.invalidReasons.map((reason) => reason.code)).toContain(code);
}

function skip(context: { skip(reason: string): void }, reason: string): void {
  if (servicesRequired(process.env)) throw new Error(reason);
  context.skip(reason);
}

function canPin(): boolean {
  return availableParallelism() > 1 && spawnSync('taskset', ['-c', '0', 'true']).status === 0;
}

/** All threads of a process, on one CPU from now on. */
function pin(pid: number, cpu: number): void {
  spawnSync('taskset', ['-a', '-p', '-c', String(cpu), String(pid)]);
}

/** A process that does nothing but keep one CPU busy. */
function startHog(cpu: number): ChildProcess {
  // In a session of its own: some kernels share the CPU out by session first, and forty in one would count as one.
  return spawn('taskset', ['-c', String(cpu), 'sh', '-c', 'while :; do :; done'], {
    stdio: 'ignore',
    detached: true,
  });
}
