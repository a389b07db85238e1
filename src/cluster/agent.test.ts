import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FaultyBroker, type FaultyLink } from '../../test/support/faulty-broker.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { farCells, readFarRoom } from '../far-viewers.js';
import type { FromWorker, OwnVu, ToWorker } from '../protocol.js';
import { Agent, NameTaken } from './agent.js';
import { writeWire } from './agent-messages.js';
import type { AgentBox } from './agent-run.js';
import type { BoxHandlers, BoxNews } from './box.js';
import type { BoxFacts, BoxShare, BoxWork } from './protocol.js';
import type { RemoteBox } from './remote-box.js';
import { type FleetState, RemoteFleet } from './remote-fleet.js';
import { readLeftRing } from './ring-files.js';
import { askSubject, BEATS_BUCKET, beatKey, HELLO_SUBJECT, headKey, runNames } from './wire-names.js';

/** Threads that say what a test lets them say. */
class FakeBox implements AgentBox {
  readonly id: string;
  readonly facts: BoxFacts;
  readonly handlers: BoxHandlers;
  readonly orders: ToWorker[] = [];
  share: BoxShare | undefined;
  destroyed = false;
  readonly done: Promise<void>;
  end: () => void = () => {};
  #seq = 0;
  inRoom = 0;
  far = new Int32Array(new SharedArrayBuffer(farCells(10_000) * 4));

