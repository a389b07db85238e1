import { describe, expect, test } from 'vitest';
import type { FaultClass } from '../events.js';
import { FaultHistory, type FaultRecord } from './fault-history.js';
import type { LifecycleEvent } from './lifecycle.js';

type FaultEvent = Extract<LifecycleEvent, { readonly name: string }>;

const started = (name: string, atMs = 1000): FaultEvent => {
  return { kind: 'fault_started', atMs, name, what: 'network partition for 5 s', breaks: 'network' };
};
const ended = (name: string, atMs = 6000): FaultEvent => ({ kind: 'fault_ended', atMs, name });
const failed = (name: string, at: 'begin' | 'end', reason = 'no such thing'): FaultEvent => {
  return { kind: 'fault_failed', atMs: 6000, name, breaks: 'network', at, reason };
};
const undone = (name: string, ok: boolean): FaultEvent => ({ kind: 'fault_undone', atMs: 9000, name, ok });

function recordsOf(...events: readonly FaultEvent[]): readonly FaultRecord[] {
  const history = new FaultHistory();
  for (const event of events) history.add(event);
  return history.records();
}

const MADE = { name: 'cut', breaks: 'network', what: 'network partition for 5 s', begunAtMs: 1000 };

describe('the history of a fault', () => {
  test.each<[string, readonly FaultEvent[], object]>([
    ['lasts', [started('cut')], MADE],
    ['is mended', [started('cut'), ended('cut')], { ...MADE, endedAtMs: 6000 }],
    [
      'is mended early',
      [started('cut'), { ...ended('cut'), early: true } as FaultEvent],
      { ...MADE, endedAtMs: 6000, early: true },
    ],
    ['cannot be made', [failed('cut', 'begin')], { name: 'cut', breaks: 'network', failed: 'no such thing' }],
    ['cannot be mended', [started('cut'), failed('cut', 'end')], { ...MADE, failed: 'no such thing' }],
    ['is undone', [started('cut'), undone('cut', true)], { ...MADE, undone: true, endedAtMs: 9000 }],
    ['cannot be undone either', [started('cut'), undone('cut', false)], { ...MADE, undone: false }],
    [
      'is undone after the run could not',
      [started('cut'), failed('cut', 'end'), undone('cut', true)],
      { ...MADE, failed: 'no such thing', undone: true, endedAtMs: 9000 },
    ],
  ])('that %s', (_, events, record) => {
    expect(recordsOf(...events)).toEqual([record]);
  });

  test('is kept for each by its name, in the order in which they came', () => {
    const records = recordsOf(started('a'), ended('a', 2000), started('b', 3000), ended('b', 4000));
    expect(records.map(({ name, begunAtMs, endedAtMs }) => [name, begunAtMs, endedAtMs])).toEqual([
      ['a', 1000, 2000],
      ['b', 3000, 4000],
    ]);
  });

  test('has no end without a begin: a line of somebody else is no fault of this run', () => {
    expect(recordsOf(ended('cut'), undone('cut', true))).toEqual([]);
  });

  test('is not made of a damaged line', () => {
    const damaged = [
      { ...started('cut'), name: undefined },
      { ...started('cut'), atMs: '1000' },
      { ...started('cut'), breaks: 'everything' as FaultClass },
    ] as unknown as FaultEvent[];
    expect(recordsOf(...damaged)).toEqual([]);
  });

  test('does not grow with the number of names', () => {
    const many = Array.from({ length: 500 }, (_, index) => started(`f${index}`));
    expect(recordsOf(...many, ended('f3'))).toHaveLength(200);
    expect(recordsOf(...many, ended('f3'))[3]).toMatchObject({ name: 'f3', endedAtMs: 6000 });
  });
});
