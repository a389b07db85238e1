import { expect, test } from 'vitest';
import { createRng } from '../rng.js';
import { type Numbered, RecordOrder } from './record-order.js';

const seqs = (records: readonly Numbered[]): number[] => records.map(({ seq }) => seq);
const numbers = (from: number, to: number): Numbered[] =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ seq: from + i }));

test('what comes in order goes on at once, what comes twice goes on once', () => {
  const order = new RecordOrder();
  expect(seqs(order.take({ seq: 1 }))).toEqual([1]);
  expect(order.take({ seq: 1 })).toEqual([]);
  expect(order.take({ seq: 3 })).toEqual([]);
  expect(order.take({ seq: 3 })).toEqual([]);
  expect(seqs(order.take({ seq: 2 }))).toEqual([2, 3]);
  expect(order).toMatchObject({ duplicateCount: 2, receivedCount: 3, missingCount: 0, upTo: 3, gaps: [] });
});

test('any order of sending, with any repeats, comes out as it was said, each once and nothing missing', () => {
  const rng = createRng(5, 'records');
  for (let round = 0; round < 50; round++) {
    const order = new RecordOrder();
    const sent = numbers(1, 300).flatMap((record) => (rng.next() < 0.2 ? [record, record] : [record]));
    // Each moves by less than a window.
    const mixed = sent
      .map((record, i) => ({ record, place: i + rng.next() * 64 }))
      .sort((a, b) => a.place - b.place)
      .map(({ record }) => record);
    const out = mixed.flatMap((record) => seqs(order.take(record)));
    expect(out).toEqual(seqs(numbers(1, 300)));
    expect(order.duplicateCount).toBe(sent.length - 300);
  }
});

test('a number that never comes is a gap by name once enough later ones stand there, and memory stays bounded', () => {
  const order = new RecordOrder();
  const out = numbers(1, 1000)
    .filter(({ seq }) => seq !== 7 && seq !== 8)
    .flatMap((record) => seqs(order.take(record)));
  expect(out).toHaveLength(998);
  expect(order.gaps).toEqual([{ from: 7, to: 8 }]);
  expect(order.missingCount).toBe(2);
});

test('what comes after its gap was given up is taken late, once, and is no gap any more', () => {
  const order = new RecordOrder();
  for (const record of numbers(4, 400)) order.take(record);
  expect(order.gaps).toEqual([{ from: 1, to: 3 }]);
  expect(seqs(order.take({ seq: 2 }))).toEqual([2]);
  expect(order.take({ seq: 2 })).toEqual([]);
  expect(order.gaps).toEqual([
    { from: 1, to: 1 },
    { from: 3, to: 3 },
  ]);
  expect(order).toMatchObject({ missingCount: 2, duplicateCount: 1 });
});

test('records that the box says it lost are a gap at once, those of them that came are not', () => {
  const order = new RecordOrder();
  order.take({ seq: 1 });
  order.take({ seq: 4 });
  expect(seqs(order.take({ seq: 7, dropped: { from: 2, to: 6 } }))).toEqual([4, 7]);
  expect(order.gaps).toEqual([
    { from: 2, to: 3 },
    { from: 5, to: 6 },
  ]);
  expect(seqs(order.take({ seq: 8 }))).toEqual([8]);
});

test('a range that makes no sense moves nothing', () => {
  const order = new RecordOrder();
  expect(seqs(order.take({ seq: 1, dropped: { from: 1, to: 1e15 } }))).toEqual([1]);
  expect(seqs(order.take({ seq: 2, dropped: { from: 9, to: 1 } }))).toEqual([2]);
  expect(order).toMatchObject({ upTo: 2, missingCount: 0 });
});

test('at the end those that waited for others go on, and the others are gaps', () => {
  const order = new RecordOrder();
  for (const seq of [1, 3, 6]) order.take({ seq });
  expect(seqs(order.close())).toEqual([3, 6]);
  expect(order.gaps).toEqual([
    { from: 2, to: 2 },
    { from: 4, to: 5 },
  ]);
});

test('what an earlier process of this end took in is no repeat, and its counts go on', () => {
  const first = new RecordOrder();
  for (const seq of [1, 2, 2, 5]) first.take({ seq });
  expect(first.state).toEqual({ upTo: 2, received: 3, duplicates: 1, missing: 0, gaps: [] });
  const order = new RecordOrder(first.state);
  // All that the first one had counted comes once more; what had waited waits again.
  expect([1, 2, 2, 5].flatMap((seq) => seqs(order.take({ seq }, true)))).toEqual([]);
  expect([3, 2, 4].flatMap((seq) => seqs(order.take({ seq })))).toEqual([3, 4, 5]);
  expect(order.state).toEqual({ upTo: 5, received: 5, duplicates: 2, missing: 0, gaps: [] });
});

test('a gap that was given up before is filled by what comes late afterwards', () => {
  const first = new RecordOrder();
  for (const record of numbers(4, 400)) first.take(record);
  const order = new RecordOrder(first.state);
  expect(seqs(order.take({ seq: 2 }))).toEqual([2]);
  expect(order.missingCount).toBe(2);
});

test('what is said to be dropped after it was given up is a gap already, counted once', () => {
  const order = new RecordOrder<Numbered>();
  for (const record of numbers(101, 400)) order.take(record);
  expect([order.missingCount, order.upTo]).toEqual([100, 400]);
  for (let seq = 401; seq <= 2000; seq++) {
    expect(order.take({ seq, dropped: { from: 1, to: 100 } })).toHaveLength(1);
  }
  expect([order.missingCount, order.gaps]).toEqual([100, [{ from: 1, to: 100 }]]);
});
