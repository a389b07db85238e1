import type { MessagePort } from 'node:worker_threads';
import type { ClockState } from './clock/clock-state.js';
import type { PlayerProfileName } from './players/page-profiles.js';
import type { Behaviour } from './scenarios/behaviour.js';
import type { FaultNews } from './scenarios/fault-plan.js';
import type { PlanChange } from './scenarios/live-plan.js';
import type { Mix, Profile } from './scenarios/profile.js';
import type { Tick } from './stats/tick.js';
import type { TroubledVus } from './stats/troubled.js';
import type { Target, ViewerIdentity } from './target.js';

/**
 * Every message between the main thread and its workers. Both ends are ours and of one version, so the types are
 * the contract; what comes back from disk is checked when it is read (see `decodeTick`).
 */

/** One VU of a worker and its account. */
export interface OwnVu {
  readonly vu: number;
  /** Absent = a guest: watches, cannot chat or shop. */
  readonly identity?: ViewerIdentity;
}

/** What a worker is started with: the argument of its one long task. */
export interface WorkerTask {
  /** Name of the load box; `local` for a run on one machine. */
  readonly box: string;
  /** Within its box, from 0. */
  readonly worker: number;
  readonly workers: number;
  readonly profile: Profile;
  /** VUs of the whole run, as it was planned. */
  readonly vus: number;
  /** VUs of the whole run with an account: those who can write. */
  readonly users: number;
  /** The plan may change while the run goes: nobody knows yet when a viewer will leave. */
  readonly live?: boolean;
  readonly seed: number;
  readonly mix: Mix;
  readonly behaviour: Behaviour;
  readonly playerProfile: PlayerProfileName;
  readonly own: readonly OwnVu[];
  readonly target: Target;
  readonly allowTargets: readonly string[];
  /** Any TLS certificate is accepted. */
  readonly insecure: boolean;
  /** Addresses of this machine: VU n connects from the n-th, in turn; empty = the system chooses. */
  readonly localIps: readonly string[];
  /** Chat and cart may be used. */
  readonly writes: boolean;
  /** Viewers empty their carts when they leave: the platform stays when the run is over. */
  readonly emptiesCarts: boolean;
  /** Signs new access tokens; absent = the platform renews them. In memory only: no message or file carries it on. */
  readonly jwtSecret?: string;
  /** What is known of the publisher's clock so far. */
  readonly publisherClock: ClockState;
  /** Shared by all workers: one Int32 per worker, how many of its viewers stand in the chat room. */
  readonly roster: SharedArrayBuffer;
  /** Marks this run's chat messages; different from every other run's. */
  readonly runId: string;
  /** VUs of the whole run whose every step is written down; empty = nobody's. */
  readonly traced: readonly number[];
  /** For `ToWorker` and `FromWorker` messages; transferred. */
  readonly port: MessagePort;
}

/** This machine's clock beside that of the coordinator, on which all boxes of a run date what they tell. */
export interface OwnClock {
  /** To be added to the machine's clock to read the run's, ms. */
  readonly offsetMs: number;
  /** Greatest error of it, ms. */
  readonly uncertaintyMs: number;
}

/** Main thread -> worker. */
export type ToWorker =
  /** Begin: run time 0 is at this instant of the wall clock, the same for every worker; it lies a little ahead. */
  | {
      readonly kind: 'start';
      /** On this machine's clock. */
      readonly startEpochMs: number;
      /** Absent = the run's clock is this machine's. */
      readonly ownClock?: OwnClock;
    }
  /** How this machine's clock stands to the run's now. */
  | { readonly kind: 'own_clock'; readonly ownClock: OwnClock }
  /** What is known of the publisher's clock now; `steppedMs`: it or ours was set since the last time. */
  | { readonly kind: 'publisher_clock'; readonly state: ClockState; readonly steppedMs?: number }
  /** From an instant of run time on the plan is another one; it lies a little ahead, so that all change together. */
  | { readonly kind: 'replan'; readonly change: PlanChange }
  /** Something is broken on purpose, or mended. */
  | { readonly kind: 'fault'; readonly news: FaultNews }
  /** Leave now: every viewer closes its page, the last tick is sent, the task ends. */
  | { readonly kind: 'leave' };

/** Worker -> main thread. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'tick'; readonly tick: Tick }
  /** Lines of the trace of one VU, as they are to be written. */
  | { readonly kind: 'trace'; readonly vu: number; readonly lines: readonly string[] }
  /** Who had trouble in the interval of the tick that follows; bounded per kind. */
  | { readonly kind: 'troubled'; readonly fromMs: number; readonly toMs: number; readonly vus: TroubledVus }
  /** Something worth a line in events.ndjson. Bounded per kind by the worker. */
  | {
      readonly kind: 'notable';
      readonly what: string;
      readonly atMs: number;
      readonly vu?: number;
      readonly detail?: string;
    };

/** What a worker's task returns once it is drained. */
export interface WorkerResult {
  readonly worker: number;
  readonly ticks: number;
}
