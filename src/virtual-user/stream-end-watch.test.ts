import { describe, expect, test } from 'vitest';
import type { RecoveryEvent, ViewerEvent } from '../events.js';
import type { FaultMark } from '../scenarios/fault-plan.js';
import type { StreamStatus } from './page-reads.js';
import { StreamEndWatch } from './stream-end-watch.js';

const FAULT: FaultMark = { index: 0, breaks: 'publisher', forMs: 60_000, graceMs: 45_000, fromMs: 1000 };

type Reported = RecoveryEvent & { readonly atMs: number; readonly phaseAtMs?: number };

function rig({ inRoom = true, observes = true } = {}) {
  const seen: Reported[] = [];
  const now: { status: StreamStatus | undefined; asked: number } = { status: 'LIVE', asked: 0 };
  const status = async () => {
    now.asked++;
    return now.status;
  };
  const emit = (event: ViewerEvent) => void seen.push(event as Reported);
  const watch = new StreamEndWatch(FAULT, { emit, inRoom, ...(observes ? { status } : {}) }, 750);
  const faced = seen.splice(0);
  /** Looks ten times a second, and answers come at once. */
  const look = async (fromMs: number, toMs: number): Promise<void> => {
    for (let atMs = fromMs; atMs < toMs; atMs += 100) {
      watch.poll(atMs);
      await Promise.resolve();
      await Promise.resolve();
    }
  };
  return { watch, faced, seen, now, look };
}

test('is for a publisher that is gone for longer than the platform waits, and for nothing else', () => {
  expect(StreamEndWatch.isFor(FAULT)).toBe(true);
  expect(StreamEndWatch.isFor({ ...FAULT, forMs: 45_000 })).toBe(false);
  expect(StreamEndWatch.isFor({ ...FAULT, breaks: 'media' })).toBe(false);
});

test.each([
  [true, false],
  [false, true],
])('says at the begin who will tell: in the room = %s, observer = %s', (inRoom, observes) => {
  const head = { fault: 'publisher', atMs: 750, phaseAtMs: 1000 };
  expect(rig({ inRoom, observes }).faced).toEqual([{ kind: 'stream_end_faced', inRoom, observes, ...head }]);
});

describe('the end of a stream', () => {
  test.each([true, false])('heard = %s is told once, when the fault is mended', (heard) => {
    const { watch, seen } = rig({ observes: false });
    if (heard) watch.ended();
    expect(seen).toEqual([]);
    watch.mended(1010, 61_000);
    watch.mended(1010, 61_000);
    watch.ended();
    expect(seen).toEqual([
      { kind: 'stream_end_judged', heard, fault: 'publisher', atMs: 61_000, phaseAtMs: 1000 },
    ]);
    expect(watch.pending).toBe(false);
  });

  test('is told by nobody who was not in the room', () => {
    const { watch, seen } = rig({ inRoom: false, observes: false });
    watch.ended();
    watch.mended(1010, 61_000);
    expect(seen).toEqual([]);
  });
});

describe('an observer', () => {
  test('asks once a second, and tells when it saw OFFLINE and LIVE', async () => {
    const { watch, seen, now, look } = rig({ inRoom: false });
    await look(1000, 47_000);
    expect(now.asked).toBe(46);
    now.status = 'OFFLINE';
    await look(47_000, 61_000);
    watch.mended(1010, 61_000);
    await look(61_000, 63_000);
    expect(seen).toEqual([]);
    now.status = 'LIVE';
    await look(63_000, 65_000);
    expect(seen).toMatchObject([
      { kind: 'stream_state_judged', to: 'offline', seen: true, afterMs: 45_990, atMs: 63_000 },
      { kind: 'stream_state_judged', to: 'live', seen: true, afterMs: 2000, atMs: 63_000 },
    ]);
    expect(watch.pending).toBe(false);
    const { asked } = now;
    await look(65_000, 70_000);
    expect(now.asked).toBe(asked);
  });

  test('that never saw OFFLINE says so', async () => {
    const { watch, seen, look } = rig({ inRoom: false });
    await look(1000, 61_000);
    watch.mended(1010, 61_000);
    await look(61_000, 63_000);
    expect(seen).toMatchObject([
      { to: 'offline', seen: false },
      { to: 'live', seen: true, afterMs: 0 },
    ]);
    expect(seen[0]).not.toHaveProperty('afterMs');
  });

  test('waits 10 s for LIVE, and no longer', async () => {
    const { watch, seen, now, look } = rig({ inRoom: false });
    now.status = 'OFFLINE';
    await look(47_000, 61_000);
    watch.mended(1010, 61_000);
    await look(61_000, 71_100);
    expect(seen).toEqual([]);
    await look(71_100, 71_200);
    expect(seen).toMatchObject([
      { to: 'offline', seen: true },
      { to: 'live', seen: false },
    ]);
    expect(watch.pending).toBe(false);
  });

  test('takes a LIVE that was asked before the mending for none', async () => {
    const { watch, seen } = rig({ inRoom: false });
    watch.poll(60_500);
    watch.mended(1010, 61_000);
    await Promise.resolve();
    await Promise.resolve();
    expect(seen).toEqual([]);
    expect(watch.pending).toBe(true);
  });

  test('takes no answer for no state', async () => {
    const { watch, seen, now, look } = rig({ inRoom: false });
    now.status = undefined;
    await look(1000, 61_000);
    watch.mended(1010, 61_000);
    await look(61_000, 72_000);
    expect(seen).toMatchObject([
      { to: 'offline', seen: false },
      { to: 'live', seen: false },
    ]);
  });

  test('that leaves has nothing more to tell, also of an answer that is on its way', async () => {
    const { watch, seen } = rig();
    watch.mended(1010, 61_000);
    seen.length = 0;
    watch.poll(62_000);
    watch.close();
    await Promise.resolve();
    await Promise.resolve();
    watch.mended(1010, 61_000);
    expect(seen).toEqual([]);
    expect(watch.pending).toBe(false);
  });
});
