import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openNatsLink } from '../../src/cluster/nats-link.js';
import type { BoxWork } from '../../src/cluster/protocol.js';
import { RemoteFleet } from '../../src/cluster/remote-fleet.js';
import { seal } from '../../src/cluster/seal.js';
import type { FromWorker } from '../../src/protocol.js';
import { DEFAULT_PROFILE } from '../../src/scenarios/profiles.js';
import { createClock } from '../../src/seams-node.js';
import { startCutRelay } from '../support/cut-relay.js';
import { startTestBroker } from '../support/nats-broker.js';
import { needs } from './available.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const BIN = fileURLToPath(new URL('../../bin/dorami-load.js', import.meta.url));
/** Nobody is there: viewers fail, and their threads tell so every second. */
const NOWHERE = 'http://127.0.0.1:9';
const WORK: BoxWork = {
  ...{ profile: DEFAULT_PROFILE, vus: 4, users: 0, seed: 1, mix: { hls: 1, flv: 1 }, behaviour: 'strategy' },
  ...{ playerProfile: 'page', insecure: false, writes: false, emptiesCarts: false, runId: 'r', traced: [] },
  publisherClock: { kind: 'unknown' },
  target: { apiUrl: NOWHERE, socketUrl: NOWHERE, flvUrl: NOWHERE, hlsUrl: NOWHERE, streamKey: 'show' },
};

function agent(nats: string, dir: string): { child: ChildProcess; said(): string } {
  let said = '';
  const child = spawn(process.execPath, [BIN, 'agent', '--name', 'a', '--workers', '2', '--dir', dir], {
    env: { ...process.env, DORAMI_LOAD_NATS: nats },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, said: () => said };
}

const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 60_000, interval: 100 });

test('a real agent: a cut of 7 s and a kill -9 while it is cut off lose nothing that it had written', async (context) => {
  needs(context, 'nats');
  const broker = await startTestBroker();
  const relay = await startCutRelay(broker.port);
  const dir = await mkdtemp(join(tmpdir(), 'dorami-agent-'));
  onTestFinished(async () => {
    relay.close();
    await broker.close();
    await rm(dir, { recursive: true, force: true });
  });
  const first = agent(broker.url(relay.port), dir);
  await eventually(() => expect(first.said()).toContain('it waits for a run'));

  const link = await openNatsLink({ url: broker.url(), name: 'coordinator', patienceMs: 0 });
  const ticks: { worker: number; seq: number }[] = [];
  const states: string[] = [];
  const fleet = await RemoteFleet.open({
    ...{ link, run: 'r1', head: 'h1', version, seal },
    clock: createClock(performance.timeOrigin + performance.now()),
    handlers: {
      onMessage: (_box, worker, message: FromWorker) => {
        if (message.kind === 'tick') ticks.push({ worker, seq: message.tick.seq });
      },
      onDied: () => {},
      onState: (_box, { state }) => states.push(state),
    },
    say: (words) => states.push(words),
  });
  onTestFinished(async () => {
    await fleet.close(true);
    await link.close();
  });
  const [hello] = await fleet.find(2000, 1);
  if (hello === undefined) throw new Error('no agent answered');
  const box = fleet.box(hello);
  await fleet.listen();
  await box.prepare(WORK, { viewers: [0, 1, 2, 3].map((vu) => ({ vu })) });
  box.send({ kind: 'start', startEpochMs: performance.timeOrigin + performance.now() + 1000 });
  const last = (): number => Math.max(-1, ...ticks.map(({ seq }) => seq));
  await eventually(() => expect(last()).toBeGreaterThanOrEqual(2));

  relay.hang();
  await eventually(() => expect(states).toContain('lost'));
  relay.heal();
  const before = last();
  await eventually(() => expect(states).toContain('back'));
  await eventually(() => expect(last()).toBeGreaterThan(before + 5));

  relay.tear();
  // Two more ticks of each thread are written meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const atCut = last();
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  relay.heal();
  const second = agent(broker.url(relay.port), dir);
  await eventually(() => expect(second.said()).toContain('records of an earlier process delivered'));
  await box.done;
  expect(last()).toBeGreaterThan(atCut);
  for (const worker of [0, 1]) {
    const seqs = ticks.filter((tick) => tick.worker === worker).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, i) => i));
  }
  expect(box.account).toMatchObject({ missing: 0, garbage: 0 });
  expect(box.account.clock?.uncertaintyMs).toBeLessThan(1000);

  // The new process serves on, and a second one of its name is refused.
  const other = agent(broker.url(), dir);
  const [code] = (await once(other.child, 'exit')) as [number];
  expect(code).toBe(116);
  expect(other.said()).toContain('there is an agent named a already');
  second.child.kill('SIGINT');
  const [stopped] = (await once(second.child, 'exit')) as [number];
  expect(stopped).toBe(0);
}, 240_000);

test('a broker without JetStream: an agent and a run both say so and end with 113 at once', async (context) => {
  needs(context, 'nats');
  const broker = await startTestBroker('127.0.0.1', false);
  const dir = await mkdtemp(join(tmpdir(), 'dorami-agent-'));
  onTestFinished(async () => {
    await broker.close();
    await rm(dir, { recursive: true, force: true });
  });
  // Far more patience than the test has: neither may wait for boxes that cannot come.
  const run = ['run', '--vus', '2', '--agents', '1', '--wait', '10m', '--no-preflight', '--out', dir];
  for (const args of [['agent', '--name', 'a', '--dir', dir], run]) {
    const child = spawn(process.execPath, [BIN, ...args], {
      env: { ...process.env, DORAMI_LOAD_NATS: broker.url() },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const [code] = await once(child, 'close');
    expect(said, args[0]).toMatch(/jetstream is not enabled/i);
    expect(code, said).toBe(113);
  }
});
