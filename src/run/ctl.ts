import type { RunConfig } from '../config.js';
import { gaugeNow } from '../stats/merge.js';
import type { CtlOrder, CtlStatus } from './ctl-orders.js';
import { type CtlServer, startCtlServer } from './ctl-server.js';
import type { Wheel } from './live-run.js';

/** Takes the orders of `dorami-load ctl` for one run. */
export interface Ctl {
  /** Run time has begun. */
  steer(wheel: Wheel): void;
  /** All are leaving already. */
  leaving(): void;
  /** Resolves with words when somebody orders to stop. */
  readonly stop: Promise<string>;
  close(): Promise<void>;
}

/**
 * Begins to listen, if the run was asked to; a machine that does not let it is told to `onFailure`, and the run goes
 * on without.
 */
export async function openCtl(
  config: RunConfig,
  folder: string,
  onFailure: (words: string) => void,
): Promise<Ctl | undefined> {
  if (!config.ctl) return undefined;
  const desk = new Desk(config);
  let server: CtlServer;
  try {
    server = await startCtlServer(folder, (order) => desk.take(order));
  } catch (error) {
    onFailure(`--ctl: cannot listen: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
    return undefined;
  }
  return {
    steer: (wheel) => desk.begin(wheel),
    leaving: () => desk.leave(),
    stop: desk.stop,
    close: () => server.close(),
  };
}

/** What the verdict calls an order to stop. */
const STOP_WORDS = 'ctl stop';

class Desk {
  readonly stop: Promise<string>;
  readonly #config: RunConfig;
  #wheel: Wheel | undefined;
  #leaving = false;
  #orderStop: (words: string) => void = () => {};

  constructor(config: RunConfig) {
    this.#config = config;
    this.stop = new Promise((resolve) => {
      this.#orderStop = resolve;
    });
  }

  begin(wheel: Wheel): void {
    this.#wheel = wheel;
  }

  leave(): void {
    this.#leaving = true;
  }

  take(order: CtlOrder): { readonly status: CtlStatus } | { readonly refused: string } {
    if (order.kind === 'status') return { status: this.#status() };
    if (this.#leaving) return { refused: 'all viewers are leaving already' };
    if (order.kind === 'stop') {
      this.#leaving = true;
      this.#orderStop(STOP_WORDS);
      return { status: { done: 'stopped: all leave now', ...this.#status() } };
    }
    const plan = this.#wheel?.plan;
    if (plan === undefined) return { refused: 'the first viewer has not come yet' };
    const refused = this.#ownPace(order.kind);
    if (refused !== undefined) return { refused };
    const result = order.kind === 'scale' ? plan.scale(order.vus) : plan[order.kind]();
    return 'refused' in result ? result : { status: { done: result.done, ...this.#status() } };
  }

  /** Why a profile sets its number of viewers, or its time, itself. */
  #ownPace(order: 'pause' | 'resume' | 'scale'): string | undefined {
    const { name, steps, faults = [] } = this.#config.profile;
    if (steps !== undefined) return `${name} finds its own number of viewers: stop and status go`;
    if (order === 'scale' || faults.length === 0) return undefined;
    return `${name} breaks things at its own times, which do not wait: scale, stop and status go`;
  }

  #status(): CtlStatus {
    const { profile, maxVus } = this.#config;
    const totals = this.#wheel?.intake.totals;
    const nowMs = this.#wheel?.clock.nowMs() ?? -1;
    const plan = this.#wheel?.plan.at(Math.max(0, nowMs));
    const begun = nowMs >= 0;
    return {
      profile: profile.name,
      state: this.#leaving ? 'leaving' : !begun ? 'waiting' : plan?.isPaused ? 'paused' : 'running',
      phase: begun ? (plan?.phase ?? '') : '',
      atMs: Math.max(0, Math.round(nowMs)),
      totalMs: Math.round(plan?.totalMs ?? 0),
      wanted: this.#leaving || !begun ? 0 : (plan?.wanted ?? 0),
      joined: (totals && gaugeNow(totals, 'vus_joined_count')) ?? 0,
      watching: (totals && gaugeNow(totals, 'vus_watching_count')) ?? 0,
      maxVus,
    };
  }
}
