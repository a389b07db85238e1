import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changePlan,
  MAX_PAUSE_MS,
  mostVus,
  type PlanChange,
  paused,
  restOf,
  resumed,
  type Segment,
  scaled,
} from './live-plan.js';
import { createPlan, type Plan } from './plan.js';
import type { Profile } from './profile.js';

const MIX = { hls: 70, flv: 30 };
const profile: Profile = {
  name: 'test',
  title: '',
  stages: [
    { name: 'ramp', role: 'ramp', durationMs: 2000, fromShare: 0, toShare: 1 },
    { name: 'hold', role: 'hold', durationMs: 6000, fromShare: 1, toShare: 1 },
    { name: 'drain', role: 'drain', durationMs: 2000, fromShare: 1, toShare: 0 },
  ],
  rates: {},
  judges: [],
  defaults: { vus: 4, mix: MIX },
};

function planned(vus = 4): Plan {
  return createPlan(profile, { vus, seed: 1, mix: MIX });
}

function segment(durationMs: number, fromVus: number, toVus: number, name = 'late'): Segment {
  return { name, role: 'hold', durationMs, fromVus, toVus };
}

describe('a change of a plan', () => {
  it('repeats the drawing: what was before stays, what comes after is new', () => {
    const plan = changePlan(planned(), {
      atMs: 4000,
      segments: [segment(1000, 4, 2, 'down'), segment(4000, 2, 2, 'few')],
    });
    expect(plan.totalMs).toBe(9000);
    expect([0, 1, 2, 3].map((vu) => plan.staysOf(vu))).toEqual([
      [{ joinAtMs: 0, leaveAtMs: 9000 }],
      [{ joinAtMs: 500, leaveAtMs: 9000 }],
      [{ joinAtMs: 1000, leaveAtMs: 5000 }],
      [{ joinAtMs: 1500, leaveAtMs: 4500 }],
    ]);
    expect(plan.phases).toEqual([
      { name: 'ramp', role: 'ramp', fromMs: 0, toMs: 2000 },
      { name: 'hold', role: 'hold', fromMs: 2000, toMs: 4000 },
      { name: 'down', role: 'hold', fromMs: 4000, toMs: 5000 },
      { name: 'few', role: 'hold', fromMs: 5000, toMs: 9000 },
    ]);
  });

  it('leaves the plan that it was made of as it was', () => {
    const plan = planned();
    const before = JSON.stringify(plan);
    changePlan(plan, { atMs: 1000, segments: [segment(1, 9, 9)] });
    expect(JSON.stringify(plan)).toBe(before);
  });

  it('into what was to come anyway changes nothing, wherever it is made', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9999 }), (atMs) => {
        const plan = planned(7);
        const again = changePlan(plan, { atMs, segments: restOf(plan, atMs) });
        expect(again.phases).toEqual(plan.phases);
        expect(again.totalMs).toBe(plan.totalMs);
        for (let vu = 0; vu < 7; vu++) {
          const [a, b] = [plan.staysOf(vu)[0], again.staysOf(vu)[0]];
          expect(again.staysOf(vu)).toHaveLength(1);
          expect(b?.joinAtMs).toBeCloseTo(a?.joinAtMs ?? -1, 3);
          expect(b?.leaveAtMs).toBeCloseTo(a?.leaveAtMs ?? -1, 3);
        }
      }),
    );
  });

  it('may bring more viewers than the plan had', () => {
    const plan = changePlan(planned(), { atMs: 3000, segments: [segment(2000, 4, 9), segment(1000, 9, 9)] });
    expect([plan.vus, mostVus(plan), plan.vusAt(5500)]).toEqual([9, 9, 9]);
    expect(plan.staysOf(8)).toEqual([{ joinAtMs: 4600, leaveAtMs: 6000 }]);
  });

  it('to nobody for a while makes two stays', () => {
    const plan = changePlan(planned(), {
      atMs: 3000,
      segments: [segment(1000, 0, 0), segment(1000, 4, 4, 'again')],
    });
    expect(plan.staysOf(0)).toEqual([
      { joinAtMs: 0, leaveAtMs: 3000 },
      { joinAtMs: 4000, leaveAtMs: 5000 },
    ]);
  });
});

