import { expect, onTestFinished, test } from 'vitest';
import { FaultyBroker } from '../../test/support/faulty-broker.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { type Hello, writeWire } from '../cluster/agent-messages.js';
import type { BoxHandlers, BoxNews } from '../cluster/box.js';
import { RemoteFleet } from '../cluster/remote-fleet.js';
import { BEATS_BUCKET, beatKey, HELLO_SUBJECT, headKey, runNames } from '../cluster/wire-names.js';
import type { Progress } from './progress.js';
import { takeUpFleet } from './taken-up-boxes.js';

const helloOf = (id: string): Hello => ({
  ...{ kind: 'hello', epoch: `e-${id}`, publicKey: 'AAAA' },
  facts: {
    ...{ id, version: '1', nodeVersion: 'v20', hostname: 'h', cores: 2, memoryBytes: 1e9 },
    ...{ workers: 1, weight: 1, allowTargets: [] },
  },
});

class Wire {
  readonly clock = new VirtualClock({ startEpochMs: 1_800_000_000_000 });
  readonly broker = new FaultyBroker(this.clock);
  readonly said: string[] = [];
  readonly news: { box: string; news: BoxNews }[] = [];
  readonly handlers: BoxHandlers = {
    onMessage() {},
    onDied() {},
    onState: (box, news) => void this.news.push({ box, news }),
  };

  progress(agoMs: number, isDone = false, head = 'h1'): Progress {
    const had = { upTo: 4, received: 4, duplicates: 1, missing: 0, gaps: [] };
    return {
      ...{ v: 1, savedEpochMs: this.clock.epochMs() - agoMs, atMs: 9000, head, position: 5 },
      hellos: [helloOf('a'), helloOf('b')],
      boxes: {
        a: { epochs: { 'e-a': had }, garbage: 2, isDone: false },
        b: { epochs: { 'e-b': had }, garbage: 0, isDone },
      },
      events: { written: 0, counts: {}, lines: 0 },
    };
  }

  /** A box that answers, and gives signs. */
  async serve(id: string, run: string): Promise<void> {
    const link = this.broker.link();
    link.serve(HELLO_SUBJECT, () => writeWire({ ...helloOf(id), run }));
    const beats = await link.openBeats(BEATS_BUCKET, 5000);
    const beat = (): void => {
      const sign = writeWire({ kind: 'beat', box: id, epoch: `e-${id}`, run, phase: 'running' });
      void beats.put(beatKey(id), sign);
      this.clock.after(1000, beat);
    };
    beat();
  }

  /** Taken up, as far as it goes; what came of it. */
  async takeUp(progress: Progress, lost: readonly string[] = []) {
    const taking = this.begin(progress, lost);
    await this.clock.run(5000);
    const fleet = await taking;
    onTestFinished(() => fleet.close());
    return fleet;
  }

  begin(progress: Progress, lost: readonly string[] = [], head?: string): ReturnType<typeof takeUpFleet> {
    const { clock } = this;
    const taking = takeUpFleet({
      ...{ link: this.broker.link(), clock, run: 'r1', progress, lost: new Set(lost), version: '1' },
      ...(head === undefined ? {} : { head }),
      wait: (ms) => new Promise((resolve) => void clock.after(ms, resolve)),
      say: (line) => void this.said.push(line),
    });
    taking.catch(() => {});
    return taking;
  }
}

test('a run whose coordinator gives signs is not taken up', async () => {
  const wire = new Wire();
  await wire.serve('a', 'r1');
  const beats = await wire.broker.link().openBeats(BEATS_BUCKET, 5000);
  const beat = (): void => {
    void beats.put(headKey('r1'), writeWire({ kind: 'head', run: 'r1', head: 'h1' }));
    wire.clock.after(1000, beat);
  };
  beat();
  await expect(wire.takeUp(wire.progress(1000))).rejects.toThrow('its coordinator is alive');
});

test('what a dead coordinator had on its way keeps nobody from taking up its run', async () => {
  const wire = new Wire();
  await wire.serve('a', 'r1');
  const beats = await wire.broker.link().openBeats(BEATS_BUCKET, 5000);
  const taking = wire.begin(wire.progress(1000));
  await wire.clock.run(1000);
  // A connection that hung and is torn lets out all that stood in it.
  for (let i = 0; i < 3; i++)
    await beats.put(headKey('r1'), writeWire({ kind: 'head', run: 'r1', head: 'h1' }));
  await wire.clock.run(4000);
  await (await taking).close();
});

for (const apartMs of [0, 80, 900, 2400])
  test(`of two processes that take up one run ${apartMs} ms apart the first one does`, async () => {
    const wire = new Wire();
    await wire.serve('a', 'r1');
    const first = wire.begin(wire.progress(1000), [], '20260101T000000000Z');
    await wire.clock.run(apartMs);
    const second = wire.begin(wire.progress(1000), [], '20260101T000000001Z');
    await wire.clock.run(8000);
    await expect(second).rejects.toThrow(/its coordinator is alive|another process takes it up/);
    const fleet = await first;
    // Whoever gives way leaves the streams to the other one.
    expect(wire.broker.streams.has(runNames('r1').data)).toBe(true);
    await fleet.close();
  });

