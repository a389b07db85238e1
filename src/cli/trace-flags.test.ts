import { expect, test } from 'vitest';
import { RUN_FLAGS, TRACE_FLAGS } from '../config/flags.js';
import type { ConfigIssue } from '../errors.js';
import { followOne, runFlagsOf } from './trace-flags.js';

/** Flags that speak of loads, their size and their verdict, or of what is printed of them. */
const OF_LOADS = [
  'allow-network-faults',
  'journal',
  'abort-after',
  'abort-on',
  'annotations',
  'no-report',
  'parity',
  'arrivals',
  'collect',
  'hold',
  'time-scale',
  'profile',
  'vus',
  'runs',
  'steps',
  'target-vus',
  'max-vus',
  'ctl',
  'dashboard',
  'mix',
  'workers',
  'local-ips',
  'trace-vu',
  'stage-control',
  'publisher-control',
  'print-plan',
  'print-config',
  'nats',
  'nats-ca',
  'nats-cert',
  'nats-key',
  'embed-nats',
  'nats-out',
  'agents',
  'min-agents',
  'wait',
  'on-agent-loss',
];

test('trace has every flag of a run that holds for a single viewer', () => {
  const missing = Object.keys(RUN_FLAGS).filter((name) => !Object.hasOwn(TRACE_FLAGS, name));
  expect(missing.sort()).toEqual([...OF_LOADS].sort());
});

test('one viewer comes, of the protocol that is asked for, and what is said of clocks holds', () => {
  const issues: ConfigIssue[] = [];
  const line = { protocol: 'hls', 'capture-clock': 'same' };
  expect(followOne({ ...runFlagsOf(line), vus: '500', workers: '4' }, line, issues)).toMatchObject({
    'capture-clock': 'same',
    vus: '1',
    'trace-vu': ['0'],
    mix: 'hls=100,flv=0',
    duration: '60s',
  });
  expect(issues).toEqual([]);
});
