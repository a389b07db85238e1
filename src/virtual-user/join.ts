import type { EmitEvent } from '../events.js';
import type { Cancel, Clock, Namespace } from '../seams.js';

/** How long the platform is given to confirm a join; it may still come later. */
export const JOIN_PATIENCE_MS = 5000;
/** A join that has waited this long when the viewer leaves is reported, so that leaving hides none. */
const UNCONFIRMED_MS = 1000;

export interface JoinDeps {
  readonly clock: Clock;
  readonly emit: EmitEvent;
  readonly namespace: Namespace;
  /**
   * What a join without a confirmation is. `lost`: it was sent as the page sends it, perhaps before the platform
   * listened, and nothing repeats it. `failed`: it was sent after the platform said that it listens.
   */
  readonly unconfirmedIs: 'lost' | 'failed';
}

/**
 * The joins of one namespace of one viewer, one after the other. Each is reported as an attempt when it is known what
 * became of it, in the phase in which it was sent: one that the viewer itself leaves behind is nobody's failure.
 */
export class Join {
  private readonly deps: JoinDeps;
  private sentAtMs: number | undefined;
  private patience: Cancel | undefined;
  private overdue = false;

  constructor(deps: JoinDeps) {
    this.deps = deps;
  }

  /** A join was sent. */
  sent(atMs: number): void {
    this.drop();
    this.sentAtMs = atMs;
    this.overdue = false;
    this.patience = this.deps.clock.after(JOIN_PATIENCE_MS, () => this.unconfirmed());
  }

  /** The platform confirmed it; one that comes after the patience is no second report. */
  confirmed(atMs: number): void {
    const { sentAtMs, overdue } = this;
    this.drop();
    if (sentAtMs === undefined || overdue) return;
    const { emit, namespace } = this.deps;
    const sinceAttemptMs = atMs - sentAtMs;
    emit({ kind: 'join_confirmed', atMs, phaseAtMs: sentAtMs, namespace, sinceAttemptMs });
  }

  /** The session is over: nobody waits any more. */
  drop(): void {
    this.count();
    this.forget();
  }

  /** The viewer leaves. */
  leave(): void {
    const waitedMs = this.sentAtMs === undefined ? 0 : this.deps.clock.nowMs() - this.sentAtMs;
    if (waitedMs >= UNCONFIRMED_MS && !this.overdue) this.unconfirmed();
    this.forget();
  }

  /** Once per join. */
  private count(): void {
    const { sentAtMs, overdue } = this;
    if (sentAtMs === undefined || overdue) return;
    const { clock, emit, namespace } = this.deps;
    emit({ kind: 'join_attempt', atMs: clock.nowMs(), phaseAtMs: sentAtMs, namespace });
  }

  private forget(): void {
    this.patience?.();
    this.sentAtMs = undefined;
  }

  private unconfirmed(): void {
    const { clock, emit, namespace, unconfirmedIs } = this.deps;
    const atMs = clock.nowMs();
    const phase = this.sentAtMs === undefined ? {} : { phaseAtMs: this.sentAtMs };
    this.count();
    this.overdue = true;
    if (unconfirmedIs === 'lost') emit({ kind: 'join_lost', atMs, ...phase, namespace });
    else emit({ kind: 'socket_failed', atMs, ...phase, namespace, reason: 'join_timeout' });
  }
}