describe('a pause', () => {
  it('holds the level in the phase it falls into, and what was to come comes later', () => {
    const plan = planned();
    const still = changePlan(plan, paused(plan, 1250)); // 2.5 viewers: three are there
    expect([still.vusAt(1300), still.vusAt(60_000)]).toEqual([3, 3]);
    expect(still.phases[0]).toEqual({ name: 'ramp', role: 'ramp', fromMs: 0, toMs: 2000 + MAX_PAUSE_MS });
    const again = changePlan(still, resumed(still, 5000, 1250 + MAX_PAUSE_MS));
    expect(again.totalMs).toBe(10_000 + 3750);
    expect(again.phases.map(({ name, toMs }) => [name, toMs])).toEqual([
      ['ramp', 5750],
      ['hold', 11_750],
      ['drain', 13_750],
    ]);
    expect(again.staysOf(2)).toEqual([{ joinAtMs: 1000, leaveAtMs: 12_750 }]);
    expect(again.staysOf(3)[0]?.joinAtMs).toBeCloseTo(5250, 6);
  });

  it('and its end at any two instants only shift what is to come', () => {
    const instants = fc.tuple(fc.integer({ min: 0, max: 9998 }), fc.integer({ min: 1, max: 50_000 }));
    fc.assert(
      fc.property(instants, ([atMs, lengthMs]) => {
        const plan = planned(5);
        const still = changePlan(plan, paused(plan, atMs));
        const again = changePlan(still, resumed(still, atMs + lengthMs, atMs + MAX_PAUSE_MS));
        expect(again.totalMs).toBe(plan.totalMs + lengthMs);
        for (let ms = atMs + 1; ms < 10_000; ms += 371) {
          expect(again.vusAt(ms + lengthMs)).toBe(plan.vusAt(ms));
        }
      }),
    );
  });
});

describe('a scaled plan', () => {
  const scaledTo = (plan: Plan, atMs: number, vus: number, perS: number): Plan =>
    changePlan(plan, scaled(plan, atMs, vus, perS) as PlanChange);

  it('has the new number from then on, and drains from there', () => {
    const plan = scaledTo(planned(), 3000, 2, 1);
    expect([3500, 4500, 5500, 7900].map(plan.vusAt)).toEqual([4, 3, 2, 2]);
    expect(plan.vusAt(9001)).toBe(1);
    expect(plan.totalMs).toBe(10_000);
    expect(plan.phases).toEqual(planned().phases);
  });

  it('grows no faster than it may', () => {
    const plan = scaledTo(planned(), 3000, 40, 10);
    expect([3000, 4000, 6599, 6600, 7999].map(plan.vusAt)).toEqual([4, 14, 40, 40, 40]);
    expect(plan.phases).toEqual(planned().phases);
  });

  it('in the ramp the ramp is over', () => {
    const plan = scaledTo(planned(), 1000, 3, 100);
    expect([999, 1100, 1999, 5000].map(plan.vusAt)).toEqual([2, 3, 3, 3]);
  });

  it('may have nobody left, and then somebody again', () => {
    const none = scaledTo(planned(), 3000, 0, 1000);
    const some = scaledTo(none, 5000, 2, 1000);
    expect([3100, 4999, 5100, 7999].map(some.vusAt)).toEqual([0, 0, 2, 2]);
    expect(some.staysOf(0)).toHaveLength(2);
  });

  it('does not hold those who are leaving for good', () => {
    expect(scaled(planned(), 8500, 3, 20)).toBeUndefined();
  });

  it('while it is paused stays paused, and goes on with the new number', () => {
    const plan = planned();
    const still = scaledTo(changePlan(plan, paused(plan, 3000)), 4000, 2, 1000);
    expect(still.vusAt(100_000)).toBe(2);
    const again = changePlan(still, resumed(still, 9000, 3000 + MAX_PAUSE_MS));
    expect([again.vusAt(13_999), again.totalMs]).toEqual([2, 16_000]);
  });
});
