import { describe, expect, it } from 'vitest';
import { EndingLog, endingFromEvents, type LifecycleEvent } from './lifecycle.js';

const died: LifecycleEvent = { kind: 'worker_died', atMs: 5, worker: 1, vus: 25, reason: 'terminated' };
const events: readonly LifecycleEvent[] = [
  { kind: 'run_started', atMs: 0 },
  died,
  { kind: 'run_stopped', atMs: 9, signal: 'SIGINT' },
  { kind: 'run_stopped', atMs: 10, signal: 'SIGTERM' },
  { kind: 'stage_died', atMs: 11, reason: 'the stage ended by itself (code 1)' },
  { kind: 'own_fault', atMs: 12, reason: 'another' },
  { kind: 'run_ended', atMs: 20, counts: {} },
];

function text(list: readonly unknown[]): string {
  return list.map((event) => `${JSON.stringify(event)}\n`).join('');
}

describe('the ending of a run', () => {
  it('is the same from its events as they come and from their file', () => {
    const log = new EndingLog();
    for (const event of events) log.add(event);
    expect(endingFromEvents(text(events))).toEqual(log.ending());
    expect(log.ending()).toEqual({
      completed: true,
      stoppedBy: 'SIGINT',
      ownFault: 'the stage ended by itself (code 1)',
      workersDied: [{ worker: 1, vus: 25, reason: 'terminated' }],
      notes: [],
    });
  });

  it('of a killed run is not complete', () => {
    expect(endingFromEvents(text(events.slice(0, 1)))).toEqual({
      completed: false,
      workersDied: [],
      notes: [],
    });
    expect(endingFromEvents('').completed).toBe(false);
  });

  it('does not stumble over viewer events, torn lines and what is no object', () => {
    const noise = [{ kind: 'rebuffer_ended', atMs: 3 }, null, 5, 'run_ended', { kind: 7 }];
    expect(endingFromEvents(`${text(noise)}${text([died])}{"kind":"run_en`)).toEqual({
      completed: false,
      workersDied: [{ worker: 1, vus: 25, reason: 'terminated' }],
      notes: [],
    });
  });
});
