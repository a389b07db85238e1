import type { Totals } from './merge.js';
import { createView, type View } from './view.js';

/** What only the run itself can say about the generator; the rest is read from the ticks. */
export interface GeneratorFacts {
  readonly workersPlanned: number;
  /** Threads that ended without being asked to. */
  readonly workersDied: number;
  /**
   * True when the run came to its end in order (by plan or by one signal): then every worker's last tick must be
   * there. False for a run that was killed: it is judged up to its last tick.
   */
  readonly completed: boolean;
  /** Load boxes that were lost, as the run was told to bear, with all their workers: nothing more is expected of them. */
  readonly gone?: { readonly boxes: ReadonlySet<string>; readonly workers: number };
}

export interface InvalidReason {
  /** Stable, for machines. */
  readonly code: InvalidCode;
  /** One sentence with the number seen and the limit. */
  readonly text: string;
}

export type InvalidCode =
  | 'worker_died'
  | 'box_lost'
  | 'worker_silent'
  | 'ticks_missing'
  | 'last_tick_missing'
  | 'foreign_ticks'
  | 'clock_jumped'
  | 'event_loop_lag'
  | 'lagged_time'
  | 'late_actions'
  | 'tainted_time'
  | 'refused_samples'
  | 'unknown_events'
  | 'feed_lost'
  | 'local_shortage'
  | 'not_allowed'
  | 'accounts_spent'
  | 'own_fault'
  | 'fault_not_made'
  | 'lag_decides';

const TAINTED_LIMIT_PCT = 1;
const LATE_LIMIT_PCT = 5;
/** Ten actions are the least that five percent means anything of. */
const MIN_ACTIONS = 10;
const CLOCK_JUMP_LIMIT_MS = 100;
/** Above this a late event loop makes stalls that nobody saw. */
const LOOP_DELAY_LIMIT_MS = 50;
const LAGGED_LIMIT_PCT = 1;
/** In the first seconds few viewers are there: a single hitch is no percentage of anything yet. */
const LAGGED_FORGIVEN_MS = 1000;
/** A worker that stops sending this long before the others is dead or stuck. */
const SILENT_LIMIT_MS = 5000;
/** Viewers with a picture report their time; less than this share of it means that reports are lost. */
const REPORTED_SHARE = 0.7;
const MIN_WATCHING_MS = 30_000;

/**
 * Why the generator is not to be believed; empty when it is. Each is about us, never about the platform.
 *
 * | what | limit |
 * |---|---|
 * | rebuffered time that our own lag may have made | 1 % of the time watched |
 * | event-loop delay of all threads, p99 | 50 ms |
 * | viewer-time touched by an event loop held up for more than 30 ms | 1 % of the viewers' time on the platform, and 1 s (planned faults: fault-lag.ts) |
 * | actions begun more than 50 ms late | 5 % of the actions |
 * | wall clock against the monotonic clock within a tick | 100 ms |
 * | samples that are no numbers, events of unknown kind | none |
 * | sockets that this machine had no room for | none |
 * | sockets that our own allow list did not let open | none |
 * | accounts that came with an expired token and were refused a new one | none |
 * | ticks missing, a worker dead, silent for 5 s, or without its last tick (lost boxes that the run bears apart) | none |
 * | load boxes lost beyond what the run bears (conclude.ts) | none |
 * | ticks of more workers than were planned: another run's among ours | none |
 * | time reported by viewers that have a picture | at least 70 % of it |
 *
 * (validity.test.ts repeats the table)
 */
export function invalidReasons(totals: Totals, facts: GeneratorFacts): InvalidReason[] {
  const view = createView(totals);
  return [
    ...workers(totals, facts),
    ...clockAndLoop(totals, view),
    ...probes(totals, view),
    ...lateness(view),
  ];
}

function workers(totals: Totals, facts: GeneratorFacts): InvalidReason[] {
  const reasons: InvalidReason[] = [];
  const all = [...totals.workers.values()];
  const expected = facts.workersPlanned - (facts.gone?.workers ?? 0);
  const there = [...totals.workers]
    .filter(([name]) => !facts.gone?.boxes.has(boxOf(name)))
    .map(([, one]) => one);
  if (facts.workersDied > 0) {
    reasons.push({
      code: 'worker_died',
      text: `${facts.workersDied} of ${facts.workersPlanned} workers died`,
    });
  }
  const gaps = all.reduce((sum, worker) => sum + worker.seqs.gaps, 0);
  if (gaps > 0)
    reasons.push({ code: 'ticks_missing', text: `the ticks have ${gaps} gaps: measurements are lost` });
  if (all.length > facts.workersPlanned) {
    const text = `ticks of ${all.length} workers, of ${facts.workersPlanned} planned: some are not of this run`;
    reasons.push({ code: 'foreign_ticks', text });
  }
  const ended = there.filter((worker) => worker.ended).length;
  if (facts.completed && ended < expected) {
    const text = `${expected - ended} of ${expected} workers sent no last tick`;
    reasons.push({ code: 'last_tick_missing', text });
  }
  const silent = there.filter(
    (worker) => !worker.ended && totals.toMs - worker.lastToMs > SILENT_LIMIT_MS,
  ).length;
  if (silent > 0) {
    reasons.push({
      code: 'worker_silent',
      text: `${silent} workers went silent ${SILENT_LIMIT_MS} ms before the others`,
    });
  }
  return reasons;
}

