import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import type { FaultNews } from '../scenarios/fault-plan.js';
import type { FaultStep } from '../scenarios/fault-step.js';
import { type FaultDoer, FaultRunner } from './fault-runner.js';
import type { LifecycleEvent } from './lifecycle.js';

const STEP: FaultStep = {
  ...{ name: 'partition', stage: 'hold', atMs: 0, forMs: 5000, breaks: 'network', graceMs: 45_000 },
  action: { on: 'network', do: 'partition' },
};

function rig(doer: Partial<FaultDoer> = {}, step: FaultStep = STEP) {
  const clock = new VirtualClock();
  const told: FaultNews[] = [];
  const noted: LifecycleEvent[] = [];
  const done: string[] = [];
  const runner = new FaultRunner({
    clock,
    faults: [{ step, fromMs: 1000, toMs: 1000 + step.forMs }],
    doerOf: () => ({
      begin: async () => {
        done.push(`begin ${clock.nowMs()}`);
        return doer.begin?.();
      },
      end: async () => {
        done.push(`end ${clock.nowMs()}`);
        return doer.end?.();
      },
    }),
    note: (event) => noted.push(event),
    tell: (news) => told.push(news),
  });
  runner.start();
  return { clock, told, noted, done, runner };
}

describe('the faults of a plan', () => {
  test('are told of, made, and mended at their times', async () => {
    const { clock, told, noted, done } = rig({ begin: async () => 'exit code 0' });
    await clock.run(740);
    expect(told).toEqual([]);
    await clock.run(20);
    const fault = { index: 0, breaks: 'network', forMs: 5000, graceMs: 45_000, fromMs: 1000 };
    expect(told).toEqual([{ what: 'begins', fault }]);
    await clock.run(10_000);
    expect(done).toEqual(['begin 1000', 'end 6000']);
    expect(told[1]).toEqual({ what: 'mended', index: 0, begunAtMs: 1000, atMs: 6000 });
    expect(noted).toEqual([
      {
        ...{ kind: 'fault_started', atMs: 1000, name: 'partition', breaks: 'network' },
        ...{ what: 'network partition for 5 s', detail: 'exit code 0' },
      },
      { kind: 'fault_ended', atMs: 6000, name: 'partition' },
    ]);
    expect(clock.pending).toBe(0);
  });

  test('the span counts from when a fault was really made', async () => {
    const slow: { clock?: VirtualClock } = {};
    const made = rig({
      begin: () => new Promise((resolve) => void slow.clock?.after(700, () => resolve(undefined))),
    });
    slow.clock = made.clock;
    await made.clock.run(10_000);
    expect(made.done).toEqual(['begin 1000', 'end 6700']);
    expect(made.told[1]).toEqual({ what: 'mended', index: 0, begunAtMs: 1000, atMs: 6700 });
  });

  test('one that could not be made is no fault, and what is half done is undone', async () => {
    const { clock, told, noted, done } = rig({
      begin: () => Promise.reject(new Error('exit code 1: no such container')),
      end: () => Promise.reject(new Error('nor that')),
    });
    await clock.run(10_000);
    expect(done).toEqual(['begin 1000', 'end 1000']);
    expect(told[1]).toEqual({ what: 'called_off', index: 0 });
    expect(noted).toEqual([
      {
        ...{ kind: 'fault_failed', atMs: 1000, name: 'partition', breaks: 'network', at: 'begin' },
        reason: 'exit code 1: no such container',
      },
    ]);
  });

  test('one that could not be mended is judged by nobody', async () => {
    const { clock, told, noted } = rig({ end: () => Promise.reject(new Error('undo: exit code 1')) });
    await clock.run(10_000);
    expect(told[1]).toEqual({ what: 'called_off', index: 0 });
    expect(noted[1]).toMatchObject({ kind: 'fault_failed', at: 'end', reason: 'undo: exit code 1' });
  });

  test('is mended at once when the run is stopped, and nothing is begun after that', async () => {
    const { clock, told, noted, done, runner } = rig();
    await clock.run(2000);
    await runner.stop();
    await clock.run(10_000);
    expect(done).toEqual(['begin 1000', 'end 2000']);
    expect(noted[1]).toEqual({ kind: 'fault_ended', atMs: 2000, name: 'partition', early: true });
    expect(told[1]).toEqual({ what: 'called_off', index: 0 });
    const before = rig();
    await before.runner.stop();
    await before.clock.run(10_000);
    expect([before.done, before.told]).toEqual([[], []]);
  });

  test('one that is just being made when the run is stopped is undone as well', async () => {
    let made: () => void = () => {};
    const { clock, noted, done, runner } = rig({
      begin: () => new Promise((resolve) => (made = () => resolve(undefined))),
    });
    await clock.run(1500);
    const stopped = runner.stop();
    await clock.run(500);
    expect(done).toEqual(['begin 1000']);
    made();
    await stopped;
    expect(done).toEqual(['begin 1000', 'end 2000']);
    expect(noted.map(({ kind }) => kind)).toEqual(['fault_started', 'fault_ended']);
  });

  test('move with their plan until they are announced, and not after that', async () => {
    const { clock, told, done, runner } = rig();
    runner.replan([{ step: STEP, fromMs: 3000, toMs: 8000 }]);
    await clock.run(2800);
    expect(told).toMatchObject([{ what: 'begins', fault: { fromMs: 3000 } }]);
    runner.replan([]);
    await clock.run(10_000);
    expect(done).toEqual(['begin 3000', 'end 8000']);
    const dropped = rig();
    dropped.runner.replan([]);
    await dropped.clock.run(10_000);
    expect(dropped.told).toEqual([]);
  });

  test('of one moment is mended when it was made', async () => {
    const { clock, done, told } = rig({}, { ...STEP, forMs: 0, action: { on: 'network', do: 'reset' } });
    await clock.run(10_000);
    expect(done).toEqual(['begin 1000', 'end 1000']);
    expect(told[1]).toMatchObject({ what: 'mended', atMs: 1000 });
  });
});
