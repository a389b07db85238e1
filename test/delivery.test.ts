import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readWire, recordSchema, writeWire } from '../src/cluster/agent-messages.js';
import { deliverLeft, findLeftOutboxes, outboxFolder } from '../src/cluster/left-outbox.js';
import { Outbox } from '../src/cluster/outbox.js';
import type { RemoteBox } from '../src/cluster/remote-box.js';
import { RemoteFleet } from '../src/cluster/remote-fleet.js';
import { makeRingFolder, RingFiles, readLeftRing } from '../src/cluster/ring-files.js';
import { runNames } from '../src/cluster/wire-names.js';
import { createRedact } from '../src/redact.js';
import { createRng } from '../src/rng.js';
import { Intake } from '../src/run/intake.js';
import { RunFolder } from '../src/run/run-folder.js';
import type { Tick } from '../src/stats/tick.js';
import { FaultyBroker, type FaultyLink } from './support/faulty-broker.js';
import { VirtualClock } from './support/virtual-clock.js';

const ROUNDS = 12;
const STEPS = 60;
const RUN = 'run1';
const SUBJECT = runNames(RUN).dataOf('a');

const tickOf = (worker: number, seq: number): Tick => ({
  ...{ v: 1, box: 'a', worker, seq, fromMs: seq * 1000, toMs: seq * 1000 + 1000 },
  ...{ counters: {}, histograms: {}, gauges: {} },
});
const nameOf = ({ worker, seq }: Pick<Tick, 'worker' | 'seq'>): string => `${worker}/${seq}`;

/** A coordinator that takes in what comes, to a folder that is text. */
class Head {
  readonly link: FaultyLink;
  readonly intake: Intake;
  readonly folder: RunFolder;
  text = '';
  box: RemoteBox | undefined;

  constructor(broker: FaultyBroker) {
    this.link = broker.link();
    const file = {
      appendFile: async (text: string) => {
        this.text += text;
      },
      close: async () => {},
    };
    const nothing = { appendFile: async () => {}, close: async () => {} };
    this.folder = new RunFolder('run', file, nothing, () => {});
    this.intake = new Intake(this.folder, createRedact([]));
  }

  async open(clock: VirtualClock): Promise<void> {
    const fleet = await RemoteFleet.open({
      ...{
        link: this.link,
        clock,
        run: RUN,
        head: 'h1',
        version: '1',
        seal: (_key, plain) => plain,
        say() {},
      },
      handlers: {
        onMessage: (box, worker, message) => this.intake.take(worker, message, box),
        onDied() {},
        onState() {},
      },
    });
    onTestFinished(() => fleet.close(false));
    const facts = { id: 'a', version: '1', nodeVersion: 'v20', hostname: 'h', cores: 2, memoryBytes: 1e9 };
    this.box = fleet.box({
      ...{ kind: 'hello', epoch: 'e1', publicKey: 'AAAA' },
      facts: { ...facts, workers: 2, weight: 2, allowTargets: [] },
    });
    await fleet.listen();
  }

  get ticks(): string[] {
    const lines = this.text.split('\n').filter((line) => line !== '');
    return lines.map((line) => nameOf(JSON.parse(line) as Tick)).sort();
  }
}

/** Lets files and promises of this process go on, and virtual time. */
async function pass(clock: VirtualClock, ms: number): Promise<void> {
  await clock.run(ms);
  await new Promise((resolve) => setTimeout(resolve, 1));
}

/** What the broker holds and what lies on the disk of the box, by name of the tick. */
async function writtenIn(broker: FaultyBroker, folder: string): Promise<string[]> {
  const payloads = (broker.streamOf(SUBJECT)?.messages ?? []).map(({ payload }) => payload);
  for await (const payload of readLeftRing(folder)) payloads.push(Uint8Array.from(payload));
  const names = payloads.flatMap((payload) => {
    const record = readWire(recordSchema, payload, 'a record');
    return record.kind === 'message' ? [nameOf((record.message as unknown as { tick: Tick }).tick)] : [];
  });
  return [...new Set(names)].sort();
}