/** Of a worker's name, `box/worker`. */
function boxOf(name: string): string {
  return name.slice(0, name.lastIndexOf('/'));
}

/**
 * How much of the viewers' time on the platform our own event loop held up, in percent; undefined without viewers.
 * Lag is counted by who was there, so the whole is counted so too: with those that have a picture as the whole, a
 * platform that gives pictures to few would look like a slow generator.
 */
export function laggedPercent(
  laggedMs: number,
  whole: { readonly activeMs: number; readonly watchingMs: number },
): number | undefined {
  const wholeMs = Math.max(whole.activeMs, whole.watchingMs);
  // The whole is sampled once a tick: viewers that came and went within one are in the part alone.
  return wholeMs > 0 ? Math.min(100, (laggedMs / wholeMs) * 100) : undefined;
}

function clockAndLoop(totals: Totals, view: View): InvalidReason[] {
  const reasons: InvalidReason[] = [];
  const jumpMs = totals.gaugeMax.get('clock_jump_ms') ?? 0;
  if (jumpMs > CLOCK_JUMP_LIMIT_MS) {
    const text = `the clock jumped by ${Math.round(jumpMs)} ms, ${CLOCK_JUMP_LIMIT_MS} ms is the limit`;
    reasons.push({ code: 'clock_jumped', text });
  }
  const delayMs = view.spread('event_loop_delay_ms').percentileMs(99);
  if (delayMs !== undefined && delayMs > LOOP_DELAY_LIMIT_MS) {
    const text = `the event loop was ${delayMs.toFixed(1)} ms late at p99, ${LOOP_DELAY_LIMIT_MS} ms is the limit`;
    reasons.push({ code: 'event_loop_lag', text });
  }
  const laggedMs = view.count('lagged_viewer_ms');
  const laggedPct = laggedPercent(laggedMs, totals) ?? 0;
  if (laggedMs > LAGGED_FORGIVEN_MS && laggedPct > LAGGED_LIMIT_PCT) {
    const text = `our own event loop held up ${laggedPct.toFixed(1)} % of the viewer-time, ${LAGGED_LIMIT_PCT} % is the limit`;
    reasons.push({ code: 'lagged_time', text });
  }
  return reasons;
}

function probes(totals: Totals, view: View): InvalidReason[] {
  const reasons: InvalidReason[] = [];
  const refused = Object.keys(view.byLabel('refused_sample_count'));
  if (refused.length > 0) {
    const text = `${view.count('refused_sample_count')} samples were no usable numbers: ${refused.slice(0, 5).join(', ')}`;
    reasons.push({ code: 'refused_samples', text });
  }
  const shortages = view.count('local_failure_count');
  if (shortages > 0) {
    const text = `this machine had no descriptors, ports or memory for ${shortages} sockets`;
    reasons.push({ code: 'local_shortage', text });
  }
  const notAllowed = view.count('not_allowed_count');
  if (notAllowed > 0) {
    const text = `${notAllowed} sockets were not opened: the platform leads to hosts that this run may not go to (not_allowed in events.ndjson names them, --allow-target lets it)`;
    reasons.push({ code: 'not_allowed', text });
  }
  const spent = view.count('token_refresh_count', { label: 'refused_at_start' });
  if (spent > 0) {
    const text = `${spent} ${spent === 1 ? 'account' : 'accounts'} came with an expired token that the platform did not renew: make the users file anew (a refresh token is good once)`;
    reasons.push({ code: 'accounts_spent', text });
  }
  const unknown = view.count('unknown_event_count');
  if (unknown > 0)
    reasons.push({ code: 'unknown_events', text: `${unknown} events had no known kind or protocol` });
  const watchedMs = view.count('played_ms') + view.count('stalled_ms');
  // Waits and jumps that nobody sees are in no ratio, yet they were reported.
  const reportedMs = watchedMs + view.count('micro_wait_ms') + view.count('seeking_ms');
  if (totals.watchingMs > MIN_WATCHING_MS && reportedMs < totals.watchingMs * REPORTED_SHARE) {
    const text = `viewers with a picture reported ${seconds(reportedMs)} of ${seconds(totals.watchingMs)} watched`;
    reasons.push({ code: 'feed_lost', text });
  }
  const taintedPct = watchedMs > 0 ? (view.count('tainted_viewer_ms') / watchedMs) * 100 : 0;
  if (taintedPct > TAINTED_LIMIT_PCT) {
    const text = `our own lag touches ${taintedPct.toFixed(1)} % of the time watched, ${TAINTED_LIMIT_PCT} % is the limit`;
    reasons.push({ code: 'tainted_time', text });
  }
  return reasons;
}

function lateness(view: View): InvalidReason[] {
  const actions =
    view.count('chat_sent_count') + view.count('chat_not_sent_count') + view.count('api_call_count');
  const late = view.count('action_late_count');
  if (actions < MIN_ACTIONS || (late / actions) * 100 <= LATE_LIMIT_PCT) return [];
  const text = `${late} of ${actions} actions began more than 50 ms late, ${LATE_LIMIT_PCT} % is the limit`;
  return [{ code: 'late_actions', text }];
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
