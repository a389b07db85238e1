import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import type { FromCollector } from '../collect/child-protocol.js';
import type { RunSystemLine, SystemLine } from '../collect/line.js';
import { createRedact } from '../redact.js';
import type { CollectorProcess } from './collector-process.js';
import { RunCollector, type RunCollectorOptions } from './run-collector.js';

const START_EPOCH_MS = 1_800_000_000_000;
const lineAt = (text: string): SystemLine => ({
  timestamp: new Date(START_EPOCH_MS).toISOString(),
  metrics: { said: { value: 1 } },
  ...{ spans_ms: {}, gaps: { redis: text }, restarted: [], absent: {} },
});

interface Life {
  send(message: FromCollector): void;
  die(why: string): void;
  killedFor: string | undefined;
  stopped: boolean;
}

/** A collector whose process is played by the test, on virtual time. */
async function rig(
  listeners: ((line: RunSystemLine) => void)[] = [],
  more: Partial<RunCollectorOptions> = {},
) {
  const clock = new VirtualClock();
  const path = join(await mkdtemp(join(tmpdir(), 'run-collector-')), 'system.ndjson');
  const lives: Life[] = [];
  const turns: string[] = [];
  const collector = new RunCollector({
    ...{ path, intervalMs: 5000, listeners, redact: createRedact(['hidden-token']), ...more },
    start(onMessage): CollectorProcess {
      let die: (why: string) => void = () => {};
      const died = new Promise<string>((resolve) => {
        die = resolve;
      });
      const life: Life = { send: onMessage, die, killedFor: undefined, stopped: false };
      lives.push(life);
      return {
        died,
        stop: async () => {
          life.stopped = true;
          onMessage({ kind: 'line', line: lineAt('last'), tookMs: 0 });
        },
        kill(why) {
          life.killedFor = why;
          if (why !== undefined) die(why);
        },
      };
    },
    epochMs: () => START_EPOCH_MS + clock.nowMs(),
    after: (ms, fn) => clock.after(ms, fn),
    onTurn: (source, gap) => turns.push(`${source}: ${gap ?? 'back'}`),
  });
  const lines = async () =>
    (await readFile(path, 'utf8'))
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as RunSystemLine);
  return { clock, collector, lives, turns, lines };
}

test('lines stand on the run’s axis, those from before its beginning too', async () => {
  const { clock, collector, lives, lines } = await rig();
  collector.start();
  lives[0]?.send({ kind: 'line', line: lineAt('early'), tookMs: 0 });
  await clock.run(400);
  collector.begin(START_EPOCH_MS + 300);
  await clock.run(1000);
  lives[0]?.send({ kind: 'line', line: lineAt('slow'), tookMs: 200 });
  await collector.stop();
  expect((await lines()).map(({ atMs, gaps }) => [atMs, gaps.redis])).toEqual([
    [-300, 'early'],
    [900, 'slow'],
    [1100, 'last'],
  ]);
});

test('the run’s own figures stand beside its machine from its beginning on, also when the kernel tells nothing', async () => {
  const looks = [
    { values: { loop_p99_ms: 12, viewers: 40 }, absent: {} },
    { values: {}, absent: { viewers: 'no worker has said anything' } },
  ];
  const { clock, collector, lives, lines } = await rig([], { ownFigures: () => looks.shift() });
  collector.start();
  const machine = { ...lineAt('x'), generator: { cpu_pct: 30 } };
  lives[0]?.send({ kind: 'line', line: machine, tookMs: 0 });
  await clock.run(1000);
  collector.begin(START_EPOCH_MS + 500);
  lives[0]?.send({ kind: 'line', line: machine, tookMs: 0 });
  lives[0]?.send({ kind: 'line', line: { ...lineAt('y'), gaps: { generator: 'nothing' } }, tookMs: 0 });
  await collector.stop();
  const [early, live, silent] = await lines();
  expect(early?.generator).toEqual({ cpu_pct: 30 });
  expect(live?.generator).toEqual({ cpu_pct: 30, loop_p99_ms: 12, viewers: 40 });
  expect(silent?.absent).toEqual({ 'generator.viewers': 'no worker has said anything' });
});

test('a collector that dies is told of and begun anew, and its next line says that it is back', async () => {
  const { clock, collector, lives, turns } = await rig();
  collector.start();
  collector.begin(START_EPOCH_MS);
  lives[0]?.die('ended by SIGKILL: hidden-token');
  await clock.run(0);
  expect(turns).toEqual(['collector: ended by SIGKILL: ***, and is started again']);
  await clock.run(5000);
  expect(lives).toHaveLength(2);
  lives[1]?.send({ kind: 'line', line: lineAt('x'), tookMs: 0 });
  expect(turns.at(-1)).toBe('collector: back');
});

test('one that dies again and again is left alone', async () => {
  const { clock, collector, lives, turns } = await rig();
  collector.start();
  for (let i = 0; i < 5; i++) {
    lives[i]?.die('ended by code 1');
    await clock.run(5000);
  }
  await clock.run(600_000);
  expect(lives).toHaveLength(5);
  expect(turns.at(-1)).toBe('collector: ended by code 1, and is not started again');
});

test('one that says nothing for three intervals is killed and begun anew; one that speaks is not', async () => {
  const { clock, collector, lives } = await rig();
  collector.start();
  await clock.run(14_000);
  lives[0]?.send({ kind: 'line', line: lineAt('x'), tookMs: 0 });
  await clock.run(14_000);
  expect(lives[0]?.killedFor).toBeUndefined();
  await clock.run(1000);
  expect(lives[0]?.killedFor).toBe('said nothing for 15 s');
  await clock.run(5000);
  expect(lives).toHaveLength(2);
});

test('a listener that throws is left out, and the others and the file go on', async () => {
  const heard: number[] = [];
  const listeners = [
    () => {
      throw new Error('its own fault');
    },
    (line: RunSystemLine) => heard.push(line.atMs),
  ];
  const { collector, lives, turns, lines } = await rig(listeners);
  collector.start();
  collector.begin(START_EPOCH_MS);
  for (const text of ['a', 'b']) lives[0]?.send({ kind: 'line', line: lineAt(text), tookMs: 0 });
  await collector.stop();
  expect(heard).toEqual([0, 0, 0]);
  expect(turns).toEqual(['listener: its own fault']);
  expect(await lines()).toHaveLength(3);
});

test('what is secret does not come to the file', async () => {
  const { collector, lives, lines } = await rig();
  collector.start();
  collector.begin(START_EPOCH_MS);
  lives[0]?.send({ kind: 'line', line: lineAt('refused hidden-token'), tookMs: 0 });
  expect(await collector.stop()).toEqual({ deaths: 0, lostLines: 0 });
  expect((await lines())[0]?.gaps.redis).toBe('refused ***');
});
