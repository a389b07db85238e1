import type { Box, BoxNews, RecordName } from '../cluster/box.js';
import type { BoxShare, BoxWork } from '../cluster/protocol.js';
import type { FromWorker, ToWorker } from '../protocol.js';
import { dealToBoxes, dealtWrongly } from '../scenarios/box-shares.js';
import { type Plan, share } from '../scenarios/plan.js';
import type { ViewerIdentity } from '../target.js';
import type { Fleet } from './fleet.js';
import type { Intake } from './intake.js';
import { threadsOf } from './local-box.js';
import { StoppedBeforeStart } from './stop-signals.js';

export interface BoxesDeps {
  readonly fleet: Pick<Fleet, 'open' | 'remote'>;
  /** Called once, when more boxes are lost than may be; takes why. */
  onTooManyLost(reason: string): void;
  readonly intake: Intake;
  /** Run time; 0 before the start. */
  atMs(): number;
}

/** Whom the boxes are to bring. */
export interface Crowd {
  readonly config: { readonly maxVus: number };
  readonly plan: Pick<Plan, 'protocolOf' | 'vus'>;
  /** One per VU; absent entries and a short list are guests. */
  readonly identities: readonly ViewerIdentity[];
}

/** All load boxes of a run as one: each order goes to each of them, and all they say is taken in here. */
export class Boxes {
  /** Resolves when every box is done; once all were asked to leave, lost ones are waited for no more. Never rejects. */
  readonly done: Promise<void>;
  readonly #deps: BoxesDeps;
  readonly #boxes: readonly Box[];
  readonly #shares = new Map<string, BoxShare>();
  /** Boxes that are lost, and why. */
  readonly #lost = new Map<string, string>();
  readonly #finished = new Set<string>();
  #tooMany = false;
  #leaving = false;
  #over: () => void = () => {};

