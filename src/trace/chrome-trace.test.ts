import { describe, expect, it } from 'vitest';
import { chromeTraceProblems } from '../../test/support/chrome-trace-format.js';
import { chromeTrace } from './chrome-trace.js';
import type { TraceLine } from './line.js';

const request = {
  kind: 'request',
  what: 'segment',
  method: 'GET',
  url: 'http://h/a.ts',
  end: 'complete',
  status: 200,
  bytes: 10,
} as const;

const LINES: readonly TraceLine[] = [
  { kind: 'head', atMs: 0, version: 1, vu: 3, run: 'r', startEpochMs: 1e12 },
  { kind: 'state', atMs: 10, state: 'starting' },
  { kind: 'state', atMs: 300.5, state: 'running' },
  { kind: 'level', atMs: 310, bufferedMs: 900, playheadMs: 20 },
  { ...request, id: 1, startedAtMs: 20, begunAtMs: 21, sentAtMs: 30, headAtMs: 40, atMs: 200 },
  { ...request, id: 2, startedAtMs: 100, atMs: 350, end: 'refused', bytes: 0 },
  { kind: 'packet', atMs: 320, namespace: '/chat', direction: 'in', name: 'chat:message', payload: '{}' },
  { kind: 'action', atMs: 330, action: 'chat', dueAtMs: 325, sentAtMs: 327, outcome: 'ok' },
  { kind: 'state', atMs: 400, state: 'stopped' },
];

describe('the Chrome trace of a viewer', () => {
  const trace = chromeTrace(LINES);

  it('has the shape that the Trace Event Format asks for', () => {
    expect(chromeTraceProblems(JSON.parse(JSON.stringify(trace)))).toEqual([]);
  });

  it('has each state as a stretch, in microseconds', () => {
    const states = trace.traceEvents.filter(({ cat }) => cat === 'state');
    expect(states.map(({ name, ts, dur }) => [name, ts, dur])).toEqual([
      ['starting', 10_000, 290_500],
      ['running', 300_500, 99_500],
    ]);
  });

  it('has each step of a request inside of it, and knows overlapping ones apart by their ids', () => {
    const events = trace.traceEvents.filter(({ id }) => id === 'r1');
    expect(events.map(({ name, ph, ts }) => `${ph} ${name} ${ts}`)).toEqual([
      'b segment 20000',
      ...['b queued 20000', 'e queued 21000', 'b connect 21000', 'e connect 30000'],
      ...['b wait 30000', 'e wait 40000', 'b body 40000', 'e body 200000'],
      'e segment 200000',
    ]);
    expect(trace.traceEvents.filter(({ id }) => id === 'r2')).toHaveLength(4);
  });
});

describe('the check of the format can fail', () => {
  const event = { name: 'x', ph: 'X', ts: 1, dur: 1, pid: 1, tid: 1 };
  it.each([
    ['no events', {}],
    ['no phase', { traceEvents: [{ ...event, ph: undefined }] }],
    ['a time that is none', { traceEvents: [{ ...event, ts: 'soon' }] }],
    ['a stretch without a length', { traceEvents: [{ ...event, dur: undefined }] }],
    [
      'stretches that overlap on a thread',
      {
        traceEvents: [
          { ...event, dur: 10 },
          { ...event, ts: 5, dur: 10 },
        ],
      },
    ],
    ['a begin without an end', { traceEvents: [{ ...event, ph: 'b', id: '1', cat: 'c' }] }],
    ['an end without a begin', { traceEvents: [{ ...event, ph: 'e', id: '1', cat: 'c' }] }],
    ['a begin without an id', { traceEvents: [{ ...event, ph: 'b', cat: 'c' }] }],
    ['a counter without numbers', { traceEvents: [{ ...event, ph: 'C', args: { ms: 'x' } }] }],
    ['an instant without a scope', { traceEvents: [{ ...event, ph: 'i' }] }],
    ['a name of nothing', { traceEvents: [{ ...event, ph: 'M', name: 'thread_name', args: {} }] }],
  ])('with %s', (_, value) => {
    expect(chromeTraceProblems(value)).not.toEqual([]);
  });
});
