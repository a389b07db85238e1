import type { FaultNews, PlannedFault } from '../scenarios/fault-plan.js';
import { type FaultStep, faultWords } from '../scenarios/fault-step.js';
import type { Cancel, Clock } from '../seams.js';
import type { LifecycleEvent } from './lifecycle.js';

/** Makes one fault, and mends it. Both reject with words when they could not; what they resolve with is noted. */
export interface FaultDoer {
  begin(): Promise<string | undefined>;
  /** Called once after `begin`, however that ended, unless nothing was begun. */
  end(): Promise<string | undefined>;
}

export interface FaultRunnerDeps {
  readonly clock: Pick<Clock, 'nowMs' | 'after'>;
  readonly faults: readonly PlannedFault[];
  /** Names of faults whose time came under an earlier process of the run, or under none; absent = none did. */
  readonly past?: ReadonlySet<string>;
  doerOf(step: FaultStep): FaultDoer;
  note(event: LifecycleEvent): void;
  /** Tells all viewers. */
  tell(news: FaultNews): void;
}

/** Viewers hear of a fault so long before it begins: who is there then has faced it. */
export const ANNOUNCED_MS = 250;

interface Running {
  readonly doer: FaultDoer;
  /** Resolves when `begin` has ended, well or not. */
  readonly begun: Promise<void>;
  timer: Cancel | undefined;
  over: Promise<void> | undefined;
}

/**
 * Makes the faults of a plan at their times.
 *
 * | what happens | events.ndjson | viewers hear |
 * |---|---|---|
 * | 250 ms before it | - | begins |
 * | it was made | fault_started | - |
 * | it could not be made | fault_failed begin; what may be half done is undone | called_off |
 * | `for` later, mended | fault_ended | mended |
 * | it could not be mended | fault_failed end | called_off |
 * | the run is stopped while it lasts | fault_ended early | called_off |
 *
 * (fault-runner.test.ts repeats the table)
 */
export class FaultRunner {
  readonly #deps: FaultRunnerDeps;
  /** Of faults that are still to come, by name. */
  readonly #planned = new Map<string, Cancel>();
  /** Viewers have heard of it, or it was made. */
  readonly #announced = new Set<string>();
  readonly #running = new Map<number, Running>();
  #stopped = false;

  constructor(deps: FaultRunnerDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { past = [], faults } = this.#deps;
    for (const name of past) this.#announced.add(name);
    for (const fault of faults) if (!this.#announced.has(fault.step.name)) this.#plan(fault);
  }

  /** The plan was changed: what has not been announced comes at its new time, or not at all. */
  replan(faults: readonly PlannedFault[]): void {
    if (this.#stopped) return;
    for (const [name, cancel] of this.#planned) {
      if (this.#announced.has(name)) continue;
      cancel();
      this.#planned.delete(name);
    }
    for (const fault of faults) if (!this.#announced.has(fault.step.name)) this.#plan(fault);
  }

  /** Nothing is begun any more, and what lasts is mended now. Resolves when it is; never rejects. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#planned.values()) cancel();
    this.#planned.clear();
    await Promise.all([...this.#running].map(([index]) => this.#end(index, true)));
  }

  #plan({ step, fromMs }: PlannedFault): void {
    const { clock, faults, tell } = this.#deps;
    const { name, breaks, forMs, graceMs } = step;
    const index = faults.findIndex((fault) => fault.step.name === name);
    const later = (atMs: number, fn: () => void): void => {
      this.#planned.set(name, clock.after(Math.max(0, atMs - clock.nowMs()), fn));
    };
    later(fromMs - ANNOUNCED_MS, () => {
      this.#announced.add(name);
      tell({ what: 'begins', fault: { index, breaks, forMs, graceMs, fromMs } });
      later(fromMs, () => {
        this.#planned.delete(name);
        this.#begin(step, index);
      });
    });
  }

  #begin(step: FaultStep, index: number): void {
    const { clock, doerOf, note, tell } = this.#deps;
    const begunAtMs = clock.nowMs();
    const doer = doerOf(step);
    const { name, breaks } = step;
    const begun = doer.begin().then(
      (detail) => {
        const what = faultWords(step);
        note({ kind: 'fault_started', atMs: whole(begunAtMs), name, what, breaks, ...detailed(detail) });
        if (this.#stopped) return;
        running.timer = clock.after(step.forMs, () => void this.#end(index, false));
      },
      async (error: unknown) => {
        this.#running.delete(index);
        note({
          kind: 'fault_failed',
          atMs: whole(clock.nowMs()),
          name,
          breaks,
          at: 'begin',
          reason: words(error),
        });
        tell({ what: 'called_off', index });
        // It may be half done.
        await doer.end().catch(() => {});
      },
    );
    const running: Running = { doer, begun, timer: undefined, over: undefined };
    this.#running.set(index, running);
    this.#begunAtMs.set(index, begunAtMs);
  }

  readonly #begunAtMs = new Map<number, number>();

  /** Once per fault. */
  #end(index: number, early: boolean): Promise<void> {
    const running = this.#running.get(index);
    if (running === undefined) return Promise.resolve();
    running.over ??= this.#mend(index, running, early);
    return running.over;
  }

  async #mend(index: number, running: Running, early: boolean): Promise<void> {
    const { clock, faults, note, tell } = this.#deps;
    const { name, breaks } = (faults[index] as PlannedFault).step;
    await running.begun;
    running.timer?.();
    // It was never made.
    if (!this.#running.has(index)) return;
    try {
      const detail = await running.doer.end();
      const atMs = clock.nowMs();
      const begunAtMs = this.#begunAtMs.get(index) ?? atMs;
      note({
        kind: 'fault_ended',
        atMs: whole(atMs),
        name,
        ...(early ? { early } : {}),
        ...detailed(detail),
      });
      tell(early ? { what: 'called_off', index } : { what: 'mended', index, begunAtMs, atMs });
    } catch (error) {
      const reason = words(error);
      note({ kind: 'fault_failed', atMs: whole(clock.nowMs()), name, breaks, at: 'end', reason });
      tell({ what: 'called_off', index });
    }
    this.#running.delete(index);
  }
}

function detailed(detail: string | undefined): { readonly detail?: string } {
  return detail === undefined ? {} : { detail };
}

function whole(ms: number): number {
  return Math.round(ms);
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
