import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../config.js';
import { plannedAt } from '../report/planned-levels.js';
import { changePlan, type PlanChange } from '../scenarios/live-plan.js';
import { createPlan } from '../scenarios/plan.js';
import type { LifecycleEvent } from './lifecycle.js';
import { EndingLog } from './lifecycle.js';
import { asChanged, changedPlan } from './plan-changed.js';
import { type Ordered, RunPlan } from './run-plan.js';
import type { RunRecord } from './run-record.js';

/** Smoke: ramp 10 s, hold 45 s, drain 5 s. */
function rig() {
  const config = resolveConfig({ vus: '20', ctl: true, 'max-vus': '30' }, { cores: 4 });
  const planned = createPlan(config.profile, config);
  const events: LifecycleEvent[] = [];
  const world = { nowMs: 0, heard: planned, sent: 0 };
  const plan = new RunPlan({
    ...{ plan: planned, maxVus: 30, changesPerS: 20 },
    nowMs: () => world.nowMs,
    send(change: PlanChange) {
      world.sent++;
      world.heard = changePlan(world.heard, structuredClone(change));
    },
    note: (event) => events.push(event),
    describe: (changed) => changedPlan(config, changed, 30),
  });
  const at = (nowMs: number, order: () => Ordered): string => {
    world.nowMs = nowMs;
    const result = order();
    return 'done' in result ? result.done : `refused: ${result.refused}`;
  };
  return { plan, world, events, at };
}

describe('a running plan', () => {
  it('is paused and resumed, a little after it is ordered, and is over so much later', () => {
    const { plan, events, at } = rig();
    expect(at(5000, () => plan.pause())).toBe('paused at 0:05 with 11 viewers');
    expect(plan.at(20_000)).toEqual({ phase: 'ramp', totalMs: 74_700, wanted: 11, isPaused: true });
    expect(at(25_000, () => plan.resume())).toBe('resumed at 0:25');
    expect(plan.at(25_300)).toEqual({ phase: 'ramp', totalMs: 80_000, wanted: 11, isPaused: false });
    expect(events.map(({ kind, atMs }) => [kind, atMs])).toEqual([
      ['plan_changed', 5300],
      ['plan_changed', 25_300],
    ]);
  });

  it('is the same on every thread, and what is written of it is what happens', () => {
    const { plan, world, events, at } = rig();
    at(5000, () => plan.pause());
    at(8000, () => plan.scale(25));
    at(9000, () => plan.resume());
    at(30_000, () => plan.scale(3));
    expect(world.heard.phases).toEqual(plan.plan.phases);
    for (let ms = 0; ms < plan.plan.totalMs; ms += 500)
      expect(world.heard.vusAt(ms)).toBe(plan.plan.vusAt(ms));
    const last = events.at(-1);
    expect(last?.kind === 'plan_changed' && last.plan?.phases).toEqual(plan.plan.phases);
    expect(last?.kind === 'plan_changed' && last.plan?.planned.vus).toBe(25);
    expect(last?.kind === 'plan_changed' && last.plan?.plannedMs).toBe(plan.plan.totalMs);
  });

  it('writes the line of viewers that is wanted after each change, for the curve of the report', () => {
    const { plan, events, at } = rig();
    const ending = new EndingLog();
    const line = () => {
      ending.add(events.at(-1) as LifecycleEvent);
      return asChanged({} as RunRecord, ending.ending()).line;
    };
    at(5000, () => plan.pause());
    expect(plannedAt(line(), 20_000)).toBeCloseTo(10.6);
    at(9000, () => plan.resume());
    at(20_000, () => plan.scale(5));
    const held = line();
    // Before the order as it was planned, and then a second's way down to what was ordered.
    expect([3000, 20_299, 21_400, 40_000].map((ms) => Math.ceil(plannedAt(held, ms) ?? 0))).toEqual([
      6, 20, 5, 5,
    ]);
    for (let ms = 0; ms < plan.plan.totalMs; ms += 500)
      expect(Math.max(0, Math.ceil((plannedAt(held, ms) ?? 0) - 1e-6))).toBe(plan.plan.vusAt(ms));
  });

  it('needs data of as many viewers as it ever wanted, and no more', () => {
    const { plan, events, at } = rig();
    at(2000, () => plan.scale(8));
    const [event] = events;
    expect(event?.kind === 'plan_changed' && event.plan?.planned).toMatchObject({ vus: 8, users: 8 });
  });

  it.each([
    { what: 'a second pause', first: 'pause', order: 'pause', atMs: 6000, why: 'paused already' },
    { what: 'a resume of what was not paused', order: 'resume', atMs: 6000, why: 'not paused' },
    { what: 'anything in the last second', order: 'pause', atMs: 59_500, why: 'the run is at its end' },
    { what: 'a scale while all leave', order: 'scale', atMs: 56_000, why: 'all viewers are leaving already' },
  ] as const)('refuses $what', ({ first, order, atMs, why }: Refusal) => {
    const { plan, world, at } = rig();
    if (first) at(5000, () => plan.pause());
    const sent = world.sent;
    expect(at(atMs, () => (order === 'scale' ? plan.scale(1) : plan[order]()))).toBe(`refused: ${why}`);
    expect(world.sent).toBe(sent);
  });

  it('brings no more viewers than it was made for', () => {
    const { plan, at } = rig();
    expect(at(20_000, () => plan.scale(31))).toBe(
      'refused: this run has no more than 30 viewers (--max-vus)',
    );
    expect(at(20_000, () => plan.scale(30))).toBe('scaled at 0:20 from 20 to 30 viewers');
    expect(plan.at(20_800).wanted).toBe(30);
  });

  it('is changed a bounded number of times', () => {
    const { plan, at } = rig();
    const words = Array.from({ length: 501 }, () => at(20_000, () => plan.scale(20)));
    expect(words.at(-1)).toBe('refused: a run is changed 500 times at most');
  });
});

interface Refusal {
  readonly first?: 'pause';
  readonly order: 'pause' | 'resume' | 'scale';
  readonly atMs: number;
  readonly why: string;
}