  constructor(facts: BoxFacts, handlers: BoxHandlers) {
    this.id = facts.id;
    this.facts = facts;
    this.handlers = handlers;
    this.done = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  async prepare(_work: BoxWork, share: BoxShare): Promise<void> {
    this.share = share;
  }

  send(message: ToWorker): void {
    this.orders.push(message);
    if (message.kind === 'leave') this.end();
  }

  async destroy(): Promise<void> {
    this.destroyed = true;
    this.end();
  }

  tick(worker = 0): void {
    this.handlers.onMessage(this.id, worker, tickOf(this.id, worker, this.#seq++));
  }

  get kinds(): string[] {
    return this.orders.map(({ kind }) => kind).filter((kind) => kind !== 'own_clock');
  }
}

function tickOf(box: string, worker: number, seq: number): FromWorker {
  const [fromMs, toMs] = [seq * 1000, seq * 1000 + 1000];
  return {
    kind: 'tick',
    tick: { v: 1, box, worker, seq, fromMs, toMs, counters: {}, histograms: {}, gauges: {} },
  };
}

const factsOf = (id: string, more: Partial<BoxFacts> = {}): BoxFacts => ({
  ...{ id, version: '1.0.0', nodeVersion: 'v20', hostname: 'h', cores: 2, memoryBytes: 1e9, workers: 2 },
  ...{ weight: 2, allowTargets: [] },
  ...more,
});

const KEY = 'stream-key-of-the-show';
const WORK = {
  ...{
    runId: 'r',
    vus: 10_000,
    users: 0,
    seed: 1,
    insecure: false,
    writes: true,
    emptiesCarts: false,
    traced: [],
  },
  ...{
    profile: {},
    mix: {},
    behaviour: 'viewer',
    playerProfile: 'page',
    publisherClock: { kind: 'unknown' },
  },
  target: {
    apiUrl: 'http://127.0.0.1:1',
    socketUrl: 'http://127.0.0.1:1',
    flvUrl: 'http://127.0.0.1:1',
    hlsUrl: 'http://127.0.0.1:1',
    streamKey: KEY,
  },
} as unknown as BoxWork;

/** Sealing that shows who could read it. */
const seal = (publicKey: string, plain: Uint8Array): Uint8Array =>
  Buffer.from(`${publicKey}|${Buffer.from(plain).toString('hex')}`);
const opener =
  (publicKey: string) =>
  (sealed: Uint8Array): Uint8Array => {
    const [key, hex = ''] = Buffer.from(sealed).toString().split('|');
    if (key !== publicKey) throw new Error('not mine');
    return Buffer.from(hex, 'hex');
  };

class World {
  // Files carry the real time of their making.
  readonly clock = new VirtualClock({ startMs: 1000, startEpochMs: Date.now() });
  readonly broker = new FaultyBroker(this.clock);
  readonly said: string[] = [];
  readonly agents: Agent[] = [];
  readonly boxes: FakeBox[] = [];
  readonly dir: string;
  readonly got: { box: string; worker: number; message: FromWorker }[] = [];
  readonly died: string[] = [];
  readonly news: { box: string; news: BoxNews; atMs: number }[] = [];
  readonly blamed: string[] = [];

  constructor(dir: string) {
    this.dir = dir;
  }

  async agent(
    id: string,
    {
      epoch = `e1-${id}`,
      facts = {},
      refusal,
      aheadMs = 0,
    }: { epoch?: string; facts?: Partial<BoxFacts>; refusal?: string; aheadMs?: number } = {},
  ): Promise<{ agent: Agent; link: FaultyLink }> {
    const link = this.broker.link();
    const { clock } = this;
    const agent = new Agent({
      ...{ link, epoch, facts: factsOf(id, facts), publicKey: Buffer.from(epoch).toString('base64') },
      clock: {
        nowMs: () => clock.nowMs(),
        epochMs: () => clock.epochMs() + aheadMs,
        after: clock.after.bind(clock),
      },
      dir: join(this.dir, id),
      open: opener(Buffer.from(epoch).toString('base64')),
      openBox: (handlers) => {
        const box = new FakeBox(factsOf(id), handlers);
        this.boxes.push(box);
        return box;
      },
      refusal: async () => refusal,
      say: (words) => this.said.push(`${id}: ${words}`),
    });
    const started = agent.start();
    started.catch(() => {});
    await this.clock.run(2500);
    await started;
    this.agents.push(agent);
    return { agent, link };
  }

  async fleet(head = 'head1', before?: FleetState): Promise<{ fleet: RemoteFleet; link: FaultyLink }> {
    const link = this.broker.link();
    const fleet = await RemoteFleet.open({
      ...{ link, clock: this.clock, run: 'run1', head, version: '1.0.0', seal },
      handlers: {
        onMessage: (box, worker, message) => this.got.push({ box, worker, message }),
        onDied: (box, worker, reason) => this.died.push(`${box}/${worker}: ${reason}`),
        onState: (box, news) => this.news.push({ box, news, atMs: this.clock.nowMs() }),
      },
      say: (words) => this.blamed.push(words),
      ...(before === undefined ? {} : { before }),
    });
    onTestFinished(() => fleet.close(false));
    return { fleet, link };
  }

  async find(fleet: RemoteFleet): Promise<RemoteBox[]> {
    const found = fleet.find(500);
    await this.clock.run(600);
    const boxes = (await found).map((hello) => fleet.box(hello));
    await fleet.listen();
    return boxes;
  }

  /** Runs virtual time until it holds; real files and promises are let through in between, however slow the disk is. */
  async until(check: () => void, stepMs = 100): Promise<void> {
    for (let turn = 0; ; turn++) {
      await this.clock.run(stepMs);
      await filesSettled();
      try {
        return check();
      } catch (error) {
        if (turn > 400) throw error;
      }
    }
  }

  async prepared(box: RemoteBox, share: readonly OwnVu[] = [{ vu: 0 }, { vu: 1 }]): Promise<void> {
    let state = 'open';
    const ready = box.prepare(WORK, { viewers: share });
    ready.then(
      () => (state = 'ready'),
      () => (state = 'refused'),
    );
    await this.until(() => expect(state).not.toBe('open'), 50);
    await ready;
  }

  get seqs(): number[] {
    return this.got.flatMap(({ message }) => (message.kind === 'tick' ? [message.tick.seq] : []));
  }

  get states(): string[] {
    return this.news.map(({ news }) => news.state);
  }

  /** One box that runs. */
  async running() {
    const { agent, link } = await this.agent('a');
    const { fleet, link: headLink } = await this.fleet();
    const [box] = await this.find(fleet);
    if (box === undefined) throw new Error('no box');
    await this.prepared(box);
    box.send({ kind: 'start', startEpochMs: this.clock.epochMs() + 3000 });
    const local = this.boxes[0] as FakeBox;
    await this.until(() => expect(local.kinds).toEqual(['start']));
    return { agent, link, fleet, headLink, box, local };
  }
}

async function world(): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'agent-'));
  const made = new World(dir);
  onTestFinished(async () => {
    for (const link of made.broker.links) await link.close();
    await made.clock.run(20_000);
    await rm(dir, { recursive: true, force: true });
  });
  return made;
}