test.each(Array.from({ length: ROUNDS }, (_, i) => i + 1))(
  'whatever is cut, lost, repeated and begun anew, the folder holds each tick that a box had written, once (seed %i)',
  async (seed) => {
    const rng = createRng(seed, 'delivery');
    const int = (below: number): number => Math.floor(rng.next() * below);
    const dir = await mkdtemp(join(tmpdir(), 'delivery-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const clock = new VirtualClock({ startMs: 1000, startEpochMs: Date.now() });
    const broker = new FaultyBroker(clock);
    const head = new Head(broker);
    await head.open(clock);
    const folder = outboxFolder(dir, RUN, 'e1');
    await makeRingFolder(folder);
    const ring = new RingFiles(folder, { segmentBytes: 1500, maxBytes: 1e6 });
    let link = broker.link();
    const outbox = new Outbox({
      ...{ link, clock, ring, subject: SUBJECT, run: RUN, box: 'a', epoch: 'e1', say() {} },
      maxMemoryBytes: 20_000,
    });
    const said = [0, 0];
    const repeat = (): void => {
      const { messages = [] } = broker.streamOf(SUBJECT) ?? {};
      const one = messages[int(messages.length)];
      if (one !== undefined) broker.forge(SUBJECT, one.payload);
    };
    const trouble = async (): Promise<void> => {
      const what = int(8);
      if (what === 0) link.cut();
      else if (what === 1) link.mend();
      else if (what === 2) head.link.cut();
      else if (what === 3) head.link.mend();
      else if (what === 4) link.losesAcks = !link.losesAcks;
      else if (what === 5) repeat();
      else await pass(clock, int(7000));
    };
    const deathAt = int(STEPS);
    for (let step = 0; step < deathAt; step++) {
      for (let n = int(6); n > 0; n--) {
        const worker = int(2);
        const seq = said[worker] ?? 0;
        said[worker] = seq + 1;
        outbox.add({ kind: 'message', worker, message: { kind: 'tick', tick: tickOf(worker, seq) } });
      }
      await trouble();
    }
    // kill -9: its connection is gone, and of what it had begun nothing goes on.
    await link.close();
    onTestFinished(() => outbox.close());
    // What the system had taken of its writes is on disk a moment later.
    let written: string[] = [];
    for (let before = -1; before !== written.length; ) {
      before = written.length;
      await new Promise((resolve) => setTimeout(resolve, 20));
      written = await writtenIn(broker, folder);
    }
    // Processes that come after it, the first ones killed while they deliver.
    for (let epoch = 2, isOver = false; !isOver; epoch++) {
      const lives = epoch > 4 ? Number.POSITIVE_INFINITY : int(12);
      link = broker.link();
      const [left] = await findLeftOutboxes(dir, `e${epoch}`, clock.epochMs());
      let isAlive = true;
      let isDelivered = left === undefined;
      const delivered =
        left === undefined
          ? Promise.resolve(undefined)
          : deliverLeft(left, {
              ...{ link, clock, box: 'a' },
              subject: () => SUBJECT,
              isWanted: () => isAlive,
            }).then((count) => {
              isDelivered = count !== undefined;
            });
      for (let step = 0; !isDelivered && step < lives; step++) {
        if (step < 30) await trouble();
        else {
          link.losesAcks = false;
          link.mend();
        }
        await pass(clock, 600);
      }
      isAlive = false;
      await link.close();
      await pass(clock, 6000);
      await delivered;
      isOver = isDelivered;
    }
    head.link.mend();
    for (let turn = 0; turn < 200 && head.ticks.length < written.length; turn++) await pass(clock, 100);
    expect(head.ticks).toEqual(written);
    const { totals } = head.intake;
    expect([totals.tickCount, totals.duplicateCount]).toEqual([written.length, 0]);
    expect(head.box?.account.garbage).toBe(0);
  },
);

test('a repeat that the order of records does not see is counted once by the folder', async () => {
  const clock = new VirtualClock({ startMs: 1000, startEpochMs: Date.now() });
  const broker = new FaultyBroker(clock);
  const head = new Head(broker);
  await head.open(clock);
  const record = (seq: number): Uint8Array =>
    writeWire({
      ...{ v: 1, run: RUN, box: 'a', epoch: 'e1', seq, kind: 'message', worker: 0 },
      message: { kind: 'tick', tick: tickOf(0, 0) },
    });
  broker.forge(SUBJECT, record(1));
  broker.forge(SUBJECT, record(2));
  await pass(clock, 100);
  expect(head.ticks).toEqual(['0/0']);
  expect(head.intake.totals).toMatchObject({ tickCount: 1, duplicateCount: 1 });
});
