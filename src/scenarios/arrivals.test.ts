import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arrivals, meanCrowd, stagesOfArrivals, visitsOf } from './arrivals.js';
import { createPlan } from './plan.js';
import type { Profile } from './profile.js';

const SHARED: Arrivals = { perS: 12, spacing: 'poisson', forMs: 300_000, stayMs: 180_000, stay: 'fixed' };

const spans = (arrivals: Arrivals): (string | number)[][] =>
  stagesOfArrivals(arrivals).map(({ name, role, durationMs }) => [name, role, durationMs / 60_000]);

describe('the phases of an open load', () => {
  it.each([
    [
      SHARED,
      [
        ['fill', 'ramp', 3],
        ['hold', 'hold', 2],
        ['drain', 'drain', 3],
      ],
    ],
    [
      { ...SHARED, stay: 'exponential', stayMs: 60_000 } as const,
      [
        ['fill', 'ramp', 3],
        ['hold', 'hold', 2],
        ['drain', 'drain', 4],
      ],
    ],
    [
      { ...SHARED, forMs: 60_000 },
      [
        ['fill', 'ramp', 1],
        ['hold', 'hold', 2],
        ['drain', 'drain', 1],
      ],
    ],
    [
      { ...SHARED, forMs: 180_000 },
      [
        ['fill', 'ramp', 3],
        ['drain', 'drain', 3],
      ],
    ],
  ])('repeat the drawing', (arrivals, wanted) => {
    expect(spans(arrivals)).toEqual(wanted);
  });
});

describe('an open load', () => {
  const profile: Profile = {
    name: 'open',
    title: '',
    arrivals: SHARED,
    stages: stagesOfArrivals(SHARED),
    rates: {},
    judges: [],
    defaults: { vus: 1, mix: { hls: 70, flv: 30 } },
  };

  it('lets viewers come at its rate, and keeps as many as come within a stay', () => {
    const visits = visitsOf(SHARED, 1);
    expect(Math.abs(visits.count - 12 * 300)).toBeLessThan(4 * Math.sqrt(3600));
    expect(meanCrowd(SHARED)).toBe(2160);
    expect(Math.abs(visits.countAt(240_000) - 2160)).toBeLessThan(4 * Math.sqrt(2160));
    expect(visits.countAt(-1)).toBe(0);
    expect(visits.countAt(480_001)).toBe(0);
  });

  it('comes at even distances when it is paced', () => {
    const visits = visitsOf({ ...SHARED, spacing: 'paced', perS: 2, forMs: 2000, stayMs: 500 }, 1);
    const joins = Array.from({ length: visits.places }, (_, place) => visits.staysOf(place)).flat();
    expect(joins.map(({ joinAtMs }) => joinAtMs)).toEqual([250, 750, 1250, 1750]);
  });

  it('has stays of the mean that it is given, none longer than four of them', () => {
    const visits = visitsOf({ ...SHARED, stay: 'exponential' }, 3);
    const stays = Array.from({ length: visits.places }, (_, place) => visits.staysOf(place)).flat();
    const lengths = stays.map(({ joinAtMs, leaveAtMs }) => leaveAtMs - joinAtMs);
    const meanMs = lengths.reduce((a, b) => a + b) / lengths.length;
    expect(Math.abs(meanMs - 0.98 * 180_000)).toBeLessThan(12_000);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(720_000);
  });

  it('uses its places again, never two viewers at one, and with time to leave between them', () => {
    const some = fc.record({
      perS: fc.double({ min: 0.1, max: 5, noNaN: true }),
      spacing: fc.constantFrom('poisson', 'paced'),
      forMs: fc.integer({ min: 1000, max: 200_000 }),
      stayMs: fc.integer({ min: 1000, max: 60_000 }),
      stay: fc.constantFrom('fixed', 'exponential'),
    }) as fc.Arbitrary<Arrivals>;
    fc.assert(
      fc.property(some, fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (arrivals, seed, at) => {
        const visits = visitsOf(arrivals, seed);
        const all = Array.from({ length: visits.places }, (_, place) => visits.staysOf(place));
        expect(all.flat().length).toBe(visits.count);
        for (const own of all) {
          expect(own.length).toBeGreaterThan(0);
          own.forEach(({ joinAtMs }, i) => {
            if (i > 0) expect(joinAtMs).toBeGreaterThanOrEqual((own[i - 1]?.leaveAtMs ?? 0) + 10_000);
          });
        }
        const atMs = at * 300_000;
        const there = all
          .flat()
          .filter(({ joinAtMs, leaveAtMs }) => joinAtMs <= atMs && atMs < leaveAtMs).length;
        expect(visits.countAt(atMs)).toBe(there);
      }),
    );
    expect(visitsOf(SHARED, 1).places).toBeLessThan(2600);
  });

  it('is a plan like any other: the same for the same seed, over with its last viewer', () => {
    const { places } = visitsOf(SHARED, 5);
    const plan = createPlan(profile, { vus: places, seed: 5, mix: profile.defaults.mix });
    expect(plan.vusAt(240_000)).toBe(visitsOf(SHARED, 5).countAt(240_000));
    expect(plan.staysOf(0)).toEqual(visitsOf(SHARED, 5).staysOf(0));
    expect(plan.totalMs).toBe(480_000);
    for (let vu = 0; vu < places; vu++) {
      expect(plan.staysOf(vu).at(-1)?.leaveAtMs).toBeLessThanOrEqual(plan.totalMs);
    }
    expect(createPlan(profile, { vus: places, seed: 6, mix: profile.defaults.mix }).staysOf(0)).not.toEqual(
      plan.staysOf(0),
    );
  });
});
