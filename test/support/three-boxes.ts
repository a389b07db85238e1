import type { BoxSummary } from '../../src/report/summary-schema.js';

/** Boxes a, b and c with four viewers each, all in order. */
export function threeBoxes(): BoxSummary[] {
  return ['a', 'b', 'c'].map((id, i) => ({
    ...{ id, host: `h${i}`, cores: 4, version: '0.1.0', workers: 2, vus: 4, isGone: false, silentMs: 0 },
    ...{ ticks: 60, gaps: 0, cpuMs: 2500, rssBytes: 120e6, worstLoopDelayMs: 60 },
    records: { received: 61, duplicates: 0, missing: 0, garbage: 0 },
    clock: { offsetMs: 0.1, errorMs: 2, driftMsPerHour: null },
  }));
}

/** The same, but c was killed at 15.4 s. */
export function twoOfThreeBoxes(): BoxSummary[] {
  const lost = 'box c was lost at 15.4 s: no sign of life for 5.3 s';
  return threeBoxes().map((box) => (box.id === 'c' ? { ...box, isGone: true, lost, silentMs: 17_560 } : box));
}
