import type { FaultClass } from '../events.js';
import { FAULT_CLASSES } from '../scenarios/fault-step.js';
import type { LifecycleEvent } from './lifecycle.js';

/** What became of one fault of a run. */
export interface FaultRecord {
  readonly name: string;
  readonly breaks: FaultClass;
  /** In words; absent when it never began. */
  readonly what?: string;
  readonly begunAtMs?: number;
  /** Absent = it was not mended, as far as the run knows. */
  readonly endedAtMs?: number;
  /** The run ended before its time. */
  readonly early?: true;
  /** Why it could not be made, or not be mended. */
  readonly failed?: string;
  /** Mended by the supervisor of a run that was gone; `false` = it could not. */
  readonly undone?: boolean;
}

type FaultEvent = Extract<LifecycleEvent, { readonly name: string }>;

/** A profile has fewer. */
const MAX_FAULTS = 200;

/** Makes records of the lifecycle events of faults. A fault that ends without a begin is no fault of ours. */
export class FaultHistory {
  readonly #faults = new Map<string, FaultRecord>();

  add(event: FaultEvent): void {
    const { name, atMs } = event;
    // A line of a damaged file is nothing that happened.
    if (typeof name !== 'string' || !Number.isFinite(atMs)) return;
    if ('breaks' in event && !FAULT_CLASSES.includes(event.breaks)) return;
    const known = this.#faults.get(name);
    if (known === undefined && this.#faults.size >= MAX_FAULTS) return;
    switch (event.kind) {
      case 'fault_started':
        this.#faults.set(name, { name, breaks: event.breaks, what: event.what, begunAtMs: atMs });
        break;
      case 'fault_failed':
        this.#faults.set(name, { ...known, name, breaks: event.breaks, failed: event.reason });
        break;
      case 'fault_ended':
        if (known)
          this.#faults.set(name, { ...known, endedAtMs: atMs, ...(event.early ? { early: true } : {}) });
        break;
      case 'fault_undone':
        if (known)
          this.#faults.set(name, { ...known, undone: event.ok, ...(event.ok ? { endedAtMs: atMs } : {}) });
        break;
    }
  }

  records(): readonly FaultRecord[] {
    return [...this.#faults.values()];
  }
}
