import type { PageLayer } from './profiles.js';

/** Less movement than this between two ticks counts as standing still. */
const STUCK_MS = 10;

/**
 * The page's stall watchdog (contract 4.4): from the first frame on, `stuckTicks` ticks without movement reload
 * the player; after `maxReloads` it gives up; the count starts anew once playing was stable for a while. Pure.
 */
export class Watchdog {
  readonly #law: NonNullable<PageLayer['watchdog']>;
  #lastMediaMs: number | undefined;
  #stuck = 0;
  #reloads = 0;
  #movingSinceMs: number | undefined;
  #over = false;

  constructor(law: NonNullable<PageLayer['watchdog']>) {
    this.#law = law;
  }

  /** One tick at `nowMs` with the playhead at `mediaMs`. */
  tick(nowMs: number, mediaMs: number): 'fine' | 'reload' | 'give_up' {
    const moved = this.#lastMediaMs === undefined || Math.abs(mediaMs - this.#lastMediaMs) >= STUCK_MS;
    this.#lastMediaMs = mediaMs;
    if (this.#over) return 'fine';
    if (moved) {
      this.#stuck = 0;
      this.#movingSinceMs ??= nowMs;
      if (nowMs - this.#movingSinceMs >= this.#law.stableResetMs) this.#reloads = 0;
      return 'fine';
    }
    this.#movingSinceMs = undefined;
    this.#stuck += 1;
    if (this.#stuck < this.#law.stuckTicks) return 'fine';
    this.#stuck = 0;
    if (this.#reloads >= this.#law.maxReloads) {
      this.#over = true;
      return 'give_up';
    }
    this.#reloads += 1;
    return 'reload';
  }
}
