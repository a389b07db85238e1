import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { readClip } from './clip.js';
import { createEncoder } from './encoder.js';
import type { MediaUnit } from './media-unit.js';
import { type Delivery, Publisher } from './publisher.js';

const clip = readClip(readFileSync(new URL('../../assets/clip-gop1.flv', import.meta.url)));
const encoder = createEncoder(clip, 0);

interface Seen {
  readonly atMs: number;
  readonly dtsMs: number;
  readonly kind: MediaUnit['kind'];
  readonly delivery: Delivery;
  readonly captureMs: number;
}

let clock: VirtualClock;
let publisher: Publisher;
let seen: Seen[];
let log: string[];

beforeEach(() => {
  clock = new VirtualClock({ startEpochMs: 0 });
  publisher = new Publisher(clip, encoder, clock, 0);
  seen = [];
  log = [];
  publisher.addSink({
    onPublish: () => log.push('publish'),
    onUnpublish: () => log.push('unpublish'),
    onUnits(units, delivery) {
      for (const { kind, dtsMs, captureEpochMs } of units) {
        seen.push({ atMs: clock.nowMs(), dtsMs, kind, delivery, captureMs: captureEpochMs });
      }
    },
  });
});

const pictures = (): Seen[] => seen.filter(({ kind }) => kind === 'video');

/** The largest distances between neighbours: in arrival and in time. */
function largest(list: readonly Seen[]): { silenceMs: number; stepMs: number } {
  let silenceMs = 0;
  let stepMs = 0;
  for (const [index, { atMs, dtsMs }] of list.entries()) {
    const before = list[index - 1];
    if (before === undefined) continue;
    silenceMs = Math.max(silenceMs, atMs - before.atMs);
    stepMs = Math.max(stepMs, dtsMs - before.dtsMs);
  }
  return { silenceMs, stepMs };
}

describe('the publisher', () => {
  it('sends each picture when it is due, with times that go on over the end of the clip', () => {
    publisher.start(0);
    clock.advance(20_000);
    expect(pictures()).toHaveLength(600);
    for (const { atMs, dtsMs, captureMs } of pictures()) {
      expect(Math.abs(atMs - dtsMs)).toBeLessThan(1);
      expect(Math.abs(captureMs - atMs)).toBeLessThan(1);
    }
    expect(largest(seen).stepMs).toBeLessThanOrEqual(34);
  });

  it('sends what was published before it began at once', () => {
    publisher.start(6000);
    expect(pictures()).toHaveLength(180);
    expect(pictures()[0]?.captureMs).toBeCloseTo(-5977, 6);
  });

  it('freeze: holds media for its length, then sends all of it with its own times', () => {
    publisher.start(0);
    clock.advance(5000);
    publisher.freeze(2);
    clock.advance(5000);
    const { silenceMs, stepMs } = largest(pictures());
    expect(silenceMs).toBeGreaterThanOrEqual(2000);
    expect(silenceMs).toBeLessThan(2034);
    expect(stepMs).toBeLessThanOrEqual(34);
    const burst = seen.filter(({ delivery }) => delivery === 'burst');
    expect(new Set(burst.map(({ atMs }) => atMs))).toEqual(new Set([7000]));
    expect(burst.filter(({ kind }) => kind === 'video')).toHaveLength(60);
    expect(pictures().at(-1)?.dtsMs).toBe(9990);
    expect(burst[0]?.captureMs).toBeLessThan(5040);
  });

  it('pause: falls silent, then goes on without a gap in time and stays late', () => {
    publisher.start(0);
    clock.advance(5000);
    publisher.pause(2);
    clock.advance(5000);
    const { silenceMs, stepMs } = largest(pictures());
    expect(silenceMs).toBeCloseTo(2000 + 1000 / 30, 6);
    expect(stepMs).toBeLessThanOrEqual(34);
    const last = pictures().at(-1) as Seen;
    expect(last.atMs - last.dtsMs).toBeGreaterThan(1999);
    expect(last.captureMs).toBeCloseTo(last.atMs, 6);
  });

  it('loss: falls silent, then goes on with times that show the hole', () => {
    publisher.start(0);
    clock.advance(5000);
    publisher.loss(2);
    clock.advance(5000);
    const kept = pictures().filter(({ delivery }) => delivery === 'live');
    const { silenceMs, stepMs } = largest(kept);
    expect(silenceMs).toBeCloseTo(2000 + 1000 / 30, 6);
    expect(Math.abs(stepMs - silenceMs)).toBeLessThan(1);
    expect(kept.at(-1)?.atMs).toBeCloseTo(kept.at(-1)?.dtsMs ?? 0, -1);
    expect(pictures()).toHaveLength(300);
  });

  it('jump: times leap and nothing waits', () => {
    publisher.start(0);
    clock.advance(5000);
    publisher.jump(3);
    clock.advance(1000);
    const { silenceMs, stepMs } = largest(pictures());
    expect(silenceMs).toBeLessThan(34);
    expect(stepMs).toBeGreaterThanOrEqual(3033);
    expect(stepMs).toBeLessThanOrEqual(3034);
  });

  it('a freeze that is ended early lets go at once', () => {
    publisher.start(0);
    clock.advance(5000);
    publisher.freeze(60);
    clock.advance(500);
    publisher.thaw();
    clock.advance(100);
    expect(largest(pictures()).silenceMs).toBeLessThan(540);
    expect(seen.at(-1)?.delivery).toBe('live');
  });

  it('leaves pictures or audio out while a switch is on', () => {
    publisher.start(0);
    publisher.switches.videoGone = true;
    clock.advance(1000);
    expect(pictures()).toHaveLength(0);
    expect(seen.length).toBeGreaterThan(40);
    publisher.switches.videoGone = false;
    publisher.switches.audioGone = true;
    seen = [];
    clock.advance(1000);
    expect(pictures()).toHaveLength(30);
    expect(seen).toHaveLength(30);
  });

  it('ends a publish once, leaves no timer, and begins the next one at time 0', () => {
    publisher.start(0);
    clock.advance(3000);
    publisher.stop();
    publisher.stop();
    expect(clock.pending).toBe(0);
    publisher.freeze(2);
    expect(clock.pending).toBe(0);
    clock.advance(5000);
    seen = [];
    publisher.start(0);
    clock.advance(100);
    expect(log).toEqual(['publish', 'unpublish', 'publish']);
    expect(seen[0]?.dtsMs).toBe(0);
    expect(pictures()[0]?.dtsMs).toBe(23);
  });
});
