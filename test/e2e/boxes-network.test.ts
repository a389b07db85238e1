import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import type { Summary as WholeSummary } from '../../src/report/summary-schema.js';
import { METRICS, type MetricName, storedPerUnit } from '../../src/stats/metrics.js';
import { needs, needsNamespaces } from '../services/available.js';
import { type Box, makeNetwork, type Network } from '../services/netns.js';
import {
  type CliResult,
  OWN_LAG,
  type RunningCli,
  runCli,
  startCli,
  startLoad,
  temporaryOut,
} from './cli.js';
import { startStage } from './stage.js';

const NAMES = ['a', 'b', 'c'] as const;
type Name = (typeof NAMES)[number];

const isOwnLag = (code: string): boolean => OWN_LAG.some((own) => own === code);

interface Line {
  readonly kind?: string;
  readonly box: Name;
  readonly state?: string;
  readonly reason?: string;
}
interface TickLine {
  readonly box: Name;
  readonly worker: number;
  readonly seq: number;
  readonly last?: true;
  readonly counters: Readonly<Record<string, number>>;
}

/** Three load boxes, the stage, and the coordinator with its broker: each in a namespace of its own. */
interface Rig {
  readonly network: Network;
  readonly boxes: Readonly<Record<Name, Box>>;
  readonly head: Box;
  readonly run: RunningCli;
  readonly agents: Readonly<Record<Name, RunningCli>>;
  /** Waits until the run has told this of a box, after what it had told of it before. */
  told(name: Name, state: 'lost' | 'back'): Promise<void>;
}

