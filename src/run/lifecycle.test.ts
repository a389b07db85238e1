import { describe, expect, it } from 'vitest';
import { endingFromEvents } from '../../test/support/ending-from-events.js';
import { EndingLog, type LifecycleEvent } from './lifecycle.js';
import { asChanged } from './plan-changed.js';
import type { RunRecord } from './run-record.js';

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

describe('what was left open', () => {
  it('is a note, also of a run that is judged from its folder; a line of garbage is none', () => {
    const left: LifecycleEvent = { kind: 'left_open', atMs: 9, sockets: 2, flv: 0, members: 0 };
    expect(endingFromEvents(text([left])).notes).toEqual([
      'no clean drain: after all had left, the platform still counted 2 sockets',
    ]);
    expect(endingFromEvents(text([{ ...left, sockets: 'many' }])).notes).toEqual([]);
  });
});

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

  it('knows the plan as it was changed last, and tells each change', () => {
    const phases = [{ name: 'hold', role: 'hold', fromMs: 0, toMs: 9000 }] as const;
    const planned = { vus: 3, byProtocol: { hls: 2, flv: 1 }, users: 3, writes: true };
    const plan = { phases, plannedMs: 9000, planned, exempt: { api_read_p99: 'too short' } };
    const changes: readonly LifecycleEvent[] = [
      { kind: 'plan_changed', atMs: 1, what: 'scale', words: 'scaled', plan },
      { kind: 'plan_changed', atMs: 2, what: 'pause', words: 'paused' },
    ];
    const paused = { changed: plan, notes: ['scaled', 'paused'], pausedAtMs: 2 };
    expect(endingFromEvents(text(changes))).toMatchObject(paused);
    // Another number of viewers does not end a pause; what tells the plan to come does.
    const rescaled: LifecycleEvent = { kind: 'plan_changed', atMs: 3, what: 'scale', words: '' };
    expect(endingFromEvents(text([...changes, rescaled])).pausedAtMs).toBe(2);
    const resumed: LifecycleEvent = { kind: 'plan_changed', atMs: 4, what: 'resume', words: '', plan };
    expect(endingFromEvents(text([...changes, rescaled, resumed]))).not.toHaveProperty('pausedAtMs');
  });

  it('draws no first plan where a change of an older version left no line', () => {
    const phases = [{ name: 'hold', role: 'hold', fromMs: 0, toMs: 9000 }] as const;
    const planned = { vus: 3, byProtocol: { hls: 2, flv: 1 }, users: 3, writes: true };
    const plan = { phases, plannedMs: 9000, planned, exempt: {} };
    const first = [{ atMs: 0, level: 1 }];
    const scaled: LifecycleEvent = { kind: 'plan_changed', atMs: 1, what: 'scale', words: '', plan };
    const lineAfter = (events: readonly LifecycleEvent[]) =>
      asChanged({ line: first } as unknown as RunRecord, endingFromEvents(text(events))).line;
    expect(lineAfter([])).toEqual(first);
    expect(lineAfter([scaled])).toBeUndefined();
    const second = [{ atMs: 0, level: 9 }];
    expect(lineAfter([scaled, { ...scaled, line: second }])).toEqual(second);
  });

  it.each([
    { plan: {} },
    { plan: { phases: [{ name: 'hold' }], plannedMs: 1, planned: {}, exempt: {} } },
    { plan: 7 },
    { words: 7 },
    { line: [{ atMs: 0 }] },
  ])('does not believe a change that is damaged: %o', (damage) => {
    const event = { kind: 'plan_changed', atMs: 1, what: 'scale', words: 'scaled', ...damage };
    const ending = endingFromEvents(text([event]));
    expect([ending.changed, ending.notes]).toEqual([undefined, []]);
  });

  it('tells the first changes of very many', () => {
    const event = { kind: 'plan_changed', atMs: 1, what: 'pause', words: 'paused' };
    const { notes } = endingFromEvents(text(Array.from({ length: 300 }, () => event)));
    expect([notes.length, notes.at(-1)]).toEqual([21, 'and 280 more changes, see events.ndjson']);
  });

  it('holds a bounded number of what a file may say any number of times', () => {
    const log = new EndingLog();
    for (let i = 0; i < 5000; i++) {
      log.addLine({ ...died, atMs: i });
      log.addLine({ kind: 'collector_died', atMs: i, reason: 'ended' });
    }
    log.addLine(undefined);
    const { workersDied, notes } = log.ending();
    expect([workersDied.length, notes.length]).toEqual([1000, 21]);
    expect(notes.at(-1)).toBe('lines of events.ndjson that are too long to be read: 1');
  });
});
