import { expect, test } from 'vitest';
import type { FaultNews, PlannedFault } from '../scenarios/fault-plan.js';
import type { FaultStep } from '../scenarios/fault-step.js';
import { pastFaults } from './fault-past.js';
import { EndingLog, type LifecycleEvent } from './lifecycle.js';

const fault = (name: string, fromMs: number): PlannedFault => ({
  step: { name, breaks: 'network', forMs: 5000, graceMs: 10_000 } as FaultStep,
  fromMs,
  toMs: fromMs + 5000,
});
const started = (name: string, atMs: number): LifecycleEvent => ({
  ...{ kind: 'fault_started', atMs, name, what: 'a fault', breaks: 'network' },
});

test('what was mended counts, what was not is called off, what nobody made is said, what is to come is left', () => {
  const ending = new EndingLog();
  ending.add(started('whole', 10_000));
  ending.add({ kind: 'fault_ended', atMs: 15_000, name: 'whole' });
  ending.add(started('open', 20_000));
  ending.add(started('undone', 25_000));
  ending.add({ kind: 'fault_undone', atMs: 26_000, name: 'undone', ok: true });
  const told: FaultNews[] = [];
  const noted: LifecycleEvent[] = [];
  const faults = [
    fault('whole', 10_000),
    fault('open', 20_000),
    fault('undone', 25_000),
    fault('missed', 30_000),
    fault('due', 40_200),
    fault('later', 40_300),
  ];
  const past = pastFaults(faults, {
    intake: { ending, note: (event) => void noted.push(event) },
    tell: (news) => void told.push(news),
    nowMs: 40_000,
  });
  expect([...past]).toEqual(['whole', 'open', 'undone', 'missed', 'due']);
  expect(told).toEqual([1, 2, 3, 4].map((index) => ({ what: 'called_off', index })));
  expect(noted).toMatchObject([
    { kind: 'fault_failed', name: 'missed', at: 'begin' },
    { kind: 'fault_failed', name: 'due', at: 'begin' },
  ]);
});