/** Nothing is on its way to the disk or from it. */
async function filesSettled(): Promise<void> {
  const isBusy = (): boolean => process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
  for (let quiet = 0; quiet < 2; quiet = isBusy() ? 0 : quiet + 1)
    await new Promise((resolve) => setImmediate(resolve));
}

async function recordsIn(folder: string): Promise<number> {
  let count = 0;
  for await (const _ of readLeftRing(folder)) count += 1;
  return count;
}

const range = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i);

test('a box is found, takes its share in parts, starts, and all it says arrives in order until it is done', async () => {
  const w = await world();
  await w.agent('a');
  await w.agent('b');
  const { fleet } = await w.fleet();
  const [a, b, ...more] = await w.find(fleet);
  if (a === undefined || b === undefined) throw new Error('two boxes');
  expect(more).toEqual([]);
  const token = 't'.repeat(1000);
  const share = range(1500).map((vu) => ({ vu, identity: { accessToken: `${token}${vu}` } }));
  await w.prepared(a, share);
  await w.prepared(b, [{ vu: 2000 }]);
  expect(w.boxes[0]?.share?.viewers).toEqual(share);
  for (const box of [a, b]) box.send({ kind: 'start', startEpochMs: w.clock.epochMs() + 3000 });
  await w.until(() => expect(w.boxes.map(({ kinds }) => kinds)).toEqual([['start'], ['start']]));
  for (let i = 0; i < 100; i++) w.boxes[0]?.tick();
  w.boxes[0]?.handlers.onDied('a', 1, `out of memory with ${KEY}`);
  await w.until(() => expect(w.seqs).toEqual(range(100)));
  a.send({ kind: 'leave' });
  b.send({ kind: 'leave' });
  let over = 0;
  for (const box of [a, b]) void box.done.then(() => over++);
  await w.until(() => expect(over).toBe(2));
  expect(w.died).toEqual(['a/1: out of memory with ***']);
  expect(a.account).toMatchObject({
    received: 102,
    duplicates: 0,
    garbage: 0,
    missing: 0,
    gaps: [],
    news: [],
  });
  // Nothing of a secret is in what the broker stores.
  const stored = [...w.broker.streams.values()].flatMap(({ messages }) =>
    messages.map(({ payload }) => Buffer.from(payload).toString()),
  );
  expect(stored.filter((text) => text.includes(KEY) || text.includes('ttttt'))).toEqual([]);
  await w.until(() => expect(w.agents.map(({ runs }) => runs)).toEqual([1, 1]));
});

test('what a box said while it was cut off for 4 s arrives afterwards, in order and once, and orders reach it', async () => {
  const w = await world();
  const { link, box, local } = await w.running();
  for (let i = 0; i < 10; i++) local.tick();
  await w.until(() => expect(w.seqs).toEqual(range(10)));
  link.cut();
  for (let i = 0; i < 30; i++) local.tick();
  box.send({ kind: 'replan', change: { atMs: 1, segments: [] } });
  await w.clock.run(4000);
  expect(w.seqs).toEqual(range(10));
  expect(local.kinds).toEqual(['start']);
  link.mend();
  await w.until(() => expect(w.seqs).toEqual(range(40)));
  await w.until(() => expect(local.kinds).toEqual(['start', 'replan']));
  expect(w.states).toEqual(['late', 'back']);
  expect(box.account).toMatchObject({ missing: 0 });
});

test('lost acknowledgements make records come again; they count once', async () => {
  const w = await world();
  const { link, box, local } = await w.running();
  link.losesAcks = true;
  for (let i = 0; i < 20; i++) local.tick();
  await w.until(() => expect(w.seqs).toEqual(range(20)));
  expect(box.account.duplicates).toBe(0);
  link.losesAcks = false;
  // The broker has forgotten the ids, as it does after a while.
  for (const { ids } of w.broker.streams.values()) ids.clear();
  await w.until(() => expect(box.account.duplicates).toBeGreaterThan(0));
  await w.until(() => expect(w.seqs).toEqual(range(20)));
  expect(box.account).toMatchObject({ received: 20, missing: 0 });
});

