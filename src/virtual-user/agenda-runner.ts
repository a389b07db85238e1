import type { EmitEvent } from '../events.js';
import type { Agenda, AgendaAction } from '../scenarios/agenda.js';
import type { Cancel, Clock } from '../seams.js';

/** Later than this is our own lateness and reported as such. */
export const LATE_MS = 50;
/** As many calls as a browser makes to one host at a time; further ones wait for their turn. */
export const MAX_RUNNING = 6;
/** Beyond this nothing more is begun: the platform has stood still for minutes. */
const MAX_WAITING = 20;

export interface AgendaRunnerDeps {
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly emit: EmitEvent;
  /** Begins an action; a promise is an action under way. */
  perform(action: AgendaAction, dueMs: number): Promise<unknown> | undefined;
  /** Takes what an action's promise rejects with. */
  onFault(error: unknown): void;
}

/** Performs an agenda: one timer for the next action, so that no viewer costs more than what it does. */
export interface AgendaRunner {
  start(): void;
  /** Begins nothing more. */
  stop(): void;
}

export function createAgendaRunner(deps: AgendaRunnerDeps): AgendaRunner {
  const { clock, agenda, emit } = deps;
  let timer: Cancel | undefined;
  let stopped = false;
  let running = 0;
  const waiting: { readonly action: AgendaAction; readonly dueMs: number }[] = [];

  const perform = (action: AgendaAction, dueMs: number): void => {
    const underWay = deps.perform(action, dueMs);
    if (!underWay) return;
    running++;
    const ended = (): void => {
      running--;
      const next = stopped ? undefined : waiting.shift();
      // Waiting for a slow platform is not our lateness: the latency from `dueMs` on tells it.
      if (next) perform(next.action, next.dueMs);
    };
    underWay.catch(deps.onFault).then(ended).catch(deps.onFault);
  };
  const begin = (action: AgendaAction, dueMs: number): void => {
    const lateMs = clock.nowMs() - dueMs;
    const overflows = running >= MAX_RUNNING && waiting.length >= MAX_WAITING;
    if (lateMs > LATE_MS || overflows) {
      emit({ kind: 'action_late', atMs: clock.nowMs(), phaseAtMs: dueMs, lateMs });
    }
    if (overflows) return;
    if (running >= MAX_RUNNING && action !== 'chat') waiting.push({ action, dueMs });
    else perform(action, dueMs);
  };
  const plan = (): void => {
    const entry = agenda.next();
    if (!entry || stopped) return;
    timer = clock.after(Math.max(0, entry.dueMs - clock.nowMs()), () => {
      if (stopped) return;
      plan();
      begin(entry.action, entry.dueMs);
    });
  };
  return {
    start: plan,
    stop() {
      stopped = true;
      timer?.();
      waiting.length = 0;
    },
  };
}