async function rig({ onTestFinished }: TestContext, args: readonly string[]): Promise<Rig> {
  const network = makeNetwork(5);
  onTestFinished(() => network.remove());
  const [a, b, c, home, head] = network.boxes as [Box, Box, Box, Box, Box];
  const boxes = { a, b, c };
  const stage = await startStage([], home);
  onTestFinished(() => stage.stop());
  const outDir = temporaryOut();
  const allowed = ['--allow-target', home.address];
  const over = ['--embed-nats', `${head.address}:0`, '--agents', '3', '--wait', '90s', '--no-preflight'];
  const where = [...stage.flags(), ...allowed, '--allow-writes', '--capture-clock', 'same'];
  const run = startLoad([...over, ...where, ...args], { inside: head, outDir, timeoutMs: 200_000 });
  await run.says(/agent --name NAME/);
  const [, file = ''] = /DORAMI_LOAD_NATS=\$\(cat (\S+)\)/.exec(run.stderr()) ?? [];
  const url = readFileSync(file, 'utf8').trim();
  const agentOf = (name: Name): RunningCli => {
    const dir = join(temporaryOut(), name);
    mkdirSync(dir);
    const words = ['agent', '--name', name, '--workers', '1', '--once', '--dir', dir, ...allowed];
    return startCli(words, {
      ...{ inside: boxes[name], timeoutMs: 200_000 },
      env: { DORAMI_LOAD_NATS: url },
    });
  };
  const agents = { a: agentOf('a'), b: agentOf('b'), c: agentOf('c') };
  // One that a test has killed, or whose run has failed, is waited for by nobody.
  for (const { done } of [run, ...Object.values(agents)]) done.catch(() => {});
  let isOver = false;
  void run.done.finally(() => {
    isOver = true;
  });
  const seen = { a: 0, b: 0, c: 0 };
  return {
    ...{ network, boxes, head, run, agents },
    async told(name, state) {
      for (;;) {
        const states = statesOf(join(outDir, readdirSync(outDir)[0] ?? ''), name);
        const at = states.indexOf(state, seen[name]);
        if (at >= 0) {
          seen[name] = at + 1;
          return;
        }
        if (isOver) throw new Error(`${name} was never ${state} again: ${states}\n${run.stderr()}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
  };
}

function linesOf<T>(dir: string, file: string): T[] {
  const text = readFileSync(join(dir, file), 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function statesOf(dir: string, name: Name): string[] {
  return linesOf<Line>(dir, 'events.ndjson')
    .filter(({ kind, box }) => kind === 'box_state' && box === name)
    .map(({ state }) => state ?? '');
}

const sumOf = <T>(list: readonly T[], of: (one: T) => number): number =>
  list.reduce((sum, one) => sum + of(one), 0);

/** All that a counter has in these ticks, in the unit of its name. */
function counted(ticks: readonly TickLine[], metric: MetricName): number {
  const stored = sumOf(ticks, ({ counters }) =>
    sumOf(Object.entries(counters), ([key, count]) => (key.startsWith(`${metric}|`) ? count : 0)),
  );
  return stored / storedPerUnit(METRICS[metric].unit);
}

test('three boxes behind a network that breaks for 5, 10 and 30 s, one of them killed: one report, and its numbers add up', async (context) => {
  needs(context, 'nats');
  needsNamespaces(context);
  const { network, boxes, head, run, agents, told } = await rig(context, [
    ...['--vus', '12', '--duration', '45s', '--on-agent-loss', 'tolerate=2'],
  ]);
  await run.says(/hold 0:/);
  const long = network.partitionFor(boxes.c, head, 30_000);
  await network.partitionFor(boxes.a, head, 5000);
  await told('a', 'back');
  await network.partitionFor(boxes.b, head, 10_000);
  await told('b', 'back');
  agents.a.signal('SIGKILL');
  await told('a', 'lost');
  await long;
  const ended = await run.done;

  const dir = ended.runDir ?? '';
  const summary = JSON.parse(readFileSync(join(dir, 'summary.json'), 'utf8')) as WholeSummary;
  seeStates(dir, summary);
  seeSums(dir, summary);
  await seeVerdict(ended, summary);
  // Who was cut off for too long has let its viewers leave by itself, and its process ends as it should.
  const left = await agents.c.done;
  expect(left.stderr).toMatch(/cut off from the broker for 15 s: its viewers leave/);
}, 240_000);

/** What each box went through is told, and nothing else. */
function seeStates(dir: string, { boxes = [] }: WholeSummary): void {
  // 5 s are the very time after which a box counts as lost: late it is in any case.
  expect(statesOf(dir, 'a').join(' ')).toMatch(/^late (lost )?back late lost$/);
  expect(statesOf(dir, 'b')).toEqual(['late', 'lost', 'back']);
  expect(statesOf(dir, 'c')).toEqual(['late', 'lost', 'lost']);
  const [a, b, c] = boxes as [Row, Row, Row];
  expect(boxes.map(({ id, isGone }) => [id, isGone])).toEqual([
    ['a', true],
    ['b', false],
    ['c', true],
  ]);
  expect(a.lost).toMatch(/no sign of life for \d/);
  expect(b.lost).toMatch(/no sign of life for \d.*and came back$/);
  expect(c.lost).toMatch(/cut off from the broker for 15 s: its viewers leave$/);
  // A silence is told from 2.5 s after the last sign on.
  expect(b.silentMs).toBeGreaterThan(6000);
  expect(b.silentMs).toBeLessThan(30_000);
  expect(c.silentMs).toBeGreaterThan(26_000);
}

type Row = NonNullable<WholeSummary['boxes']>[number];

/** Each figure of the whole is the sum over its boxes, and no tick is there twice or missing. */
function seeSums(dir: string, { boxes = [], vus, metrics }: WholeSummary): void {
  expect(sumOf(boxes, (box) => box.vus)).toBe(12);
  expect(vus.planned).toBe(12);
  const ticks = linesOf<TickLine>(dir, 'ticks.ndjson');
  expect(sumOf(boxes, (box) => box.ticks)).toBe(ticks.length);
  for (const { id, ticks: told, gaps, records } of boxes) {
    const own = ticks.filter(({ box }) => box === id);
    const seqs = own.map(({ seq }) => seq).sort((x, y) => x - y);
    expect(seqs, id).toEqual(seqs.map((_, i) => i));
    expect([told, gaps, records?.missing, records?.garbage], id).toEqual([own.length, 0, 0, 0]);
    expect(records?.received, id).toBeGreaterThanOrEqual(own.length);
    // Whoever was killed said no last word; who was cut off did, when it could.
    expect(
      own.some(({ last }) => last),
      id,
    ).toBe(id !== 'a');
  }
  for (const metric of ['received_bytes', 'chat_sent_count', 'generator_cpu_ms'] as const) {
    const parts = NAMES.map((name) =>
      counted(
        ticks.filter(({ box }) => box === name),
        metric,
      ),
    );
    expect(Math.min(...parts), metric).toBeGreaterThan(0);
    expect(metrics[metric], metric).toMatchObject({
      total: expect.closeTo(
        sumOf(parts, (part) => part),
        3,
      ),
    });
  }
}

/** Two boxes may be missing, and no more are: the run counts, on the viewers that were there to the end. */
async function seeVerdict(ended: CliResult, summary: WholeSummary): Promise<void> {
  const dir = ended.runDir ?? '';
  expect(summary.invalidReasons.map(({ code }) => code).filter((code) => !isOwnLag(code))).toEqual([]);
  expect(ended.code).toBe(summary.exitCode);
  // All had come before anything broke.
  if (!summary.invalidReasons.some(({ code }) => isOwnLag(code))) expect(summary.vus.joined).toBe(12);
  const chat = summary.kpis.find(({ id }) => id === 'chat_delivery_ratio');
  expect(chat).toMatchObject({
    status: 'not_judged',
    reason: expect.stringMatching(/^box a, b, c (was|were) lost/),
  });
  expect(summary.notes).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^1 of 3 boxes and 4 of 12 viewers were there to the end/),
      expect.stringMatching(/^box a was lost at /),
      expect.stringMatching(/^box c was lost at /),
    ]),
  );
  const judged = await runCli(['judge', dir, '--json']);
  expect(JSON.parse(judged.stdout)).toEqual(summary);
  const html = readFileSync(join(dir, 'report.html'), 'utf8');
  for (const name of NAMES) expect(html).toContain(`<th scope="row">${name}</th>`);
  expect(html).toMatch(/box b was lost at [\d.]+ s: no sign of life for [\d.]+ s, and came back/);
}