test('a cut of 10 s is late, lost and back: the same process with its viewers, nothing of what it said is missing', async () => {
  const w = await world();
  const { link, local, box } = await w.running();
  link.cut();
  for (let second = 0; second < 10; second++) {
    local.tick();
    await w.clock.run(1000);
  }
  expect(w.states).toEqual(['late', 'lost']);
  expect(local.kinds).toEqual(['start']);
  link.mend();
  await w.until(() => expect(w.states).toEqual(['late', 'lost', 'back']));
  await w.until(() => expect(w.seqs).toEqual(range(10)));
  expect(box.account.missing).toBe(0);
});

test('after 15 s without the broker its viewers leave as pages do; what was measured comes when it can', async () => {
  const w = await world();
  const { link, local, box, agent } = await w.running();
  link.cut();
  await w.clock.run(14_000);
  local.tick();
  expect(local.kinds).toEqual(['start']);
  await w.clock.run(3000);
  expect(local.kinds).toEqual(['start', 'leave']);
  await w.clock.run(20_000);
  let over = false;
  void box.done.then(() => {
    over = true;
  });
  link.losesBeats = true;
  link.mend();
  await w.until(() => expect(over).toBe(true));
  expect(w.seqs).toEqual([0]);
  const why = 'cut off from the broker for 15 s: its viewers leave';
  // Its last word may come before any sign of life: whoever reads the verdict must know why all the same.
  expect(w.states).toEqual(['late', 'lost', 'lost']);
  expect(w.news.at(-1)?.news.reason).toBe(why);
  expect(w.said).toContain(`a: ${why}`);
  await w.until(() => expect(agent.runs).toBe(1));
});

test('a box that stood still for 20 s does not take its own sleep for a cut', async () => {
  const w = await world();
  const { agent, local } = await w.running();
  const look = w.clock.nowMs.bind(w.clock);
  // All timers of the process fall due late: time jumps under it.
  let jumpMs = 0;
  w.clock.nowMs = () => look() + jumpMs;
  jumpMs = 20_000;
  await w.clock.run(3000);
  expect(local.kinds).toEqual(['start']);
  expect(agent.runs).toBe(0);
});

test('a coordinator that gives no sign for 30 s is gone: viewers leave; one that comes back earlier goes on', async () => {
  const w = await world();
  const { headLink, local, fleet } = await w.running();
  await fleet.close(false);
  await headLink.close();
  await w.clock.run(20_000);
  local.tick();
  const { fleet: second } = await w.fleet('head2');
  const [again] = await w.find(second);
  expect(again?.isServing).toBe(true);
  await w.clock.run(40_000);
  expect(local.kinds).toEqual(['start']);
  await w.until(() => expect(w.seqs).toEqual([0]));
  again?.send({ kind: 'fault', news: { what: 'called_off', index: 0 } });
  await w.until(() => expect(local.kinds).toEqual(['start', 'fault']));
  await second.close(false);
  await w.clock.run(32_000);
  expect(local.kinds.at(-1)).toBe('leave');
  expect(w.said).toContain('a: no coordinator for 30 s: its viewers leave');
});

/** What a coordinator would have on its disk now. */
function stateOf(fleet: RemoteFleet, lost: readonly string[] = []): FleetState {
  const { position, boxes } = fleet.state;
  const known = Object.entries(boxes).map(
    ([id, box]) => [id, { ...box, isLost: lost.includes(id) }] as const,
  );
  return JSON.parse(JSON.stringify({ position, boxes: Object.fromEntries(known) })) as FleetState;
}

test('a restarted coordinator is handed what the first one had not, and nothing twice; its figures go on', async () => {
  const w = await world();
  const { fleet, headLink, box, local } = await w.running();
  for (let i = 0; i < 10; i++) local.tick();
  await w.until(() => expect(w.seqs).toEqual(range(10)));
  expect(box.upTo(box.epoch)).toBe(10);
  const before = stateOf(fleet);
  await fleet.close(false);
  await headLink.close();
  for (let i = 0; i < 5; i++) local.tick();
  const { fleet: second } = await w.fleet('head2', before);
  const [again] = await w.find(second);
  await w.until(() => expect(w.seqs).toEqual(range(15)));
  expect(again?.account).toMatchObject({ received: 15, duplicates: 0, missing: 0, garbage: 0 });
});

