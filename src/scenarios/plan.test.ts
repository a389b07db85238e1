import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPlan, type Plan, phaseAt, share, vusOfWorker } from './plan.js';
import type { Mix, Profile, Stage } from './profile.js';

function profileOf(stages: readonly Stage[]): Profile {
  const mix: Mix = { hls: 70, flv: 30 };
  return { name: 'test', title: '', stages, rates: {}, judges: [], defaults: { vus: 4, mix } };
}

const drawing = profileOf([
  { name: 'ramp', role: 'ramp', durationMs: 4000, fromShare: 0, toShare: 1 },
  { name: 'hold', role: 'hold', durationMs: 2000, fromShare: 1, toShare: 1 },
  { name: 'drain', role: 'drain', durationMs: 4000, fromShare: 1, toShare: 0 },
]);

/** The strategy's spike in seconds instead of minutes: 10 % - 100 % - 10 %, each change in half a second. */
const spike = profileOf([
  { name: 'baseline', role: 'hold', durationMs: 2000, fromShare: 0.1, toShare: 0.1 },
  { name: 'spike', role: 'spike', durationMs: 500, fromShare: 0.1, toShare: 1 },
  { name: 'hold', role: 'hold', durationMs: 7500, fromShare: 1, toShare: 1 },
  { name: 'drop', role: 'drain', durationMs: 500, fromShare: 1, toShare: 0.1 },
  { name: 'recovery', role: 'recovery', durationMs: 4500, fromShare: 0.1, toShare: 0.1 },
]);

const steps = profileOf([
  { name: 'step1', role: 'hold', durationMs: 1000, fromShare: 0.25, toShare: 0.25 },
  { name: 'step2', role: 'hold', durationMs: 1000, fromShare: 0.5, toShare: 0.5 },
  { name: 'gap', role: 'hold', durationMs: 1000, fromShare: 0, toShare: 0 },
  { name: 'step3', role: 'hold', durationMs: 1000, fromShare: 1, toShare: 1 },
]);

function planOf(profile: Profile, vus: number, mix: Mix = { hls: 70, flv: 30 }, seed = 1): Plan {
  return createPlan(profile, { vus, seed, mix });
}