  constructor(deps: BoxesDeps) {
    this.#deps = deps;
    this.#boxes = deps.fleet.open({
      onMessage: (...said) => this.#take(...said),
      onDied: (...said) => this.#died(...said),
      onState: (box, news) => this.#news(box, news),
    });
    this.done = new Promise((resolve) => {
      this.#over = resolve;
    });
    for (const { id, done } of this.#boxes) {
      void done.then(() => {
        this.#finished.add(id);
        this.#endIfOver();
      });
    }
  }

  /**
   * Deals the viewers, and waits until all threads of all boxes stand ready.
   * @throws {BoxRefused} when one does not take its work
   * @throws {StoppedBeforeStart} when `stop` resolves before
   */
  async prepare(work: BoxWork, crowd: Crowd, stop: Promise<string>): Promise<void> {
    const shares = sharesOf(this.#boxes, crowd);
    const { remote } = this.#deps.fleet;
    if (remote !== undefined) await remote.begin();
    const ready = this.#boxes.map((box, i) => {
      const share = shares[i] ?? { viewers: [] };
      this.#shares.set(box.id, share);
      return box.prepare(work, share);
    });
    const stopped = stop.then((signal) => {
      throw new StoppedBeforeStart(signal);
    });
    const standing = Promise.all(ready).then(() => remote?.stand());
    await Promise.race([standing, stopped]);
  }

  /**
   * Goes on with boxes that have their work from a process of the coordinator that is gone; `lost` are those that it had
   * lost, and why.
   */
  async takeUp(crowd: Crowd, lost: ReadonlyMap<string, string>): Promise<void> {
    const shares = sharesOf(this.#boxes, crowd);
    for (const [i, { id }] of this.#boxes.entries()) this.#shares.set(id, shares[i] ?? { viewers: [] });
    for (const [box, reason] of lost) this.#lost.set(box, reason);
    await this.#deps.fleet.remote?.begin();
    for (const [box, reason] of [...lost].slice(-1)) this.#count(box, reason);
  }

  send(message: ToWorker): void {
    for (const box of this.#boxes) box.send(message);
    if (message.kind !== 'leave') return;
    this.#leaving = true;
    this.#endIfOver();
  }

  async destroy(): Promise<void> {
    await Promise.all(this.#boxes.map((box) => box.destroy()));
  }

  #endIfOver(): void {
    const isOver = ({ id }: Box): boolean => this.#finished.has(id) || (this.#leaving && this.#lost.has(id));
    if (this.#boxes.every(isOver)) this.#over();
  }

  #take(box: string, worker: number, message: FromWorker, record?: RecordName): void {
    const { intake, atMs } = this.#deps;
    try {
      intake.take(worker, message, this.#many(box), record);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      const who = this.#many(box) === undefined ? `worker ${worker}` : `worker ${worker} of box ${box}`;
      const reason = `${who} sent what cannot be read: ${words}`;
      intake.note({ kind: 'own_fault', atMs: atMs(), reason }, box, record);
    }
  }

  #died(box: string, worker: number, reason: string, record?: RecordName): void {
    const { intake, atMs } = this.#deps;
    const vus = this.#workerVus(box, worker);
    const named = this.#many(box);
    const who = named === undefined ? {} : { box: named };
    intake.note({ kind: 'worker_died', atMs: atMs(), worker, vus, reason, ...who }, box, record);
  }

  #news(box: string, { state, reason }: BoxNews): void {
    const { intake, atMs } = this.#deps;
    // It was told of by the process of the coordinator that went before.
    if (state === 'lost' && this.#lost.get(box) === reason) return;
    const vus = this.#shares.get(box)?.viewers.length ?? 0;
    intake.note({ kind: 'box_state', atMs: atMs(), box, state, vus, reason });
    if (state === 'lost') this.#lost.set(box, reason);
    else if (state === 'back') this.#lost.delete(box);
    this.#endIfOver();
    this.#count(box, reason);
  }

  /** Looks whether more are lost than may be; `box` was the last one. */
  #count(box: string, reason: string): void {
    const { fleet, onTooManyLost } = this.#deps;
    const { tolerated = 0 } = fleet.remote ?? {};
    if (this.#tooMany || this.#lost.size <= tolerated) return;
    this.#tooMany = true;
    const more = tolerated === 0 ? '' : ` (${this.#lost.size} boxes are lost, ${tolerated} may be)`;
    onTooManyLost(`box ${box} was lost: ${reason}${more}`);
  }

  /** The box's name, where boxes have names. */
  #many(box: string): string | undefined {
    return this.#deps.fleet.remote === undefined ? undefined : box;
  }

  /** What came of each box goes with the events: a verdict made from the folder knows it, too. */
  noteFigures(): void {
    const { intake, atMs, fleet } = this.#deps;
    for (const { id } of this.#boxes) {
      const figures = fleet.remote?.figures(id);
      if (figures !== undefined) intake.note({ kind: 'box_figures', atMs: atMs(), box: id, ...figures });
    }
  }

  #workerVus(id: string, worker: number): number {
    const box = this.#boxes.find((one) => one.id === id);
    const viewers = this.#shares.get(id)?.viewers.length ?? 0;
    return box === undefined ? 0 : share(viewers, worker, threadsOf(box.facts, viewers));
  }
}

/**
 * Each box's viewers with their accounts.
 * @throws {Error} when they cannot be dealt: a run must not begin like that
 */
export function sharesOf(
  boxes: readonly Pick<Box, 'id' | 'facts'>[],
  { config, plan, identities }: Crowd,
): BoxShare[] {
  const dealt = dealToBoxes(
    config.maxVus,
    boxes.map(({ facts }) => facts),
    plan.protocolOf,
  );
  if ('room' in dealt) throw new Error(`the boxes take ${dealt.room} viewers, of ${dealt.wanted}`);
  const shares = dealt.map((vus) => ({
    viewers: vus.map((vu) => {
      const identity = identities[vu];
      return identity ? { vu, identity } : { vu };
    }),
  }));
  const wrong = dealtWrongly(
    config.maxVus,
    shares.map(({ viewers }, i) => ({
      box: boxes[i]?.id ?? '',
      viewers: viewers.map(({ vu, identity }) => ({ vu, user: identity?.userId })),
    })),
  );
  if (wrong !== undefined) throw new Error(wrong);
  return shares;
}