test('wherever the first coordinator died between two messages, the second one ends with the same figures', async () => {
  const w = await world();
  const { fleet, box, local } = await w.running();
  for (let i = 0; i < 4; i++) local.tick();
  await w.until(() => expect(w.seqs).toEqual(range(4)));
  // Out of order, twice, and garbage: as a stream may hold it.
  const { dataOf } = runNames('run1');
  const record = (seq: number): Uint8Array =>
    writeWire({
      ...{ v: 1, run: 'run1', box: 'a', epoch: box.epoch, seq, kind: 'message', worker: 0 },
      message: tickOf('a', 0, seq - 1),
    });
  for (const seq of [7, 6, 6, 3, 5, 9]) w.broker.forge(dataOf('a'), record(seq));
  w.broker.forge(dataOf('a'), new TextEncoder().encode('{'));
  for (const seq of [8, 10, 12]) w.broker.forge(dataOf('a'), record(seq));
  await w.until(() => expect(fleet.state.position).toBe(14));
  const whole = box.account;
  expect(whole).toMatchObject({ received: 11, duplicates: 2, garbage: 1 });
  const all = w.got.map(({ message }) => message);
  await fleet.close(false);
  const stream = w.broker.streamOf(dataOf('a'));
  const messages = [...(stream?.messages ?? [])];
  for (let cut = 0; cut <= messages.length; cut++) {
    stream?.messages.splice(0, Number.POSITIVE_INFINITY, ...messages.slice(0, cut));
    w.got.length = 0;
    const { fleet: first } = await w.fleet(`cut${cut}a`);
    await w.find(first);
    await w.until(() => expect(first.state.position).toBe(cut));
    const before = stateOf(first);
    await first.close(false);
    stream?.messages.splice(0, Number.POSITIVE_INFINITY, ...messages);
    const { fleet: second } = await w.fleet(`cut${cut}b`, before);
    const [again] = await w.find(second);
    await w.until(() => expect(second.state.position).toBe(messages.length));
    expect(w.got.map(({ message }) => message)).toEqual(all);
    const { received, duplicates, garbage, missing, gaps } = whole;
    expect(again?.account).toMatchObject({ received, duplicates, garbage, missing, gaps });
    await second.close(false);
  }
});

test('a box that let its viewers leave for want of a coordinator is lost to the next one, not done in order', async () => {
  const w = await world();
  const { fleet, headLink, agent } = await w.running();
  const before = stateOf(fleet);
  await fleet.close(false);
  await headLink.close();
  await w.clock.run(35_000);
  await w.until(() => expect(agent.runs).toBe(1));
  const { fleet: second } = await w.fleet('head2', before);
  const [again] = await w.find(second);
  await w.until(() => expect(again?.state.isDone).toBe(true));
  expect(w.news.map(({ news }) => news)).toEqual([
    { state: 'lost', reason: 'no coordinator for 30 s: its viewers leave' },
  ]);
});

test('a box that was killed and begun anew while there was no coordinator is lost to the next one, not done in order', async () => {
  const w = await world();
  const { fleet, headLink, link, local } = await w.running();
  for (let i = 0; i < 5; i++) local.tick();
  await w.until(() => expect(w.seqs).toEqual(range(5)));
  const before = stateOf(fleet);
  await fleet.close(false);
  await headLink.close();
  link.cut();
  for (let i = 0; i < 5; i++) local.tick();
  await vi.waitFor(async () => expect(await recordsIn(join(w.dir, 'a', 'run1~e1-a'))).toBe(10), 10_000);
  await link.close();
  const { link: next } = await w.agent('a', { epoch: 'e2-a' });
  await w.until(() => expect(w.said.at(-1)).toBe('a: run run1: 10 records of an earlier process delivered'));
  // Its signs of life have expired: what it has sent is all that is known of it.
  await next.close();
  const { fleet: second } = await w.fleet('head2', before);
  const facts = { ...factsOf('a'), allowTargets: [] };
  const again = second.box({ kind: 'hello', epoch: 'e1-a', publicKey: 'AAAA', facts });
  await second.listen();
  await w.until(() => expect(again.state.isDone).toBe(true));
  expect(w.news.map(({ news }) => news)).toEqual([
    { state: 'lost', reason: 'it came back as another process: its viewers are gone' },
  ]);
  expect(w.seqs).toEqual(range(10));
});

