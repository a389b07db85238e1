import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Protocol } from '../events.js';
import { type BoxRoom, dealToBoxes, dealtWrongly, idealShares } from './box-shares.js';
import { createPlan } from './plan.js';
import { findProfile } from './profiles.js';

const box = fc.record({
  id: fc.string(),
  weight: fc.oneof(fc.integer({ min: 1, max: 64 }), fc.double({ min: 1, max: 99, noNaN: true })),
  maxVus: fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined }),
});
const crowd = fc.record({
  vus: fc.integer({ min: 1, max: 400 }),
  boxes: fc.array(box, { minLength: 1, maxLength: 8 }),
});
const hls = (): Protocol => 'hls';

function dealt(
  vus: number,
  boxes: readonly BoxRoom[],
  protocolOf: (vu: number) => Protocol = hls,
): readonly (readonly number[])[] {
  const shares = dealToBoxes(vus, boxes, protocolOf);
  if ('room' in shares) throw new Error(`room for ${shares.room} of ${shares.wanted}`);
  return shares;
}

it('deals each viewer to exactly one box, and to none more than it takes', () => {
  fc.assert(
    fc.property(crowd, ({ vus, boxes }) => {
      const shares = dealToBoxes(vus, boxes, hls);
      const room = boxes.reduce((sum, { maxVus = Number.POSITIVE_INFINITY }) => sum + maxVus, 0);
      if ('room' in shares) {
        expect(room).toBeLessThan(vus);
        expect(shares).toEqual({ room, wanted: vus });
        return;
      }
      expect(shares.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: vus }, (_, vu) => vu));
      shares.forEach((own, i) => {
        expect(own.length).toBeLessThanOrEqual(boxes[i]?.maxVus ?? vus);
        expect(own).toEqual([...own].sort((a, b) => a - b));
      });
    }),
    { numRuns: 500 },
  );
});

it('over every prefix of the ramp each box is less than one viewer off its ideal share, whatever the mix', () => {
  fc.assert(
    fc.property(crowd, fc.integer({ min: 1, max: 9 }), ({ vus, boxes }, every) => {
      const shares = dealToBoxes(vus, boxes, (vu) => (vu % every === 0 ? 'flv' : 'hls'));
      if ('room' in shares) return;
      idealShares(vus, boxes).forEach(({ num, den }, i) => {
        const own = new Set(shares[i]);
        // What it has less what it should have, times the denominator.
        let off = 0n;
        let worst = 0n;
        for (let vu = 0; vu < vus; vu++) {
          off += (own.has(vu) ? den : 0n) - num;
          if (off > worst || -off > worst) worst = off < 0n ? -off : off;
        }
        expect(worst < den).toBe(true);
      });
    }),
    { numRuns: 300 },
  );
});

it('shares by weight; what a full box leaves goes to the others by weight', () => {
  const three = [
    { id: 'a', weight: 1 },
    { id: 'b', weight: 2 },
    { id: 'c', weight: 1 },
  ];
  expect(dealt(12, three).map(({ length }) => length)).toEqual([3, 6, 3]);
  const full = three.map((one) => (one.id === 'b' ? { ...one, maxVus: 2 } : one));
  expect(dealt(12, full).map(({ length }) => length)).toEqual([5, 2, 5]);
});

it('boxes of equal weight differ by one viewer at most', () => {
  const equal = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, weight: 2 }));
  const counts = dealt(13, equal).map(({ length }) => length);
  expect(Math.max(...counts) - Math.min(...counts)).toBe(1);
});

it('no pattern of the mix falls on one box: each has its part of both protocols within two viewers', () => {
  const profile = findProfile('ramp');
  if (profile === undefined) throw new Error('no profile');
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 7 }),
      fc.integer({ min: 0, max: 10 }),
      fc.integer({ min: 0, max: 99 }),
      fc.integer({ min: 1, max: 4 }),
      (count, tenths, seed, uneven) => {
        const mix = { hls: tenths, flv: 10 - tenths };
        const plan = createPlan(profile, { vus: 200, seed, mix });
        const boxes = Array.from({ length: count }, (_, i) => ({ id: `${i}`, weight: i === 0 ? uneven : 1 }));
        const ideal = idealShares(200, boxes);
        const shares = dealt(200, boxes, plan.protocolOf);
        shares.forEach((own, i) => {
          let worst = 0;
          const share = Number(ideal[i]?.num) / Number(ideal[i]?.den);
          const [seen, all] = [new Set(own), { own: 0, whole: 0 }];
          for (let vu = 0; vu < 200; vu++) {
            if (plan.protocolOf(vu) !== 'flv') continue;
            all.whole++;
            if (seen.has(vu)) all.own++;
            worst = Math.max(worst, Math.abs(all.own - all.whole * share));
          }
          expect(worst).toBeLessThan(2);
        });
      },
    ),
    { numRuns: 200 },
  );
});

it('a hundred thousand viewers are dealt to fifty boxes in a moment', () => {
  const boxes = Array.from({ length: 50 }, (_, i) => ({ id: `${i}`, weight: 1 + (i % 7) }));
  expect(dealt(100_000, boxes).flat()).toHaveLength(100_000);
});

it('says who is on two boxes, on none, or has an account twice', () => {
  const share = (box: string, ...vus: number[]) => ({
    box,
    viewers: vus.map((vu) => ({ vu, user: `u${vu}` })),
  });
  expect(dealtWrongly(3, [share('a', 0, 2), share('b', 1)])).toBeUndefined();
  expect(dealtWrongly(3, [share('a', 0, 1), share('b', 1)])).toBe('viewer 1 is on a and on b');
  expect(dealtWrongly(3, [share('a', 0), share('b', 1)])).toBe('1 of 3 viewers are on no box');
  expect(dealtWrongly(2, [share('a', 0, 2)])).toBe('viewer 2 on a is none of this run');
  const twin = [share('a', 0), { box: 'b', viewers: [{ vu: 1, user: 'u0' }] }];
  expect(dealtWrongly(2, twin)).toBe('two viewers have one account, on a and on b');
});
