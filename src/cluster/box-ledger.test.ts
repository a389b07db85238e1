import { expect, test } from 'vitest';
import type { Beat } from './agent-messages.js';
import { BoxLedger } from './box-ledger.js';

/** The greatest error of a clock after these words on it: offset and uncertainty, ms. */
function worstOf(...words: readonly (readonly [number, number])[]): number | undefined {
  const ledger = new BoxLedger();
  for (const [offsetMs, uncertaintyMs] of words) {
    const beat: Beat = {
      ...{ kind: 'beat', box: 'a', epoch: 'e1', run: 'r', phase: 'running' },
      clock: { offsetMs, uncertaintyMs },
    };
    ledger.beat(beat);
  }
  return ledger.account.worstClockErrorMs;
}

test('a clock that was set in the run was wrong by that much until it was noticed', () => {
  expect(worstOf()).toBeUndefined();
  expect(worstOf([5, 1], [5.5, 3], [6, 2])).toBe(3);
  expect(worstOf([5, 1], [-1995, 1], [-1995, 1])).toBe(2000);
  // Both may be true: the first was not known better.
  expect(worstOf([5, 40], [-30, 1])).toBe(40);
});
