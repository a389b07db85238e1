import type { EmitEvent } from '../events.js';
import type { Agenda, AgendaAction } from '../scenarios/agenda.js';
import type { Cancel, Clock } from '../seams.js';

/** Later than this is our own lateness and reported as such. */
export const LATE_MS = 50;
/**
 * Beyond this nothing more is begun: the platform has stood still for long. Six connections at a time are a matter of
 * HTTP/1.1 and of the network's own line; over HTTP/2 nothing waits for its turn.
 */
const MAX_UNANSWERED = 26;

export interface AgendaRunnerDeps {
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly emit: EmitEvent;
  /** Begins an action; a promise is an action under way. */
  perform(action: AgendaAction, dueMs: number): Promise<unknown> | undefined;
  /** Takes what an action's promise rejects with. */
  onFault(error: unknown): void;
}

/** Begins something that was due at `dueMs`; a promise is an action under way. */
type Work = (dueMs: number) => Promise<unknown> | undefined;

/** Performs an agenda: one timer for the next action, so that no viewer costs more than what it does. */
export interface AgendaRunner {
  start(): void;
  /** Begins what is due now and stands in no agenda, within the same limits. */
  begin(work: (dueMs: number) => Promise<unknown> | undefined): void;
  /** Begins nothing more. */
  stop(): void;
}

export function createAgendaRunner(deps: AgendaRunnerDeps): AgendaRunner {
  const { clock, agenda, emit } = deps;
  let timer: Cancel | undefined;
  let stopped = false;
  let running = 0;

  const perform = (work: Work, dueMs: number): void => {
    const underWay = work(dueMs);
    if (!underWay) return;
    running++;
    const ended = (): void => {
      running--;
    };
    underWay.catch(deps.onFault).then(ended).catch(deps.onFault);
  };
  const begin = (work: Work, dueMs: number, isCall = true): void => {
    const lateMs = clock.nowMs() - dueMs;
    if (lateMs > LATE_MS) emit({ kind: 'action_late', atMs: clock.nowMs(), phaseAtMs: dueMs, lateMs });
    if (running < MAX_UNANSWERED || !isCall) perform(work, dueMs);
    // The calls before it are unanswered, and are counted as that: this is the platform's doing, not our lateness.
    else emit({ kind: 'action_skipped', atMs: clock.nowMs(), phaseAtMs: dueMs });
  };
  const plan = (): void => {
    const entry = agenda.next();
    if (!entry || stopped) return;
    timer = clock.after(Math.max(0, entry.dueMs - clock.nowMs()), () => {
      if (stopped) return;
      plan();
      // Chat goes over the socket and needs no connection of its own.
      begin((dueMs) => deps.perform(entry.action, dueMs), entry.dueMs, entry.action !== 'chat');
    });
  };
  return {
    start: plan,
    begin: (work) => {
      if (!stopped) begin(work, clock.nowMs());
    },
    stop() {
      stopped = true;
      timer?.();
    },
  };
}
