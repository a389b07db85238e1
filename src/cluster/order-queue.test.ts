import { expect, test } from 'vitest';
import { flushMicrotasks, VirtualClock } from '../../test/support/virtual-clock.js';
import type { ToWorker } from '../protocol.js';
import { MAX_WIRE_BYTES, orderSchema, readWire } from './agent-messages.js';
import { LinkError } from './link.js';
import { OrderQueue } from './order-queue.js';

/** A broker that takes messages of so many bytes, while it is there. */
function world(mostBytes = 1_000_000) {
  const clock = new VirtualClock();
  const orders: ToWorker['kind'][] = [];
  const untellable: string[] = [];
  const state = { isUp: true };
  let tries = 0;
  const queue = new OrderQueue({
    ...{ clock, run: 'r', head: 'h', box: 'a', subject: 's' },
    link: {
      onUp: () => ({ close() {} }),
      async append(_subject, payload) {
        tries += 1;
        if (!state.isUp) throw new LinkError('timeout', 'nobody is there');
        if (payload.byteLength > mostBytes) throw new LinkError('too_large', 'too large');
        orders.push(readWire(orderSchema, payload, 'an order').message.kind as ToWorker['kind']);
        return { isDuplicate: false };
      },
    },
    onUntellable: (kind) => untellable.push(kind),
  });
  return { clock, queue, orders, untellable, state, tries: () => tries };
}

const replan = (segments: number): ToWorker =>
  ({
    kind: 'replan',
    change: {
      atMs: 1,
      segments: Array.from({ length: segments }, () => ({
        ...{ name: 'x'.repeat(50), role: 'hold', durationMs: 1, fromVus: 1, toVus: 1 },
      })),
    },
  }) as unknown as ToWorker;

test('an order that is larger than the broker takes is given up by name, and holds up none of those behind it', async () => {
  const { clock, queue, orders, untellable, tries } = world(2000);
  queue.add({ kind: 'start', startEpochMs: 1 });
  queue.add(replan(100));
  queue.add({ kind: 'leave' });
  await clock.run(10_000);
  expect(orders).toEqual(['start', 'leave']);
  expect(untellable).toEqual(['replan']);
  expect(tries()).toBe(3);
});

test('an order that is larger than a box reads is not sent to it', async () => {
  const { clock, queue, orders, untellable, tries } = world(MAX_WIRE_BYTES * 2);
  queue.add(replan(10_000));
  await clock.run(1000);
  expect([orders, untellable, tries()]).toEqual([[], ['replan'], 0]);
});

test('an order waits for a broker that is away, however long', async () => {
  const { clock, queue, orders, untellable, state } = world();
  state.isUp = false;
  queue.add({ kind: 'leave' });
  await clock.run(60_000);
  state.isUp = true;
  expect(orders).toEqual([]);
  await clock.run(1000);
  await flushMicrotasks();
  expect([orders, untellable]).toEqual([['leave'], []]);
  queue.close();
});
