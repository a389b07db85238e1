import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type TestContext, test } from 'vitest';
import { needsNamespaces } from '../services/available.js';
import { type Box, makeNetwork } from '../services/netns.js';
import { type CliResult, kpi, NODE, type RunningCli, runCli, startLoad, temporaryOut } from './cli.js';
import { startStage } from './stage.js';

/** A generator in a namespace of its own, and a stage in another. */
interface Rig {
  readonly load: Box;
  /** Folder of the journals. */
  readonly journal: string;
  /** Starts a run there that may change its machine. */
  start(profile: string, vus: number, timeoutMs: number): RunningCli & { readonly outDir: string };
  /** `dorami-load faults ...` there. */
  faults(...words: readonly string[]): Promise<CliResult>;
  /** Names of our chains that iptables has there. */
  chains(): readonly string[];
}

async function rig({ onTestFinished }: TestContext): Promise<Rig> {
  const network = makeNetwork(2);
  onTestFinished(() => network.remove());
  const [load, home] = network.boxes as [Box, Box];
  const stage = await startStage([], home);
  onTestFinished(() => stage.stop());
  const journal = temporaryOut();
  const where = [...stage.flags(), '--allow-target', home.address, '--stage-control', stage.controlUrl];
  const flags = [...where, '--allow-writes', '--capture-clock', 'same', '--no-preflight', '--no-report'];
  const mayCut = ['--allow-network-faults', '--journal', journal];
  return {
    ...{ load, journal },
    start(profile, vus, timeoutMs) {
      const outDir = temporaryOut();
      const words = ['--profile', profile, '--vus', String(vus), ...flags, ...mayCut];
      return { ...startLoad(words, { inside: load, outDir, timeoutMs }), outDir };
    },
    faults: (...words) => runCli(['faults', ...words, '--journal', journal], { inside: load }),
    chains: () =>
      [...load.exec('iptables', '-w', '5', '-S').stdout.matchAll(/^-N (DORAMI-\w+)$/gm)].map(
        ([, name]) => name as string,
      ),
  };
}

const BIN = fileURLToPath(new URL('../../bin/dorami-load.js', import.meta.url));

/** The shipped profile with its ramp, holds and drain cut to 2 s; its faults and their stages are as they are shipped. */
function recoveryProfile(): string {
  const text = execFileSync(NODE, [BIN, 'init', '--profile', 'recovery'], { encoding: 'utf8' })
    .replace(/(role: (?:ramp|hold|drain), for: )\w+/g, '$12s')
    .replace(/, least: \w+/g, '');
  const path = join(temporaryOut(), 'recovery.yaml');
  writeFileSync(path, text);
  return path;
}

test.concurrent('the recovery profile, with a partition that drops packets between two namespaces', async (context) => {
  needsNamespaces(context);
  const { load, start, chains, journal } = await rig(context);
  const running = start(recoveryProfile(), 8, 240_000);
  await until(() => chains().length > 0);
  const [chain = ''] = chains();
  await until(() => dropped(load, chain) > 0);
  const result = await running.done;
  expect(chains()).toEqual([]);
  expect(readdirSync(journal)).toEqual([]);
  const { faults } = result.summary as unknown as { faults: Record<string, unknown>[] };
  expect(faults.map(({ name, forMs, outcome }) => [name, forMs, outcome])).toEqual([
    ['partition', 10_000, 'mended'],
    ['publisher_loss', 5000, 'mended'],
    ['media_kill', 5000, 'mended'],
    ['publisher_drop', 60_000, 'mended'],
  ]);
  const hundred = ['recovered_network', 'rooms_repopulated', 'stream_ended_heard', 'stream_states'];
  for (const id of hundred) expect(kpi(result, id).value, `${id}\n${result.stderr}`).toBe(100);
  for (const id of ['resumed_publisher', 'media_answers_again'])
    expect(kpi(result, id).status, `${id}\n${result.stderr}`).toBe('pass');
}, 270_000);

/** Packets that a chain has dropped so far. */
function dropped(box: Box, chain: string): number {
  const { stdout } = box.exec('iptables', '-w', '5', '-L', chain, '-v', '-x', '-n');
  return [...stdout.matchAll(/^\s*(\d+)\s+\d+\s+DROP/gm)].reduce(
    (sum, [, packets]) => sum + Number(packets),
    0,
  );
}

const LONG_CUT = `
stages:
  - { name: ramp, role: ramp, for: 1s, from: 0, to: 1 }
  - { name: settle, role: hold, for: 1s }
  - { name: broken, role: fault, for: 10m }
faults:
  - { name: cut, stage: broken, do: { network: partition }, for: 9m }
judges: [recovered_network]
`;

test.concurrent('a partition is undone when its run is stopped or killed, and by hand when nobody else is left; none undoes that of another', async (context) => {
  needsNamespaces(context);
  const { start, faults, chains, journal } = await rig(context);
  const profile = join(temporaryOut(), 'long-cut.yaml');
  writeFileSync(profile, LONG_CUT);
  const runs = [1, 2, 3].map(() => start(profile, 1, 120_000));
  await until(() => chains().length === 3);
  const [killed, bereft, stopped] = runs.map((run) => ({ ...run, chain: chainOf(run.outDir, journal) })) as [
    Cut,
    Cut,
    Cut,
  ];
  const left = async (...cuts: readonly Cut[]): Promise<void> =>
    until(
      () =>
        [...chains()].sort().join() ===
        cuts
          .map(({ chain }) => chain)
          .sort()
          .join(),
    );

  const early = await faults('undo');
  expect([early.code, early.stdout.match(/^running /gm)?.length]).toEqual([0, 3]);
  await left(killed, bereft, stopped);

  killed.signal('SIGKILL');
  await left(bereft, stopped);
  stopped.signal('SIGINT');
  expect((await stopped.done).code).toBe(105);
  await left(bereft);

  for (const pid of bereft.children()) process.kill(pid, 'SIGKILL');
  bereft.signal('SIGKILL');
  await bereft.done;
  const elsewhere = await runCli(['faults', 'list', '--journal', journal]);
  expect(elsewhere.stdout).toMatch(/^elsewhere .*\(made in network namespace/);
  expect((await faults('list')).stdout).toMatch(new RegExp(`^there .* cut: ${bereft.chain} drops TCP`));
  await left(bereft);
  const undone = await faults('undo');
  expect([undone.code, undone.stdout]).toEqual([0, expect.stringMatching(/^undone /)]);
  expect(chains()).toEqual([]);
  expect((await faults('undo')).stdout).toMatch(/^nothing is left/);
  const events = readFileSync(
    join(killed.outDir, readdirSync(killed.outDir)[0] ?? '', 'events.ndjson'),
    'utf8',
  );
  expect(events).toMatch(/"kind":"fault_undone".*"ok":true/);
}, 120_000);

type Cut = ReturnType<Rig['start']> & { readonly chain: string };

/** The chain that a run has written down. */
function chainOf(outDir: string, journal: string): string {
  const [run = ''] = readdirSync(outDir);
  const file = join(journal, `${basename(run)}.ndjson`);
  if (!existsSync(file)) throw new Error(`${run} has no journal`);
  return /DORAMI-\w+/.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
}

async function until(condition: () => boolean): Promise<void> {
  const endMs = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
