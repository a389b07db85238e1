import { expect, test } from 'vitest';
import { clocksKnown } from './clocks-known.js';

type Known = { readonly offsetMs: number; readonly uncertaintyMs: number } | undefined;

/** Boxes whose clocks are known after so many looks. */
function world(clocks: Readonly<Record<string, Known>>, afterMs = 0) {
  let nowMs = 0;
  const boxes = Object.entries(clocks).map(([id, clock]) => ({
    id,
    get account() {
      return nowMs >= afterMs && clock !== undefined ? { clock } : {};
    },
  }));
  const known = clocksKnown(boxes, async (ms) => {
    nowMs += ms;
  });
  return { known, waitedMs: () => nowMs };
}

const GOOD = { offsetMs: 3, uncertaintyMs: 1 };

test('a run waits for the word of each box on its clock, for four seconds', async () => {
  const late = world({ a: GOOD, b: GOOD }, 3900);
  await late.known;
  expect(late.waitedMs()).toBe(3900);
  const never = world({ a: GOOD, b: undefined });
  await expect(never.known).rejects.toThrow('b: its clock could not be compared');
  expect(never.waitedMs()).toBe(4000);
});

test('a clock that is too far off, or not known well enough, is refused with words; on the limit it is not', async () => {
  await world({ a: { offsetMs: -30_000, uncertaintyMs: 50 } }).known;
  await expect(world({ a: GOOD, b: { offsetMs: -30_001, uncertaintyMs: 1 } }).known).rejects.toThrow(
    'b: its clock is 30 s off, 30 s may be',
  );
  await expect(world({ a: { offsetMs: 0, uncertaintyMs: 51 }, b: GOOD }).known).rejects.toThrow(
    'a: its clock is known to 51 ms only, 50 ms is the limit',
  );
});
