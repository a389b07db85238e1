import type { VerdictWord } from '../stats/gate.js';

/** In order of precedence: the first that applies. */
export const EXIT = {
  internal: 1,
  config: 104,
  preflight: 113,
  stopped: 105,
  stoppedTwice: 130,
  invalid: 111,
  fail: 99,
  noData: 114,
  pass: 0,
} as const;

/** Exit code of a verdict that nothing outranks. */
export function exitCodeOf(verdict: VerdictWord): number {
  void verdict;
  throw new Error('not built yet');
}
