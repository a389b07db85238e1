import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, type TestContext, test } from 'vitest';
import { makeChange, seeChange, undoChange } from '../../src/faults/carry-out.js';
import { prepareChange } from '../../src/faults/prepare.js';
import { statOf } from '../../src/faults/processes.js';
import type { RealAction } from '../../src/scenarios/real-fault.js';
import { needsNamespaces } from './available.js';
import { temporaryFolder } from './child.js';
import { type Box, makeNetwork } from './netns.js';

const RECEIVER = fileURLToPath(new URL('./receiver.mjs', import.meta.url));
const REAL_CHANGE = fileURLToPath(new URL('./real-change.mjs', import.meta.url));
const SUPERVISOR = fileURLToPath(new URL('../../dist/run/fault-supervisor-main.js', import.meta.url));
const WORLD = { targetHosts: [] };

interface Story {
  readonly seen: readonly string[];
  readonly undone: readonly string[];
  /** As the receivers say, or why nothing came. */
  readonly bitsPerS: readonly (number | string)[];
}

/** The first box breaks something; the others take what it sends. */
async function boxes(context: TestContext, count: number): Promise<[Box, ...Box[]]> {
  needsNamespaces(context);
  const network = makeNetwork(count);
  onTestFinished(() => network.remove());
  const [first, ...others] = network.boxes as [Box, ...Box[]];
  await Promise.all(others.map((box) => lineOf(box.spawn(process.execPath, [RECEIVER], { stdio: PIPED }))));
  return [first, ...others];
}

const PIPED: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];

/** What a child says first. */
function lineOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (text: Buffer) => resolve(text.toString().trim()));
    child.once('exit', () => reject(new Error('it ended without a word')));
  });
}

async function storyOf(box: Box, action: RealAction, ...addresses: readonly string[]): Promise<Story> {
  const words = [REAL_CHANGE, JSON.stringify(action), ...addresses];
  return JSON.parse(await lineOf(box.spawn(process.execPath, words, { stdio: PIPED }))) as Story;
}

const WHOLE = { seen: ['gone', 'there', 'gone'], undone: ['undone', 'gone'] };