test('a box that was lost before its coordinator died is told of when it is back, and lost as ever', async () => {
  const w = await world();
  const { fleet, headLink, link } = await w.running();
  const before = stateOf(fleet, ['a']);
  await fleet.close(false);
  await headLink.close();
  const { fleet: second } = await w.fleet('head2', before);
  const [again] = await w.find(second);
  await w.until(() => expect(w.states).toEqual(['back']));
  let over = false;
  void again?.done.then(() => {
    over = true;
  });
  link.cut();
  await w.clock.run(60_000);
  expect([w.states, over]).toEqual([['back', 'late', 'lost'], false]);
  await w.clock.run(8000);
  expect(over).toBe(true);
});

test('a killed agent that is begun anew is lost for good, and delivers what the dead one had written', async () => {
  const w = await world();
  const { link, local, box } = await w.running();
  for (let i = 0; i < 5; i++) local.tick();
  await w.until(() => expect(w.seqs).toEqual(range(5)));
  link.cut();
  for (let i = 0; i < 40; i++) local.tick();
  await vi.waitFor(async () => expect(await recordsIn(join(w.dir, 'a', 'run1~e1-a'))).toBe(45), 10_000);
  // kill -9
  await link.close();
  let over = false;
  void box.done.then(() => {
    over = true;
  });
  await w.agent('a', { epoch: 'e2-a' });
  await w.until(() => expect(over).toBe(true));
  expect(w.seqs).toEqual(range(45));
  expect(w.news.at(-1)?.news.reason).toBe('it came back as another process: its viewers are gone');
  expect(box.account).toMatchObject({ missing: 0, received: 45 });
});

test('a box that stays lost is waited for a minute, not for ever', async () => {
  const w = await world();
  const { link, box } = await w.running();
  await link.close();
  let over = false;
  void box.done.then(() => {
    over = true;
  });
  await w.clock.run(60_000);
  expect(over).toBe(false);
  await w.clock.run(10_000);
  expect(over).toBe(true);
  expect(w.states).toEqual(['late', 'lost']);
});

test('another version, a refused target, too many viewers and a busy box are refused with words', async () => {
  const w = await world();
  await w.agent('old', { facts: { version: '0.9.0' } });
  await w.agent('safe', { refusal: '192.0.2.1 is not on its list of targets' });
  await w.agent('small', { facts: { maxVus: 1 } });
  await w.agent('busy');
  const { fleet } = await w.fleet();
  const boxes = await w.find(fleet);
  const refused: string[] = [];
  for (const box of boxes) await w.prepared(box).catch((error: Error) => refused.push(error.message));
  expect(refused).toEqual([
    'old: it runs dorami-load 0.9.0, this is 1.0.0',
    'safe: 192.0.2.1 is not on its list of targets',
    'small: 2 viewers are more than the 1 that it takes',
  ]);
  const take = {
    kind: 'take',
    run: 'other',
    version: '1.0.0',
    boxes: ['busy'],
    parts: 0,
    viewers: 0,
    work: '',
  };
  const asked = w.broker.link().ask(askSubject('busy'), writeWire({ ...take, epoch: 'e1-busy' }), 1000);
  await w.clock.run(100);
  expect(Buffer.from(await asked).toString()).toContain('it serves the run run1');
  const twice = w.broker
    .link()
    .ask(askSubject('busy'), writeWire({ ...take, run: 'run1', epoch: 'e1-busy' }), 1000);
  await w.clock.run(100);
  expect(Buffer.from(await twice).toString()).toContain('it serves the run run1');
  const stale = w.broker.link().ask(askSubject('busy'), writeWire({ ...take, epoch: 'e0' }), 1000);
  await w.clock.run(100);
  expect(Buffer.from(await stale).toString()).toContain('it was begun anew since it was found');
});

test('a run that has been served is not taken again by the same process, whose records would count as repeats', async () => {
  const w = await world();
  const { box, agent, link } = await w.running();
  box.send({ kind: 'leave' });
  await w.until(() => expect(agent.runs).toBe(1));
  const take = { kind: 'take', run: 'run1', version: '1.0.0', boxes: ['a'], parts: 0, viewers: 0, work: '' };
  const ask = (run: string): Promise<Uint8Array> => {
    const asked = link.ask(askSubject('a'), writeWire({ ...take, run, epoch: 'e1-a' }), 1000);
    return w.clock.run(100).then(() => asked);
  };
  expect(Buffer.from(await ask('run1')).toString()).toContain('it has served the run run1 already');
  expect(agent.isBusy).toBe(false);
});

