import type { LineOf, TraceLine } from './line.js';

/**
 * One event of the Trace Event Format that Chrome's about:tracing and Perfetto open. Times in whole microseconds.
 * Used here: `M` names of processes and threads, `X` complete, `b`/`e` nestable async (requests overlap, so that each
 * has an id), `C` counter, `i` instant.
 */
export interface ChromeEvent {
  readonly name: string;
  readonly ph: 'M' | 'X' | 'b' | 'e' | 'C' | 'i';
  readonly ts: number;
  readonly pid: number;
  readonly tid: number;
  readonly cat?: string;
  readonly dur?: number;
  readonly id?: string;
  /** Scope of an instant: thread. */
  readonly s?: 't';
  readonly args?: Readonly<Record<string, unknown>>;
}

export interface ChromeTrace {
  readonly traceEvents: readonly ChromeEvent[];
  readonly displayTimeUnit: 'ms';
  readonly otherData: Readonly<Record<string, string | number>>;
}

const LANES = ['state', 'moments', 'media', 'sockets /', 'sockets /chat', 'sockets /streaming'] as const;
const tidOf = (lane: (typeof LANES)[number]): number => LANES.indexOf(lane) + 1;
const REQUESTS_TID = LANES.length + 1;
const ACTIONS_TID = LANES.length + 2;

/** The trace of one viewer as a Chrome trace; `lines` by time. Perfetto and chrome://tracing open it. */
export function chromeTrace(lines: readonly TraceLine[]): ChromeTrace {
  const head = lines.find((line): line is LineOf<'head'> => line.kind === 'head');
  const pid = 1;
  const events: ChromeEvent[] = namesOf(pid, head);
  const endMs = lines.reduce((latest, line) => Math.max(latest, line.atMs), 0);
  const states = lines.filter((line): line is LineOf<'state'> => line.kind === 'state');
  for (const [i, line] of states.entries()) {
    const toMs = states[i + 1]?.atMs ?? endMs;
    if (line.state === 'stopped' || line.state === 'idle') continue;
    events.push({
      ...{ name: line.state, ph: 'X', cat: 'state', pid, tid: tidOf('state') },
      ...{ ts: us(line.atMs), dur: Math.max(0, us(toMs) - us(line.atMs)) },
    });
  }
  let actions = 0;
  for (const line of lines) events.push(...eventsOf(line, pid, () => ++actions));
  return {
    traceEvents: events,
    displayTimeUnit: 'ms',
    otherData: head ? { run: head.run, viewer: head.vu, startEpochMs: head.startEpochMs } : {},
  };
}

function namesOf(pid: number, head: LineOf<'head'> | undefined): ChromeEvent[] {
  const name = (tid: number, kind: 'process_name' | 'thread_name', text: string): ChromeEvent => {
    return { name: kind, ph: 'M', ts: 0, pid, tid, args: { name: text } };
  };
  return [
    name(0, 'process_name', `viewer ${head?.vu ?? ''} of ${head?.run ?? 'a run'}`),
    ...LANES.map((lane) => name(tidOf(lane), 'thread_name', lane)),
    name(REQUESTS_TID, 'thread_name', 'requests'),
    name(ACTIONS_TID, 'thread_name', 'actions'),
  ];
}

function eventsOf(line: TraceLine, pid: number, nextAction: () => number): ChromeEvent[] {
  const ts = us(line.atMs);
  const instant = (name: string, tid: number, cat: string): ChromeEvent => {
    const { kind: _kind, atMs: _atMs, ...args } = line;
    return { name, ph: 'i', s: 't', cat, ts, pid, tid, args };
  };
  switch (line.kind) {
    case 'level':
      return [{ name: 'buffered', ph: 'C', ts, pid, tid: 0, args: { ms: line.bufferedMs } }];
    case 'arrival':
      return [{ name: 'arrived', ph: 'C', ts, pid, tid: 0, args: { bytes: line.bytes } }];
    case 'latency':
      return [{ name: 'latency', ph: 'C', ts, pid, tid: 0, args: { ms: line.latencyMs } }];
    case 'lag':
      return [instant('own lag', tidOf('moments'), 'lag')];
    case 'keyframe':
      return [instant('keyframe', tidOf('media'), 'media')];
    case 'playlist':
      return [instant('playlist', tidOf('media'), 'media')];
    case 'packet':
      return [instant(`${line.direction} ${line.name}`, tidOf(`sockets ${line.namespace}`), 'packet')];
    case 'socket':
      return [instant(line.what, tidOf(`sockets ${line.namespace ?? '/'}`), 'socket')];
    case 'event':
      return [instant(line.name, tidOf('moments'), 'event')];
    case 'request':
      return requestEvents(line, pid);
    case 'action':
      return actionEvents(line, pid, nextAction());
    default:
      return [];
  }
}

/** The request as a whole, and within it each step that is known. */
function requestEvents(line: LineOf<'request'>, pid: number): ChromeEvent[] {
  const { id, atMs, startedAtMs, begunAtMs, sentAtMs, headAtMs, what, method, url, status, bytes, end } =
    line;
  const common = { cat: 'request', id: `r${id}`, pid, tid: REQUESTS_TID } as const;
  const span = (name: string, fromMs: number, toMs: number, args?: ChromeEvent['args']): ChromeEvent[] => [
    { name, ph: 'b', ts: us(fromMs), ...common, ...(args ? { args } : {}) },
    { name, ph: 'e', ts: Math.max(us(fromMs), us(toMs)), ...common },
  ];
  const corners: (readonly [string, number | undefined])[] = [
    ['queued', startedAtMs],
    ['connect', begunAtMs],
    ['wait', sentAtMs],
    ['body', headAtMs],
  ];
  const known = corners.filter((corner): corner is readonly [string, number] => corner[1] !== undefined);
  const steps = known.map(([name, fromMs], i) => span(name, fromMs, known[i + 1]?.[1] ?? atMs));
  const [begin, last] = span(what, startedAtMs, atMs, { method, url, status, bytes, end });
  return [begin as ChromeEvent, ...steps.flat(), last as ChromeEvent];
}

function actionEvents(line: LineOf<'action'>, pid: number, id: number): ChromeEvent[] {
  const { action, dueAtMs, sentAtMs, atMs, outcome, status } = line;
  const common = { name: action, cat: 'action', id: `a${id}`, pid, tid: ACTIONS_TID } as const;
  const lateMs = Math.max(0, sentAtMs - dueAtMs);
  return [
    { ...common, ph: 'b', ts: us(dueAtMs), args: { outcome, status, lateMs } },
    { ...common, ph: 'e', ts: Math.max(us(dueAtMs), us(atMs)) },
  ];
}

function us(ms: number): number {
  return Math.round(ms * 1000);
}
