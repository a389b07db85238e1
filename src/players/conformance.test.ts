import { describe, expect, it } from 'vitest';
import { playStory } from '../../test/support/story-world.js';
import { type Case, equal, problemsOf } from './conformance.js';
import { CASE_EXCEPTIONS } from './conformance-exceptions.js';
import { FLV_CASES } from './conformance-flv.js';
import { HLS_CASES } from './conformance-hls.js';
import { RESTART_CASES } from './conformance-restarts.js';

describe.each([
  ['an HLS viewer', [...HLS_CASES, ...RESTART_CASES]],
  ['an FLV viewer', FLV_CASES],
] as const)('%s', (_, cases) => {
  it.each(cases)('case $number: $sentence', async (one) => {
    expect(await problemsOf(one, playStory)).toEqual([]);
  });
});

describe('the suite', () => {
  it('holds every edge case by its number', () => {
    const numbers = new Set([...HLS_CASES, ...RESTART_CASES, ...FLV_CASES].map(({ number }) => number));
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 38 }, (_, i) => i + 1));
  });

  it('says why of everything that it does not demand', () => {
    for (const { number, reason } of CASE_EXCEPTIONS) {
      expect(number).toBeLessThanOrEqual(38);
      expect(reason.length).toBeGreaterThan(40);
    }
  });

  it('finds a player that does something else', async () => {
    const one = FLV_CASES[0] as Case;
    const wrong: Case = { ...one, claims: (facts) => [equal('rebuffers', facts.rebuffers.length, 7)] };
    expect(await problemsOf(wrong, playStory)).toEqual(['rebuffers: 1, expected 7']);
  });
});