describe('createPlan', () => {
  it.each([
    { vu: 0, joinAtMs: 0, leaveAtMs: 10_000 },
    { vu: 1, joinAtMs: 1000, leaveAtMs: 9000 },
    { vu: 2, joinAtMs: 2000, leaveAtMs: 8000 },
    { vu: 3, joinAtMs: 3000, leaveAtMs: 7000 },
  ])('repeats the drawing: VU $vu is there from $joinAtMs to $leaveAtMs', ({ vu, joinAtMs, leaveAtMs }) => {
    expect(planOf(drawing, 4).staysOf(vu)).toEqual([{ joinAtMs, leaveAtMs }]);
  });

  it.each([
    { atMs: -1, count: 0 },
    { atMs: 0, count: 0 }, // the line begins at 0; the first VU comes the moment it leaves it
    { atMs: 1, count: 1 },
    { atMs: 1999, count: 2 },
    { atMs: 3001, count: 4 },
    { atMs: 5000, count: 4 },
    { atMs: 7001, count: 3 },
    { atMs: 9999, count: 1 },
    { atMs: 10_000, count: 0 },
  ])('has $count viewers at $atMs ms', ({ atMs, count }) => {
    expect(planOf(drawing, 4).vusAt(atMs)).toBe(count);
  });

  it('keeps the baseline viewers of a spike and brings the others within the burst', () => {
    const plan = planOf(spike, 500);
    expect(plan.staysOf(0)).toEqual([{ joinAtMs: 0, leaveAtMs: 15_000 }]);
    expect(plan.staysOf(49)).toEqual([{ joinAtMs: 0, leaveAtMs: 15_000 }]);
    const [late] = plan.staysOf(499);
    expect(late?.joinAtMs).toBeCloseTo(2000 + (500 * 449) / 450, 6);
    expect(late?.leaveAtMs).toBeCloseTo(10_000 + 500 / 450, 6);
    expect(plan.vusAt(1000)).toBe(50);
    expect(plan.vusAt(5000)).toBe(500);
    expect(plan.vusAt(12_000)).toBe(50);
  });

  it('makes steps at one instant, and several stays when the level falls and rises again', () => {
    const plan = planOf(steps, 4);
    expect(plan.staysOf(0)).toEqual([
      { joinAtMs: 0, leaveAtMs: 2000 },
      { joinAtMs: 3000, leaveAtMs: 4000 },
    ]);
    expect(plan.staysOf(1)).toEqual([
      { joinAtMs: 1000, leaveAtMs: 2000 },
      { joinAtMs: 3000, leaveAtMs: 4000 },
    ]);
    expect(plan.staysOf(3)).toEqual([{ joinAtMs: 3000, leaveAtMs: 4000 }]);
  });

  it('has as many viewers at any instant as stays that cover it', () => {
    const profiles = fc.array(
      fc.record({
        durationMs: fc.integer({ min: 0, max: 500 }),
        a: fc.integer({ min: 0, max: 20 }),
        b: fc.integer({ min: 0, max: 20 }),
      }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(
        profiles,
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (parts, vus, at) => {
          const plan = planOf(
            profileOf(
              parts.map(({ durationMs, a, b }, i) => ({
                name: `s${i}`,
                role: 'hold',
                durationMs,
                fromShare: a / 20,
                toShare: b / 20,
              })),
            ),
            vus,
          );
          // Off the instants of change, where rounding may put a viewer on either side.
          const atMs = at * plan.totalMs;
          const count = (shift: number): number => {
            let there = 0;
            for (let vu = 0; vu < vus; vu++) {
              for (const stay of plan.staysOf(vu))
                if (stay.joinAtMs <= atMs + shift && atMs + shift < stay.leaveAtMs) there++;
            }
            return there;
          };
          const around = [count(-0.05), count(0), count(0.05)];
          expect(plan.vusAt(atMs)).toBeGreaterThanOrEqual(Math.min(...around));
          expect(plan.vusAt(atMs)).toBeLessThanOrEqual(Math.max(...around));
        },
      ),
    );
  });

  it('names the phase of an instant, the first one before the start and the last one after the end', () => {
    const { phases } = planOf(drawing, 4);
    expect([-5, 0, 3999, 4000, 6000, 99_999].map((at) => phaseAt(phases, at)?.name)).toEqual([
      'ramp',
      'ramp',
      'ramp',
      'hold',
      'drain',
      'drain',
    ]);
  });

  it('keeps the mix exact within one viewer over every prefix, whatever the seed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 2 ** 40 }),
        (hls, flv, seed) => {
          fc.pre(hls + flv > 0);
          const plan = planOf(drawing, 200, { hls, flv }, seed);
          let flvSoFar = 0;
          for (let vu = 0; vu < 200; vu++) {
            if (plan.protocolOf(vu) === 'flv') flvSoFar++;
            expect(Math.abs(flvSoFar - ((vu + 1) * flv) / (hls + flv))).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });

  it('gives 50 viewers of 70 to 30 exactly 35 and 15', () => {
    const plan = planOf(drawing, 50);
    const flv = Array.from({ length: 50 }, (_, vu) => plan.protocolOf(vu)).filter((p) => p === 'flv').length;
    expect(flv).toBe(15);
  });

  it('changes who gets which protocol with the seed', () => {
    const who = (seed: number): string => {
      const plan = planOf(drawing, 20, { hls: 70, flv: 30 }, seed);
      return Array.from({ length: 20 }, (_, vu) => plan.protocolOf(vu)).join();
    };
    expect(who(1)).toBe(who(1));
    expect(new Set([1, 2, 3, 4, 5, 6, 7, 8].map(who)).size).toBeGreaterThan(1);
  });
});

describe('share', () => {
  it('adds up to the whole and differs by one at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1500 }), fc.integer({ min: 1, max: 24 }), (total, parts) => {
        const shares = Array.from({ length: parts }, (_, index) => share(total, index, parts));
        expect(shares.reduce((a, b) => a + b, 0)).toBe(total);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('vusOfWorker', () => {
  it('gives every VU to exactly one worker, and each worker its share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 24 }), (vus, workers) => {
        const all: number[] = [];
        for (let worker = 0; worker < workers; worker++) {
          const own = vusOfWorker(vus, worker, workers);
          expect(own.length).toBe(share(vus, worker, workers));
          all.push(...own);
        }
        expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: vus }, (_, vu) => vu));
      }),
    );
  });

  it('does not put all viewers of one protocol on one worker', () => {
    const plan = planOf(drawing, 40, { hls: 50, flv: 50 });
    const flvOfWorker = (worker: number): number =>
      vusOfWorker(40, worker, 2).filter((vu) => plan.protocolOf(vu) === 'flv').length;
    expect([flvOfWorker(0), flvOfWorker(1)]).toEqual([10, 10]);
  });
});
