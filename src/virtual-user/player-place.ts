import type { Cancel, Clock } from '../seams.js';
import type { StreamStatus } from './page-reads.js';

/** The page asks again this often while its stream is not live, beside its ordinary timer (contract 3.4). */
const NOT_LIVE_POLL_MS = 5000;
/** A stream that was live and is not any more is shown for so long, then the player goes (contract 3.4). */
const UNMOUNT_AFTER_MS = 10_000;
/** The page's ordinary timer for the status, where no agenda has it (contract 3.4). */
const STATUS_POLL_MS = 15_000;
/**
 * A picture that ended because the broadcaster is gone ends before the platform says so: it waits 45 s, and the page
 * asks every 15 s. A platform that still says LIVE after that has lost the viewer.
 */
const WORD_AFTER_MS = 45_000 + STATUS_POLL_MS;

export interface PlayerPlaceDeps {
  readonly clock: Clock;
  /** Its viewer asks for the status by itself all the time. */
  readonly isAskedFor: boolean;
  /** Asks for the status; the answer comes by `sawStatus`. */
  askStatus(): void;
  /** The stream is over: the player leaves the page. */
  unmountPlayer(): void;
  /** It is live again: a new player begins from its start. */
  mountPlayer(): void;
  /** The player is dead and the platform says that the stream is live: the page has no way back. */
  onLost(): void;
}

/**
 * The place of the player on the live page (contract 3.4, 4.4): whoever watches stays while the stream is over.
 *
 * | event | what becomes of the player |
 * |---|---|
 * | OFFLINE after LIVE, or `stream:ended` | the page asks each 5 s; 10 s later the player goes |
 * | LIVE again | it stays, or a new one comes |
 * | it died, the stream is over | the page waits for LIVE |
 * | it died, the stream is live | 60 s for the platform to say that it is over, then the viewer is lost |
 * | it died and never had a picture | the viewer is lost |
 * | it died, OFFLINE for less than 10 s, LIVE | the viewer is lost: this page mounts no new player |
 *
 * (player-place.test.ts repeats the table)
 */
export class PlayerPlace {
  readonly #deps: PlayerPlaceDeps;
  #wasLive = false;
  #isOver = false;
  #mounted = true;
  #dead = false;
  #stopped = false;
  #statusPoll: Cancel | undefined;
  #unmount: Cancel | undefined;
  #patience: Cancel | undefined;

  constructor(deps: PlayerPlaceDeps) {
    this.#deps = deps;
  }

  /** There is a player on the page. */
  get isMounted(): boolean {
    return this.#mounted;
  }

  /** The player is dead, and the platform has not said that the stream is over. */
  get isBlind(): boolean {
    return this.#dead && !this.#isOver;
  }

  /** No timer fires after it. */
  stop(): void {
    this.#stopped = true;
    this.#statusPoll?.();
    this.#unmount?.();
    this.#patience?.();
  }

  hadPicture(): void {
    this.#wasLive = true;
  }

  playerDied(): void {
    if (this.#stopped || this.#dead) return;
    this.#dead = true;
    if (this.#isOver) return;
    if (!this.#wasLive) {
      this.#lose();
      return;
    }
    this.#patience = this.#deps.clock.after(WORD_AFTER_MS, () => this.#lose());
    if (!this.#deps.isAskedFor) this.#askIn(STATUS_POLL_MS);
  }

  /** A player that was given up plays again. */
  playerIsBack(): void {
    this.#dead = false;
    this.#patience?.();
    if (!this.#isOver) this.#statusPoll?.();
  }

  streamEnded(): void {
    this.#wasLive = true;
    this.sawStatus('OFFLINE');
  }

  sawStatus(status: StreamStatus): void {
    if (this.#stopped) return;
    if (status === 'LIVE') {
      this.#isLive();
      return;
    }
    this.#isOver = true;
    this.#patience?.();
    this.#askIn(NOT_LIVE_POLL_MS);
    if (status !== 'OFFLINE' || !this.#wasLive || !this.#mounted) return;
    this.#unmount ??= this.#deps.clock.after(UNMOUNT_AFTER_MS, () => this.#setMounted(false));
  }

  #isLive(): void {
    const wasOver = this.#isOver;
    this.#wasLive = true;
    this.#isOver = false;
    this.#statusPoll?.();
    this.#unmount?.();
    this.#unmount = undefined;
    if (!this.#mounted) this.#setMounted(true);
    else if (this.#dead && wasOver) this.#lose();
    else if (this.#dead && !this.#deps.isAskedFor) this.#askIn(STATUS_POLL_MS);
  }

  #askIn(ms: number): void {
    this.#statusPoll?.();
    this.#statusPoll = this.#deps.clock.after(ms, () => {
      // An answer that does not come is no word of the platform: it is asked again.
      this.#askIn(ms);
      this.#deps.askStatus();
    });
  }

  #setMounted(mounted: boolean): void {
    this.#mounted = mounted;
    this.#unmount = undefined;
    this.#dead = false;
    if (mounted) this.#deps.mountPlayer();
    else this.#deps.unmountPlayer();
  }

  #lose(): void {
    this.stop();
    this.#deps.onLost();
  }
}