test('a second agent of the same name is refused', async () => {
  const w = await world();
  await w.agent('a');
  await expect(w.agent('a', { epoch: 'e2-a' })).rejects.toThrow(NameTaken);
});

test('the start is given on the clock of the box, its error and drift are told', async () => {
  const w = await world();
  await w.agent('a', { aheadMs: 5000 });
  const { fleet } = await w.fleet();
  const [box] = await w.find(fleet);
  if (box === undefined) throw new Error('no box');
  await w.prepared(box);
  const startEpochMs = w.clock.epochMs() + 3000;
  box.send({ kind: 'start', startEpochMs });
  const local = w.boxes[0] as FakeBox;
  await w.until(() => expect(local.kinds).toEqual(['start']));
  const [start] = local.orders;
  if (start?.kind !== 'start') throw new Error('no start');
  expect(start.startEpochMs).toBeCloseTo(startEpochMs + 5000, 0);
  expect(start.ownClock?.offsetMs).toBeCloseTo(-5000, 0);
  await w.until(() => expect(local.orders.at(-1)?.kind).toBe('own_clock'), 1000);
  await w.clock.run(2000);
  expect(box.account.clock?.offsetMs).toBeCloseTo(-5000, 0);
  expect(box.account.worstClockErrorMs).toBeGreaterThan(0);
});

test('garbage of every kind, on every subject, is counted, said once, and stops nobody', async () => {
  const w = await world();
  const { box, local, fleet, agent } = await w.running();
  const names = runNames('run1');
  const stranger = w.broker.link();
  const beats = await stranger.openBeats(BEATS_BUCKET, 5000);
  const junk = [
    Buffer.from('{'),
    Buffer.from('null'),
    Buffer.from([0xff, 0xfe]),
    Buffer.alloc(950_000),
    writeWire({ v: 1, run: 'run1', box: 'a', epoch: 'e1-a', seq: -1, kind: 'done' }),
    writeWire({ v: 1, run: 'run1', box: 'a', epoch: 'e1-a', seq: 9e99, kind: 'message' }),
    writeWire({ kind: '__proto__', constructor: 1 }),
  ];
  for (const bytes of junk) {
    w.broker.forge(names.dataOf('a'), bytes);
    w.broker.forge(names.dataOf('nobody'), bytes);
    w.broker.forge(names.ordersTo('a'), bytes);
    for (const key of [beatKey('a'), headKey('run1'), 'x']) void beats.put(key, bytes);
    for (const subject of [askSubject('a'), HELLO_SUBJECT, names.clock])
      void stranger.ask(subject, bytes, 1000).catch(() => {});
    stranger.publish(names.roomOf('a'), bytes);
  }
  const order = { v: 1, run: 'run1', box: 'a', head: 'x', seq: 1 };
  for (const message of [
    { kind: 'start' },
    { kind: 'replan', change: 7 },
    { kind: 'fault' },
    { kind: 'publisher_clock', state: 1 },
  ])
    w.broker.forge(names.ordersTo('a'), writeWire({ ...order, message }));
  // Records in order, with messages inside that no thread sends.
  const record = { v: 1, run: 'run1', box: 'a', epoch: 'e9', kind: 'message', worker: 0 };
  const inside = [
    { kind: 'tick', tick: {} },
    { kind: 'tick', tick: tickOf('b', 0, 1) },
    { kind: 'trace', vu: 1, lines: 'x' },
    { kind: 'notable' },
  ];
  for (const [i, message] of inside.entries())
    w.broker.forge(names.dataOf('a'), writeWire({ ...record, seq: i + 1, message }));
  await w.clock.run(3000);
  for (let i = 0; i < 10; i++) local.tick();
  await w.until(() => expect(w.seqs).toEqual(range(10)));
  expect(box.account.garbage).toBe(junk.length + inside.length);
  expect(fleet.garbageCount).toBeGreaterThan(0);
  expect(new Set(w.blamed).size).toBe(w.blamed.length);
  expect(w.blamed.length).toBeLessThan(15);
  expect(local.kinds).toEqual(['start']);
  expect(w.states).toEqual([]);
  expect(agent.runs).toBe(0);
});

