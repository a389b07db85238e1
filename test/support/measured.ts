import type { PlayerEvent, Protocol, ReportedEvent, SessionEvent, ViewerEvent } from '../../src/events.js';
import { type JudgeContext, judge, type RowResult } from '../../src/stats/gate.js';
import { KPI_IDS, type KpiId } from '../../src/stats/kpis.js';
import { createLagLog, type LagLog } from '../../src/stats/lag.js';
import { addTick, createTotals, type Totals } from '../../src/stats/merge.js';
import { createRecorder, type Recorder } from '../../src/stats/recorder.js';
import type { Tick } from '../../src/stats/tick.js';
import { decodeTick, encodeTick } from '../../src/stats/tick-codec.js';
import type { PhaseSpan } from '../../src/stats/windows.js';

/** Phases of the runs that the tests of the gate are made of. */
export const PHASES = [
  { name: 'ramp', role: 'ramp', fromMs: 0, toMs: 10_000 },
  { name: 'hold', role: 'hold', fromMs: 10_000, toMs: 55_000 },
  { name: 'drain', role: 'drain', fromMs: 55_000, toMs: 60_000 },
] as const;

/** Rows that a healthy run of these phases fills. */
export const FILLED: readonly KpiId[] = KPI_IDS.slice(0, KPI_IDS.indexOf('segment_generation_p95') + 1);

/** An instant in the hold. */
export const HOLD_MS = 20_000;
export const END_MS = 60_000;

export type WithoutHead<E> = E extends unknown ? Omit<E, 'atMs' | 'protocol'> : never;

/** A player's event in the hold. */
export function player(protocol: Protocol, event: WithoutHead<PlayerEvent>, atMs = HOLD_MS): PlayerEvent {
  return { ...event, protocol, atMs } as PlayerEvent;
}

/** Any other event in the hold. */
export function session(event: WithoutHead<SessionEvent>, atMs = HOLD_MS): SessionEvent {
  return { ...event, atMs } as SessionEvent;
}

/** `count` times the same. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

export function reported(event: ViewerEvent, vuId = 0): ReportedEvent {
  return { vuId, joinProtocol: 'protocol' in event ? event.protocol : 'hls', event };
}

export function recorderOf(
  worker = 0,
  lag: LagLog = createLagLog(),
  phases: readonly PhaseSpan[] = PHASES,
): Recorder {
  return createRecorder({
    phaseAt: (atMs) => phases.find(({ toMs }) => atMs < toMs)?.name ?? 'drain',
    lag,
    box: 'local',
    worker,
  });
}

/** Ticks as they come back from disk. */
export function throughDisk(ticks: readonly Tick[]): Tick[] {
  return ticks.map((tick) => decodeTick(encodeTick(tick)));
}

export function totalsOf(ticks: readonly Tick[]): Totals {
  const totals = createTotals();
  for (const tick of throughDisk(ticks)) addTick(totals, tick);
  return totals;
}

/** One worker saw `events` and ended well. */
export function measure(
  events: readonly ViewerEvent[],
  prepare: (recorder: Recorder) => void = () => {},
): Totals {
  const recorder = recorderOf();
  for (const event of events) recorder.on(reported(event));
  prepare(recorder);
  return totalsOf(recorder.takeTick(END_MS, true));
}

/** Phases one after the other, e.g. `['hold', 'hold', 30]`: name, role, seconds. */
export function phasesOf(...given: readonly (readonly [string, string, number])[]): PhaseSpan[] {
  let fromMs = 0;
  return given.map(([name, role, seconds]) => {
    const phase = { name, role, fromMs, toMs: fromMs + seconds * 1000 };
    fromMs = phase.toMs;
    return phase;
  });
}

/** One worker saw `events` in these phases and ended well; `each` is called before every tick, `everyMs` apart. */
export function measureIn(
  phases: readonly PhaseSpan[],
  events: readonly ViewerEvent[],
  each: (recorder: Recorder, atMs: number) => void = () => {},
  everyMs = 10_000,
): Totals {
  const recorder = recorderOf(0, createLagLog(), phases);
  const waiting = [...events].sort((a, b) => a.atMs - b.atMs);
  const endMs = phases.at(-1)?.toMs ?? 0;
  const totals = createTotals();
  let next = 0;
  for (let toMs = everyMs; toMs <= endMs; toMs += everyMs) {
    for (let event = waiting[next]; event && event.atMs < toMs; event = waiting[++next]) {
      recorder.on(reported(event));
    }
    each(recorder, toMs - 1);
    for (const tick of recorder.takeTick(toMs, toMs + everyMs > endMs)) addTick(totals, tick);
  }
  return totals;
}

