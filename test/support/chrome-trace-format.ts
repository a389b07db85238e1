/**
 * What is wrong with a value as a trace in the JSON Object Format of the Trace Event Format (the document "Trace Event
 * Format" of the Chromium project), for the phases X, b, e, C, i and M; empty = nothing.
 */
export function chromeTraceProblems(value: unknown): readonly string[] {
  if (!isRecord(value) || !Array.isArray(value.traceEvents) || value.traceEvents.length === 0)
    return ['no traceEvents'];
  const { displayTimeUnit = 'ms' } = value;
  const problems = displayTimeUnit === 'ms' || displayTimeUnit === 'ns' ? [] : ['displayTimeUnit'];
  const events = value.traceEvents as unknown[];
  for (const [i, event] of events.entries()) {
    const problem = isRecord(event) ? problemOf(event) : 'no object';
    if (problem !== undefined) problems.push(`event ${i}: ${problem}`);
  }
  if (problems.length > 0) return problems;
  const checked = events as Event[];
  return [...unpaired(checked), ...overlapping(checked)];
}

interface Event {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur: number;
  readonly tid: number;
  readonly pid: number;
  readonly id: string;
  readonly cat: string;
}

function problemOf(event: Readonly<Record<string, unknown>>): string | undefined {
  const { name, ph, ts, pid, tid, dur, id, cat, s, args } = event;
  if (typeof name !== 'string') return 'no name';
  if (!['X', 'b', 'e', 'C', 'i', 'M'].includes(String(ph))) return `phase ${String(ph)}`;
  if (typeof ts !== 'number' || !Number.isFinite(ts)) return 'ts is no number of microseconds';
  if (!Number.isInteger(pid) || !Number.isInteger(tid)) return 'pid or tid';
  if (args !== undefined && !isRecord(args)) return 'args';
  if (ph === 'X' && (typeof dur !== 'number' || !(dur >= 0))) return 'a complete event without its dur';
  if ((ph === 'b' || ph === 'e') && (typeof id !== 'string' || typeof cat !== 'string'))
    return 'an async event without id and cat';
  if (ph === 'i' && !['t', 'p', 'g'].includes(String(s))) return 'an instant without its scope';
  if (ph === 'C' && !(isRecord(args) && Object.values(args).every(Number.isFinite)))
    return 'a counter without numbers';
  if (ph === 'M') {
    if (!['process_name', 'thread_name', 'process_labels'].includes(name)) return `metadata ${name}`;
    if (!isRecord(args) || typeof args.name !== 'string') return 'metadata without a name';
  }
  return undefined;
}

/** Nestable async events pair by category and id, the innermost first. */
function unpaired(events: readonly Event[]): string[] {
  const open = new Map<string, Event[]>();
  const problems: string[] = [];
  for (const event of events) {
    if (event.ph !== 'b' && event.ph !== 'e') continue;
    const key = `${event.cat} ${event.id}`;
    const stack = open.get(key) ?? [];
    open.set(key, stack);
    if (event.ph === 'b') stack.push(event);
    else {
      const begin = stack.pop();
      if (begin?.name !== event.name) problems.push(`${key}: ${event.name} ends what did not begin`);
      else if (event.ts < begin.ts) problems.push(`${key}: ${event.name} ends before it begins`);
    }
  }
  for (const [key, stack] of open) if (stack.length > 0) problems.push(`${key} does not end`);
  return problems;
}

/** Complete events of one thread lie inside of each other or apart. */
function overlapping(events: readonly Event[]): string[] {
  const problems: string[] = [];
  const byThread = new Map<string, Event[]>();
  for (const event of events) {
    if (event.ph !== 'X') continue;
    const thread = `${event.pid} ${event.tid}`;
    byThread.set(thread, [...(byThread.get(thread) ?? []), event]);
  }
  for (const [thread, stretches] of byThread) {
    const ends: number[] = [];
    for (const { name, ts, dur } of [...stretches].sort((a, b) => a.ts - b.ts || b.dur - a.dur)) {
      while ((ends.at(-1) ?? Number.POSITIVE_INFINITY) <= ts) ends.pop();
      if (ts + dur > (ends.at(-1) ?? Number.POSITIVE_INFINITY)) problems.push(`${thread}: ${name} overlaps`);
      ends.push(ts + dur);
    }
  }
  return problems;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
