import { expect, test } from 'vitest';
import { measureIn, phasesOf, session, times } from '../../test/support/measured.js';
import type { FaultClass, ViewerEvent } from '../events.js';
import { recoveryOf } from './fault-summary.js';

const PHASES = phasesOf(
  ['hold', 'hold', 20],
  ['cut', 'fault', 20],
  ['calm', 'hold', 20],
  ['gone', 'fault', 20],
);

/** As viewers report it: later, and counted in the phase in which the fault began. */
function told(count: number, event: object, phaseAtMs: number, fault: FaultClass = 'network'): ViewerEvent[] {
  return times(count, () => ({ ...session({ ...event, fault } as never, phaseAtMs + 9000), phaseAtMs }));
}

const NETWORK = [
  ...told(12, { kind: 'fault_faced' }, 20_000),
  ...told(6, { kind: 'recovered', afterMs: 1000 }, 20_000),
  ...told(2, { kind: 'recovered', afterMs: 8000 }, 20_000),
  ...told(1, { kind: 'not_recovered', missing: 'socket' }, 20_000),
  ...told(1, { kind: 'not_recovered', missing: 'both' }, 20_000),
  ...told(3, { kind: 'reconnected_after_fault', afterMs: 700 }, 20_000),
];

test('of a network, viewers are back when picture and socket are', () => {
  const totals = measureIn(PHASES, NETWORK);
  const [one, ...more] = recoveryOf(totals, [{ name: 'cut', breaks: 'network', phase: 'cut' }]);
  expect(more).toEqual([]);
  expect(one).toEqual({
    ...{ faults: ['cut'], breaks: 'network', phase: 'cut', faced: 12, withinMs: 5000 },
    ...{ inTime: 6, late: 2, missing: 2, untold: 2 },
    back: { count: 8, p50Ms: expect.closeTo(1000, -1), p95Ms: expect.closeTo(8000, -2), maxMs: 8000 },
    reconnects: { count: 3, p50Ms: expect.closeTo(700, -1), p95Ms: expect.closeTo(700, -1), maxMs: 700 },
  });
});

test('of a publisher, the picture tells, and another fault of its kind is another line', () => {
  const totals = measureIn(PHASES, [
    ...NETWORK,
    ...told(3, { kind: 'fault_faced' }, 20_000, 'publisher'),
    ...told(3, { kind: 'picture_back', afterMs: 2000 }, 20_000, 'publisher'),
    ...told(4, { kind: 'fault_faced' }, 60_000, 'publisher'),
    ...told(1, { kind: 'picture_back', afterMs: 11_000 }, 60_000, 'publisher'),
    ...told(3, { kind: 'picture_not_back' }, 60_000, 'publisher'),
  ]);
  const lines = recoveryOf(totals, [
    { name: 'drop', breaks: 'publisher', phase: 'cut' },
    { name: 'gone', breaks: 'publisher', phase: 'gone' },
  ]);
  expect(lines).toMatchObject([
    {
      faults: ['drop'],
      faced: 3,
      withinMs: 10_000,
      inTime: 3,
      late: 0,
      missing: 0,
      untold: 0,
      reconnects: null,
    },
    {
      faults: ['gone'],
      faced: 4,
      inTime: 0,
      late: 1,
      missing: 3,
      untold: 0,
      back: { count: 1, maxMs: 11_000 },
    },
  ]);
});

test('faults of one kind in one phase cannot be told apart, and nobody pretends to', () => {
  const totals = measureIn(PHASES, NETWORK);
  const lines = recoveryOf(totals, [
    { name: 'a', breaks: 'network', phase: 'cut' },
    { name: 'b', breaks: 'network', phase: 'cut' },
    { name: 'c', breaks: 'other', phase: 'cut' },
  ]);
  expect(lines.map(({ faults, faced, back }) => [faults, faced, back?.count])).toEqual([
    [['a', 'b'], 12, 8],
    [['c'], 0, undefined],
  ]);
});
