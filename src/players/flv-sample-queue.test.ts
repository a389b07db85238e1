import { expect, test } from 'vitest';
import { FlvSampleQueue } from './flv-sample-queue.js';

function fill(queue: FlvSampleQueue, tracks: string, fromMs = 0): void {
  [...tracks].forEach((track, i) => {
    const sample = queue.next();
    if (sample === undefined) return;
    sample.track = track === 'a' ? 'audio' : 'video';
    sample.dtsMs = fromMs + i;
  });
}

const drain = (queue: FlvSampleQueue, count: number, goes: (track: string) => boolean = () => true) => {
  const taken: number[] = [];
  const kept = queue.handOn(
    count,
    ({ track }) => goes(track),
    ({ dtsMs }) => taken.push(dtsMs),
  );
  return { taken, kept };
};

test('hands on in order, keeps what stays at the front, and what came later behind it', () => {
  const queue = new FlvSampleQueue();
  fill(queue, 'avavvav');
  expect(queue.countOf('audio', 5)).toBe(2);
  expect(drain(queue, 5, (track) => track === 'video')).toEqual({ taken: [1, 3, 4], kept: 2 });
  expect(queue.length).toBe(4);
  expect(drain(queue, 4)).toEqual({ taken: [0, 2, 5, 6], kept: 0 });
  expect(queue.length).toBe(0);
});

test('holds objects for an ordinary read, not for the largest burst that there ever was', () => {
  const queue = new FlvSampleQueue();
  fill(queue, 'av'.repeat(1000));
  drain(queue, 2000);
  expect([queue.length, queue.spare]).toEqual([0, 40]);
  const first = queue.next();
  drain(queue, 1);
  expect([queue.length, queue.spare]).toEqual([0, 40]);
  // Used again.
  const seen = new Set([first]);
  for (let i = 0; i < 40; i++) seen.add(queue.next());
  expect(seen.size).toBe(40);
});

test('is full some time, and takes more when something has gone', () => {
  const queue = new FlvSampleQueue();
  fill(queue, 'v'.repeat(5000));
  expect(queue.length).toBe(4096);
  expect(queue.next()).toBeUndefined();
  drain(queue, 10);
  expect(queue.next()).toBeDefined();
});
