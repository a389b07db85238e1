import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { servicesRequired } from '../services/available.js';
import { freePort } from '../services/child.js';
import { isAlive, startLoad, temporaryOut } from './cli.js';
import { runShell, type ShellResult } from './hard-shell.js';

const NO_TRACE = /^\s+at .+:\d+/m;
/** A mount namespace of its own, so that a test may have a small disk. */
const PRIVATE_MOUNTS = ['unshare', '-rm', 'sh', '-c'] as const;

describe.concurrent('a machine that falls short ends in words', () => {
  test('a disk that fills up: 1, and what was measured is judged from memory', async (context) => {
    const result = await onDisk(context, 'size=24k', '--vus 4 --duration 14s');
    expect(result.code, result.stderr).toBe(1);
    expect(result.stderr).toContain('ENOSPC: what is measured is judged from memory');
    expect(result.reason).toMatch(/^exit 1: cannot write .*ENOSPC; measured until then: \w+/);
    expect(result.stdout).toMatch(/\(viewer, smoke\)/);
    expect(result.stderr).not.toMatch(NO_TRACE);
  });

  test('a disk without room for the first file: the same', async (context) => {
    const result = await onDisk(context, 'size=4k', '--vus 4 --duration 8s');
    expect(result.code, result.stderr).toBe(1);
    expect(result.stderr).toMatch(/cannot write .*run\.json: ENOSPC: what is measured is judged from memory/);
    expect(result.reason).toMatch(/^exit 1: cannot write .*run\.json: ENOSPC; measured until then: \w+/);
    expect(result.stdout).toMatch(/\(viewer, smoke\)/);
    expect(result.stderr).not.toMatch(NO_TRACE);
  });

  test('a disk without room for a folder: 104, and nothing is started', async (context) => {
    const result = await onDisk(context, 'nr_inodes=2', '--vus 4 --duration 8s');
    expect(result.code, result.stderr).toBe(104);
    expect(result.reason).toMatch(/--out: cannot make a run folder in .*: ENOSPC/);
  });

  test('a disk that is read-only: 104, and nothing is started', async (context) => {
    const result = await onDisk(context, 'ro', '--vus 4 --duration 8s');
    expect(result.code, result.stderr).toBe(104);
    expect(result.reason).toMatch(/--out: cannot write to .*: EROFS/);
  });

  test('a run folder that is deleted during the run: 1, and what was measured is judged from memory', async () => {
    const out = temporaryOut();
    const result = await runShell(
      `(sleep 7; rm -rf "${out}"/*) & dorami_load --vus 4 --duration 10s --out "${out}"`,
    );
    expect(result.code, result.stderr).toBe(1);
    expect(result.reason).toMatch(/^exit 1: cannot write .*summary\.json: ENOENT; \w+ \(viewer, smoke\)/);
    expect(result.stdout).toMatch(/\(viewer, smoke\)/);
    expect(result.stderr).not.toMatch(NO_TRACE);
  });

  test('so few descriptors that it can be known: said before the run, and no verdict on the platform', async () => {
    const result = await runShell(
      `ulimit -n 256; dorami_load --vus 200 --duration 10s --out "${temporaryOut()}"`,
    );
    expect(result.code, result.stderr).toBe(111);
    expect(result.stderr).toMatch(
      /^machine {4}! this machine carries about \d+ viewers .*\(descriptors\).* 200/m,
    );
    expect(result.stdout).toMatch(/note: this machine carries about \d+ viewers/);
    expect(result.stderr).not.toMatch(NO_TRACE);
  });

  test('so few descriptors that our own code cannot be read: 1', async () => {
    const result = await runShell('ulimit -n 25; dorami_load');
    expect(result.code, result.stderr).toBe(1);
    expect(result.reason).toMatch(/our own fault: EMFILE/);
    expect(result.stderr).not.toMatch(NO_TRACE);
  });

  test('a stdout that cannot be written to is not passed over: 1', async () => {
    const result = await runShell('dorami_load --print-plan >/dev/full');
    expect(result.code).toBe(1);
    expect(result.reason).toBe('exit 1: cannot write to stdout: ENOSPC');
  });

  test('a reader that has gone changes nothing: 0', async () => {
    const result = await runShell('{ dorami_load --print-plan; echo "code $?" >&2; } | true');
    expect(result.reason).toBe('code 0');
  });

  test('a stage that is killed under a run: 1, and the run says so', async () => {
    const running = startLoad(['--vus', '4', '--duration', '30s']);
    await running.says(/[1-4]\/\d watching/);
    const stages = running.children();
    expect(stages).not.toEqual([]);
    for (const stage of stages) process.kill(stage, 'SIGKILL');
    const result = await running.done;
    expect(result.code, result.stderr).toBe(1);
    expect(result.reason).toMatch(
      /^exit 1: the stage ended by itself \(SIGKILL\); measured until then: INVALID/,
    );
    expect(result.summary).toMatchObject({ verdict: 'invalid', exitCode: 1 });
    expect(stages.filter(isAlive)).toEqual([]);
  });
});

describe.concurrent('a stage by hand that cannot serve ends, and does not hang', () => {
  test('a users file that cannot be written: 104', async () => {
    const path = join(temporaryOut(), 'no-such-folder', 'users.csv');
    const result = await runShell(`dorami_load stage --port 0 --users-out "${path}"`);
    expect(result.code, result.stderr).toBe(104);
    expect(result.reason).toMatch(/--users-out: cannot write .*ENOENT/);
  });

  test('an address that this machine does not have: 104', async () => {
    const result = await runShell(`dorami_load stage --host 192.0.2.1 --port ${await freePort()}`);
    expect(result.code, result.stderr).toBe(104);
    expect(result.reason).toMatch(/192\.0\.2\.1.*EADDRNOTAVAIL/);
  });
});

describe.concurrent('what cannot be read is refused before anything is started: 104', () => {
  test.each([
    [
      'a users file that is a pipe nobody writes to',
      'mkfifo p; dorami_load --target http://127.0.0.1:9 --users p',
    ],
    ['a users file without end', 'dorami_load --target http://127.0.0.1:9 --users /dev/zero'],
    ['a folder for runs that is a file', 'touch f; dorami_load --out f'],
    ['a list flag without its value', 'dorami_load --allow-target'],
    ['a name that every object has', 'dorami_load --constructor 5'],
    ['a switch with a value', 'dorami_load --allow-writes=no --print-plan'],
    ['a fault that does not exist', 'dorami_load --stage-fault frieze --print-plan'],
    ['a value of two lines', `dorami_load --vus '5\n6'`],
  ])('%s', async (_, script) => {
    const result = await runShell(`cd "${temporaryOut()}"; ${script}`);
    expect(result.code, result.stderr).toBe(104);
    expect(result.reason).toMatch(/^exit 104: bad configuration: /);
  });
});

/** A run whose folder lies on a disk of its own, made with these options of tmpfs (tmpfs(5)). */
function onDisk(context: TestContext, options: string, load: string): Promise<ShellResult> {
  const [program, ...args] = [...PRIVATE_MOUNTS, 'mount -t tmpfs none /mnt'];
  if (spawnSync(program ?? '', args).status !== 0 && !servicesRequired(process.env)) {
    context.skip('this system lets nobody make a small disk');
  }
  const disk = temporaryOut();
  return runShell(
    `mount -t tmpfs -o ${options} none "${disk}" && dorami_load ${load} --out "${disk}"`,
    PRIVATE_MOUNTS,
  );
}