test('a run that nobody serves is taken up while the broker keeps what was said, and refused afterwards', async () => {
  const wire = new Wire();
  await wire.serve('a', 'another-run');
  await expect(wire.takeUp(wire.progress(121_000))).rejects.toThrow('no box serves it any more');
  expect(wire.broker.streams.size).toBe(0);
  await wire.takeUp(wire.progress(60_000));
  expect(wire.said).toEqual(['boxes: 0 of 2 serve this run']);
});

test('a box goes on with its counts, one that was lost is back, one that was done is waited for no more', async () => {
  const wire = new Wire();
  await wire.serve('a', 'r1');
  const fleet = await wire.takeUp(wire.progress(3000, true), ['a']);
  expect(wire.said).toEqual(['boxes: 1 of 2 serve this run (a)']);
  // Nobody hears yet: what a box says of itself must not be lost meanwhile.
  await wire.clock.run(3000);
  const boxes = fleet.open(wire.handlers);
  await fleet.listen();
  await boxes[1]?.done;
  await wire.clock.run(8000);
  expect(wire.news).toMatchObject([{ box: 'a', news: { state: 'back' } }]);
  expect(fleet.taken()).toMatchObject({
    position: 5,
    boxes: { a: { epochs: { 'e-a': { upTo: 4, received: 4, duplicates: 1 } }, garbage: 2 } },
  });
});

test('a box that does not answer and says nothing more is lost within seconds', async () => {
  const wire = new Wire();
  await wire.serve('a', 'r1');
  const fleet = await wire.takeUp(wire.progress(3000));
  fleet.open(wire.handlers);
  await fleet.listen();
  await wire.clock.run(6000);
  expect(wire.news.map(({ box, news }) => `${box} ${news.state}`)).toEqual(['b late', 'b lost']);
  expect(wire.broker.streams.has(runNames('r1').data)).toBe(true);
});

/** The coordinator that began the run. */
async function firstHead(wire: Wire, head = 'h1') {
  const link = wire.broker.link();
  const gaveWay: number[] = [];
  const fleet = await RemoteFleet.open({
    ...{ link, clock: wire.clock, run: 'r1', head, version: '1', handlers: wire.handlers },
    ...{ seal: (_key: string, plain: Uint8Array) => plain, say: () => {} },
    onSuperseded: () => void gaveWay.push(wire.clock.nowMs()),
  });
  onTestFinished(() => fleet.close(false));
  return { link, fleet, gaveWay };
}

test('a coordinator that was cut off while another process took the run up gives way when it hears again', async () => {
  const wire = new Wire();
  await wire.serve('a', 'r1');
  const { link, gaveWay } = await firstHead(wire);
  await wire.clock.run(3000);
  link.cut();
  await wire.clock.run(6000);
  const taking = wire.begin(wire.progress(6000), [], 'h2');
  await wire.clock.run(5000);
  const second = await taking;
  onTestFinished(() => second.close());
  expect(gaveWay).toEqual([]);
  link.mend();
  await wire.clock.run(2500);
  expect(gaveWay.length).toBeGreaterThan(0);
});

test('a coordinator that goes on while another process still looks around keeps its run, and the other one gives way', async () => {
  const wire = new Wire();
  await wire.serve('a', 'r1');
  const { link, gaveWay } = await firstHead(wire);
  await wire.clock.run(3000);
  link.cut();
  // So that two of its signs fall into the time in which the other one looks around.
  await wire.clock.run(7100);
  const taking = wire.begin(wire.progress(6000), [], 'h2');
  // It has listened, gives signs of its own, and waits for those of others.
  await wire.clock.run(2600);
  link.mend();
  await wire.clock.run(4000);
  await expect(taking).rejects.toThrow('another process takes it up at this moment');
  await wire.clock.run(5000);
  expect(gaveWay).toEqual([]);
});

test('a coordinator gives way to one whose clock was set back since', async () => {
  const wire = new Wire();
  await wire.serve('a', 'r1');
  const tomorrow = `${new Date(Date.now() + 86_400_000).toISOString().replace(/[-:.]/g, '')}-abcdef`;
  const { link, gaveWay } = await firstHead(wire, tomorrow);
  await wire.clock.run(3000);
  link.cut();
  await wire.clock.run(6000);
  const taking = wire.begin(wire.progress(6000, false, tomorrow));
  await wire.clock.run(5000);
  const second = await taking;
  onTestFinished(() => second.close());
  expect(second.taken().head).toBe(`${tomorrow}0`);
  link.mend();
  await wire.clock.run(2500);
  expect(gaveWay.length).toBeGreaterThan(0);
});