describe('in a namespace of its own', () => {
  test('a throttle holds what is sent to its rate, of an interface or towards one peer', async (context) => {
    const [box, near, far] = (await boxes(context, 3)) as [Box, Box, Box];
    const throttle = { on: 'network', do: 'throttle', bitsPerS: 20e6 } as const;
    const whole = await storyOf(box, { ...throttle, interface: box.device, peers: [] }, near.address);
    expect(whole).toMatchObject(WHOLE);
    const [all] = whole.bitsPerS as [number];
    expect(all).toBeGreaterThan(16e6);
    expect(all).toBeLessThan(24e6);
    const towards = await storyOf(
      box,
      { ...throttle, peers: [{ host: near.address }] },
      near.address,
      far.address,
    );
    expect(towards).toMatchObject(WHOLE);
    const [slow, fast] = towards.bitsPerS as [number, number];
    expect(slow).toBeGreaterThan(16e6);
    expect(slow).toBeLessThan(24e6);
    expect(fast).toBeGreaterThan(3 * slow);
  }, 60_000);

  test('a queue of somebody else is not replaced', async (context) => {
    const [box] = await boxes(context, 1);
    expect(box.exec('tc', 'qdisc', 'add', 'dev', box.device, 'root', 'handle', '7:', 'htb').code).toBe(0);
    const action = { on: 'network', do: 'throttle', bitsPerS: 1e6, interface: box.device, peers: [] };
    const { code, stderr } = box.exec(process.execPath, REAL_CHANGE, JSON.stringify(action));
    expect([code, stderr]).toEqual([1, expect.stringContaining('has a queue of its own already (7:)')]);
    expect(box.exec('tc', 'qdisc', 'show', 'dev', box.device).stdout).toContain('htb 7:');
  });

  test('a link comes up with the routes and addresses that went with it', async (context) => {
    const [box, near] = (await boxes(context, 2)) as [Box, Box];
    box.exec('ip', 'addr', 'add', 'fd77::1/64', 'dev', box.device, 'nodad');
    box.exec('ip', 'route', 'add', '10.99.0.0/16', 'via', near.address, 'metric', '50');
    box.exec('ip', 'route', 'add', 'fd99::/16', 'via', 'fd77::2');
    const routes = (): string[] =>
      ['-4', '-6'].flatMap((family) =>
        box
          .exec('ip', family, 'route', 'show', 'dev', box.device)
          .stdout.split('\n')
          .map((line) => line.trim()),
      );
    const before = routes();
    expect(before.filter((line) => /^(10\.99|fd99)/.test(line))).toHaveLength(2);
    const link = { on: 'network', do: 'link-down', interface: box.device } as const;
    expect(await storyOf(box, link, near.address)).toMatchObject({ ...WHOLE, bitsPerS: ['ENETUNREACH'] });
    expect(routes().filter((line) => !before.includes(line))).toEqual([]);
    expect(before.filter((line) => !line.startsWith('fe80') && !routes().includes(line))).toEqual([]);
    expect(box.exec('ip', '-6', 'addr', 'show', 'dev', box.device).stdout).toContain('fd77::1/64');
  });

  test('the helper cuts two boxes off in one direction or both, for a while, and heals them', async (context) => {
    needsNamespaces(context);
    const network = makeNetwork(2);
    onTestFinished(() => network.remove());
    const [a, b] = network.boxes as [Box, Box];
    const cutsOf = (box: Box): number =>
      box.exec('iptables', '-w', '5', '-S').stdout.split('DROP').length - 1;
    const cuts = (): number[] => [cutsOf(a), cutsOf(b)];
    network.partition(a, b, 'out');
    expect(cuts()).toEqual([1, 0]);
    network.partition(a, b);
    expect(cuts()).toEqual([1, 1]);
    network.heal(b, a);
    expect(cuts()).toEqual([0, 0]);
    const over = network.partitionFor(a, b, 50, 'in');
    expect(cuts()).toEqual([0, 1]);
    await over;
    expect(cuts()).toEqual([0, 0]);
    network.remove();
    expect(a.exec('true').code).not.toBe(0);
  });
});

describe('a process', () => {
  /** Starts something that does nothing and is nobody's child, as a daemon is, and writes its number to "$1". */
  const daemon = (pidFile: string): [string, ...string[]] => [
    'sh',
    ...['-c', 'sleep 60 >/dev/null 2>&1 & echo $! > "$1"', 'sh', pidFile],
  ];

  async function sleeper(): Promise<{ readonly pid: number; readonly pidFile: string }> {
    const pidFile = join(temporaryFolder('pid'), 'sleep.pid');
    const [program, ...args] = daemon(pidFile);
    execFileSync(program, args);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    onTestFinished(() => killed(pid));
    return { pid, pidFile };
  }

  function killed(pid: number): void {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has been killed before.
    }
  }

  test('that is paused stands still and goes on', async () => {
    const { pid, pidFile } = await sleeper();
    const change = await prepareChange({ on: 'process', do: 'pause', pidFile }, WORLD);
    await makeChange(change);
    await until(async () => (await statOf(pid))?.state === 'T');
    expect(await seeChange(change)).toBe('there');
    expect(await undoChange(change)).toMatchObject({ state: 'undone' });
    expect((await statOf(pid))?.state).not.toBe('T');
    expect(await undoChange(change)).toMatchObject({ state: 'gone' });
  });

  test('that is killed is started by the words that were said, or found started', async () => {
    const { pid, pidFile } = await sleeper();
    const action = { on: 'process', do: 'kill', pidFile, start: daemon(pidFile) } as const;
    const change = await prepareChange(action, WORLD);
    await makeChange(change);
    await until(async () => (await statOf(pid)) === undefined);
    expect(await seeChange(change)).toBe('there');
    expect(await undoChange(change)).toMatchObject({ state: 'undone' });
    const now = Number(readFileSync(pidFile, 'utf8'));
    onTestFinished(() => killed(now));
    // The shell has said the number before its child has become `sleep`.
    await until(async () => (await statOf(now))?.name === 'sleep');
    expect(await undoChange(change)).toMatchObject({ state: 'gone' });
  });

  test('of this run itself is refused, and one that is not there too', async () => {
    const pidFile = join(temporaryFolder('pid'), 'own.pid');
    writeFileSync(pidFile, String(process.pid));
    const own = prepareChange({ on: 'process', do: 'pause', pidFile }, WORLD);
    await expect(own).rejects.toThrow('is this run itself');
    const nobody = prepareChange({ on: 'process', do: 'kill', pidof: 'no-such-program' }, WORLD);
    await expect(nobody).rejects.toThrow('no process runs: no-such-program');
  });
});

