import { expect, onTestFinished, test } from 'vitest';
import { FaultyBroker } from '../../test/support/faulty-broker.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { type Beat, type Hello, orderSchema, readWire, writeWire } from './agent-messages.js';
import type { BoxNews } from './box.js';
import { BEAT_TTL_MS } from './box-life.js';
import { RemoteFleet } from './remote-fleet.js';
import { BEATS_BUCKET, beatKey, runNames } from './wire-names.js';

const HELLO: Hello = {
  ...{ kind: 'hello', epoch: 'e1', publicKey: 'AAAA' },
  facts: {
    ...{ id: 'a', version: '1', nodeVersion: 'v20', hostname: 'h', cores: 2, memoryBytes: 1e9 },
    ...{ workers: 2, weight: 2, allowTargets: [] },
  },
};

async function world() {
  const clock = new VirtualClock();
  const broker = new FaultyBroker(clock);
  const news: BoxNews[] = [];
  const fleet = await RemoteFleet.open({
    ...{ link: broker.link(), clock, run: 'run1', head: 'h1', version: '1' },
    seal: (_key, plain) => plain,
    handlers: { onMessage() {}, onDied() {}, onState: (_box, one) => news.push(one) },
    say() {},
  });
  onTestFinished(() => fleet.close(false));
  const box = fleet.box(HELLO);
  const beats = await broker.link().openBeats(BEATS_BUCKET, BEAT_TTL_MS);
  const beat = async (more: Partial<Beat>): Promise<void> => {
    await beats.put(beatKey('a'), writeWire({ kind: 'beat', box: 'a', epoch: 'e1', phase: 'idle', ...more }));
  };
  let isDone = false;
  void box.done.then(() => {
    isDone = true;
  });
  return { clock, broker, box, news, beat, isDone: () => isDone };
}

const CLOCK = { offsetMs: 5, uncertaintyMs: 1 };

test('what a box still says of an earlier run, that it gave up and whose clock it knew, is not of this one', async () => {
  const { box, news, beat } = await world();
  await beat({ run: 'run0', phase: 'over', gaveUp: 'cut off from the broker', clock: CLOCK });
  expect(news).toEqual([]);
  expect(box.account.clock).toBeUndefined();
  await beat({ run: 'run1', phase: 'running', clock: CLOCK });
  expect(box.account.clock).toEqual(CLOCK);
  await beat({ run: 'run1', phase: 'leaving', gaveUp: 'cut off from the broker' });
  expect(news).toEqual([{ state: 'lost', reason: 'cut off from the broker' }]);
});

test('a box that is there and serves the run no more is waited for 20 s and 20 s, though its last words never come', async () => {
  const { clock, news, beat, isDone } = await world();
  for (let s = 0; s < 5; s++) {
    await beat({});
    await clock.run(1000);
  }
  await beat({ run: 'run1', phase: 'running' });
  for (let s = 0; s < 41; s++) {
    expect([news.length, isDone()]).toEqual([s > 20 ? 1 : 0, false]);
    await clock.run(1000);
    await beat({});
  }
  expect(news).toEqual([
    { state: 'lost', reason: 'it serves this run no more, and its last words have not come' },
  ]);
  await clock.run(1000);
  expect(isDone()).toBe(true);
});

test('a box that cannot be told what the others are told is lost, and is told to leave', async () => {
  const { clock, broker, box, news } = await world();
  const segment = { name: 'x'.repeat(90), role: 'hold', durationMs: 1, fromVus: 1, toVus: 1 };
  const segments = Array.from({ length: 10_000 }, () => segment);
  box.send({ kind: 'replan', change: { atMs: 1, segments } } as never);
  await clock.run(1000);
  expect(news).toEqual([
    { state: 'lost', reason: 'an order (replan) is larger than the broker takes: its viewers leave' },
  ]);
  const told = broker.streamOf(runNames('run1').ordersTo('a'))?.messages ?? [];
  expect(told.map(({ payload }) => readWire(orderSchema, payload, 'an order').message.kind)).toEqual([
    'leave',
  ]);
});
