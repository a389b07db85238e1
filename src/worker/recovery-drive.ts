import type { FaultNews } from '../scenarios/fault-plan.js';
import type { Cancel, Clock } from '../seams.js';
import type { VirtualUser } from '../virtual-user/virtual-user.js';

type Witness = Pick<VirtualUser, 'state' | 'faces' | 'recovers' | 'awaitsRooms' | 'callRoll'>;

const LOOK_EVERY_MS = 100;
/** The platform takes ten joins of a socket in ten seconds (contract 1.3). */
const ROLL_EVERY_MS = 1500;
/** As long as the rooms have to be populated again. */
const ROLL_MS = 15_000;

/**
 * Tells the viewers of one thread of planned faults, looks at them while one lasts and until all of them have told
 * what became of them, and has one of them call the roll: it joins its rooms once more, and whoever hears that is in
 * them. Between faults nothing runs.
 */
export class RecoveryDrive {
  readonly #clock: Clock;
  #witnesses: readonly Witness[] = [];
  #timer: Cancel | undefined;
  #rollFromMs: number | undefined;
  #rolledAtMs = Number.NEGATIVE_INFINITY;
  #caller: Witness | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param present viewers that are there now */
  take(news: FaultNews, present: readonly Witness[]): void {
    if (news.what === 'begins') {
      // Those of the fault before it may still have something to tell.
      this.#witnesses = [...new Set([...this.#witnesses, ...present])];
      const observer = present.find(({ state }) => state === 'watching');
      for (const viewer of present) viewer.faces(news, viewer === observer);
    } else {
      for (const viewer of this.#witnesses) viewer.faces(news, false);
      this.#rollFromMs = news.what === 'mended' ? this.#clock.nowMs() : undefined;
    }
    this.#arm();
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#witnesses = [];
    this.#caller = undefined;
  }

  #arm(): void {
    this.#timer ??= this.#clock.after(LOOK_EVERY_MS, () => {
      this.#timer = undefined;
      this.#look();
    });
  }

  #look(): void {
    const nowMs = this.#clock.nowMs();
    this.#witnesses = this.#witnesses.filter((viewer) => viewer.recovers(nowMs));
    if (this.#witnesses.length === 0) return;
    this.#callRoll(nowMs);
    this.#arm();
  }

  #callRoll(nowMs: number): void {
    const fromMs = this.#rollFromMs;
    if (fromMs === undefined || nowMs - fromMs > ROLL_MS || nowMs - this.#rolledAtMs < ROLL_EVERY_MS) return;
    if (!this.#witnesses.some(({ awaitsRooms }) => awaitsRooms)) return;
    this.#rolledAtMs = nowMs;
    // The same one again and again: who speaks to a room is in it by that, and proves nothing for itself.
    if (this.#caller?.callRoll() === true) return;
    this.#caller = this.#witnesses.find((viewer) => viewer !== this.#caller && viewer.callRoll());
  }
}