/** How one row is judged. */
export function rowIn(id: KpiId, totals: Totals, changes: Partial<JudgeContext>): RowResult {
  const row = judge(totals, contextOf({ rows: [id], ...changes })).rows.find((each) => each.id === id);
  if (row === undefined) throw new Error(`no row ${id}`);
  return row;
}

/** A run whose profile names the rows that it can fill. */
export function contextOf(changes: Partial<JudgeContext> = {}): JudgeContext {
  return {
    profileName: 'smoke',
    rows: FILLED,
    gate: 'viewer',
    phases: PHASES,
    planned: { vus: 50, byProtocol: { hls: 35, flv: 15 }, users: 50, writes: true },
    facts: { workersPlanned: 1, workersDied: 0, completed: true },
    ...changes,
  };
}

/** A latency on one clock. */
export const LATENCY = {
  kind: 'latency',
  latencyMs: 1500,
  source: 'stamp',
  clockUncertaintyMs: 0,
} as const;

export const WATCHED = {
  kind: 'watched',
  joiningMs: 0,
  playedMs: 1000,
  stalledMs: 0,
  microWaitMs: 0,
  seekingMs: 0,
  endedMs: 0,
  frozenMs: 0,
  replayedMs: 0,
  bytes: 325_000,
  frames: 30,
  missingFrames: 0,
  missingByTime: 0,
  segments: 0,
  tags: 0,
} as const;

const NAMESPACES = ['/', '/chat', '/streaming'] as const;

/** What one viewer of a good run reports. */
function healthyViewer(protocol: Protocol): ViewerEvent[] {
  const watched = { ...WATCHED, ...(protocol === 'hls' ? { segments: 1 } : { tags: 73 }) };
  return [
    session({ kind: 'vu_started' }, 1000),
    player(protocol, { kind: 'play_attempt' }, 1000),
    player(protocol, { kind: 'first_byte', sinceStartMs: 20 }, 1020),
    player(protocol, { kind: 'first_frame', sinceStartMs: 300 }, 1300),
    ...NAMESPACES.flatMap((namespace) => [
      session({ kind: 'socket_ready', namespace, sinceOpenMs: 30 }, 1030),
      session({ kind: 'join_attempt', namespace }, 1030),
      session({ kind: 'join_confirmed', namespace, sinceAttemptMs: 5 }, 1035),
    ]),
    session({ kind: 'vu_joined', sinceStartMs: 300 }, 1300),
    ...times(40, (second) => player(protocol, watched, 12_000 + second * 1000)),
    ...times(40, (second) => player(protocol, LATENCY, 12_000 + second * 1000)),
    ...times(protocol === 'hls' ? 40 : 0, (second) =>
      player(
        'hls',
        { kind: 'segment_listed', captureEpochMs: second * 1000, listedAfterMs: 1100 },
        12_000 + second * 1000,
      ),
    ),
    session({ kind: 'chat_sent', expectedOthers: 49 }),
    session({ kind: 'chat_echo', deliveryMs: 10, sinceDueMs: 12 }),
    ...times(49, () => session({ kind: 'chat_delivered', deliveryMs: 15, sinceDueMs: 17 })),
    ...times(5, () => api(false)),
    ...times(2, () => api(true)),
    session({ kind: 'vu_left', reason: 'planned' }, 56_000),
  ];
}

export function api(write: boolean, durationMs = 20): SessionEvent {
  const call = write ? 'cart_add' : 'products';
  return session({
    kind: 'api_call',
    call,
    write,
    outcome: 'ok',
    status: 200,
    durationMs,
    sinceDueMs: durationMs,
  });
}

/** Everything that 50 viewers of a good run report: fills the rows above, and all of them pass. */
export function healthyRun(): ViewerEvent[] {
  return times(50, (vu) => healthyViewer(vu < 15 ? 'flv' : 'hls')).flat();
}