/** Stands for the docker command: one container on one network, its state in a file, every call in another. */
const DOCKER = `#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >> calls
case "$*" in
  'kill srs') echo false > running ;;
  'start srs') echo true > running ;;
  'network disconnect back srs') echo '{}' > networks ;;
  network\\ connect*) echo '{"back":{"Aliases":["media"]}}' > networks ;;
  'inspect --type container srs')
    echo "[{\\"State\\":{\\"Running\\":$(cat running),\\"Paused\\":false},\\"NetworkSettings\\":{\\"Networks\\":$(cat networks)}}]" ;;
  *) echo "Error: No such container: $4" >&2; exit 1 ;;
esac
`;

test('a container is killed and started, taken off its network and put back with its names', async () => {
  const folder = temporaryFolder('docker');
  writeFileSync(join(folder, 'docker'), DOCKER);
  chmodSync(join(folder, 'docker'), 0o755);
  writeFileSync(join(folder, 'running'), 'true');
  writeFileSync(join(folder, 'networks'), '{"back":{"Aliases":["media"]}}');
  const path = process.env.PATH;
  process.env.PATH = `${folder}${delimiter}${path}`;
  onTestFinished(() => {
    process.env.PATH = path;
  });
  for (const what of ['kill', 'disconnect'] as const) {
    const change = await prepareChange({ on: 'container', do: what, container: 'srs' }, WORLD);
    await makeChange(change);
    expect(await seeChange(change)).toBe('there');
    expect(await undoChange(change)).toMatchObject({ state: 'undone' });
    expect(await undoChange(change)).toMatchObject({ state: 'gone' });
  }
  const calls = readFileSync(join(folder, 'calls'), 'utf8').split('\n');
  expect(calls.filter((call) => call !== '' && !call.startsWith('inspect'))).toEqual([
    'kill srs',
    'start srs',
    'network disconnect back srs',
    'network connect --alias media back srs',
  ]);
  const unknown = prepareChange({ on: 'container', do: 'pause', container: 'other' }, WORLD);
  await expect(unknown).rejects.toThrow('No such container: other');
});

test('the supervisor mends a fault whose time is over although its run only hangs', async () => {
  const folder = temporaryFolder('supervisor');
  const [mended, events] = [join(folder, 'mended'), join(folder, 'events')];
  const child = spawn(process.execPath, [SUPERVISOR, events, '0'], { stdio: ['pipe', 'ignore', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const undo = { kind: 'command', command: `touch ${mended}`, timeLimitMs: 5000 };
  child.stdin?.write(`${JSON.stringify({ what: 'arm', name: 'f', undo, withinMs: 100 })}\n`);
  await until(async () => existsSync(events));
  expect(existsSync(mended)).toBe(true);
  expect(readFileSync(events, 'utf8')).toContain('"kind":"fault_undone"');
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 15_000;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