test('an agent that is told to end lets its viewers leave and delivers what it has', async () => {
  const w = await world();
  const { agent, local, box } = await w.running();
  for (let i = 0; i < 10; i++) local.tick();
  let undelivered = -1;
  void agent.stop().then((left) => {
    undelivered = left;
  });
  await w.until(() => expect(undelivered).toBe(0));
  expect(local.kinds).toEqual(['start', 'leave']);
  await w.until(() => expect(w.seqs).toEqual(range(10)));
  await box.done;
});

test('an agent that is told to end while it is cut off ends within its bound, and says what stays', async () => {
  const w = await world();
  const { agent, link, local } = await w.running();
  link.cut();
  for (let i = 0; i < 10; i++) local.tick();
  let undelivered = -1;
  void agent.stop().then((left) => {
    undelivered = left;
  });
  await w.clock.run(17_000);
  expect(undelivered).toBe(-1);
  await w.until(() => expect(undelivered).toBe(11));
});

test('a dropped box ends its threads at once', async () => {
  const w = await world();
  const { box, local, agent } = await w.running();
  void box.destroy();
  await w.until(() => expect(local.destroyed).toBe(true));
  await box.done;
  await w.until(() => expect(agent.runs).toBe(1));
});

test('a box that does not hear of the others’ rooms says so in a record, for chat cannot be judged then', async () => {
  const w = await world();
  const { link } = await w.agent('a');
  await w.agent('b');
  const { fleet } = await w.fleet();
  const boxes = await w.find(fleet);
  for (const [i, box] of boxes.entries()) await w.prepared(box, [{ vu: 10 * i }]);
  // As a broker does that does not let it say this: all else gets through.
  const publish = link.publish.bind(link);
  link.publish = (subject, payload) => (subject.includes('.room.') ? undefined : publish(subject, payload));
  for (const box of boxes) box.send({ kind: 'start', startEpochMs: w.clock.epochMs() });
  await w.clock.run(5000);
  const heard = () =>
    w.got.filter(({ message }) => message.kind === 'notable' && message.what === 'room_unheard');
  expect(heard()).toEqual([]);
  const detail = expect.stringMatching(/^did not hear for 6(\.\d)? s how many viewers of box a stood/);
  await w.until(() => expect(heard()).toMatchObject([{ box: 'b', message: { detail } }]));
});

test('each box knows how many viewers of the others stood in the chat room at an instant, through a short cut too', async () => {
  const w = await world();
  const { link } = await w.agent('a', { aheadMs: 7000 });
  await w.agent('b', { aheadMs: -3000 });
  const { fleet } = await w.fleet();
  const boxes = await w.find(fleet);
  for (const [i, box] of boxes.entries()) await w.prepared(box, [{ vu: 10 * i }]);
  const [a, b] = w.boxes as [FakeBox, FakeBox];
  const [roomA, roomB] = [readFarRoom(a.far), readFarRoom(b.far)];
  expect([roomA.isOwn(0), roomA.isOwn(10), roomB.isOwn(10)]).toEqual([true, false, true]);
  a.inRoom = 30;
  b.inRoom = 5;
  await w.clock.run(3000);
  const before = w.clock.epochMs();
  a.inRoom = 20;
  await w.clock.run(1000);
  expect(roomB.at(before - 50)).toEqual({ viewers: 30, isFinal: true });
  expect(roomB.at(before + 100)).toEqual({ viewers: 20, isFinal: true });
  expect(roomA.at(before)).toEqual({ viewers: 5, isFinal: true });
  // Cut off for 4 s: what nobody heard then is told afterwards.
  link.cut();
  await w.clock.run(2000);
  const inCut = w.clock.epochMs();
  a.inRoom = 10;
  await w.clock.run(2000);
  expect(roomB.at(inCut).isFinal).toBe(false);
  expect(roomA.state).toBe('unsure');
  link.mend();
  await w.clock.run(2000);
  expect(roomB.at(inCut - 100)).toEqual({ viewers: 20, isFinal: true });
  expect(roomB.at(inCut + 100)).toEqual({ viewers: 10, isFinal: true });
  expect(roomA.state).toBe('sure');
  // Gone: not counted from its last word on.
  const lost = w.clock.epochMs();
  link.cut();
  await w.clock.run(8000);
  expect(roomB.at(lost - 500)).toEqual({ viewers: 10, isFinal: true });
  expect(roomB.at(lost + 1500)).toEqual({ viewers: 0, isFinal: true });
  expect(roomA.state).toBe('cut');
});
