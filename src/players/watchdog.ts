import type { PageLayer } from './profiles.js';

/** Less movement than this between two ticks counts as standing still. */
const STUCK_MS = 10;

/**
 * The page's stall watchdog (contract 4.4): from the first frame on, `stuckTicks` ticks without movement reload
 * the player; after `maxReloads` it gives up, which takes nothing from the player but its reloads: what comes all the
 * same is played. The count starts anew once playing was stable for a while. Pure.
 */
export class Watchdog {
  readonly #law: NonNullable<PageLayer['watchdog']>;
  #lastMediaMs: number | undefined;
  #stuck = 0;
  #reloads = 0;
  #movingSinceMs: number | undefined;
  #gaveUp = false;

  constructor(law: NonNullable<PageLayer['watchdog']>) {
    this.#law = law;
  }

  /** One tick at `nowMs` with the playhead at `mediaMs`; `back` = it moves although it was given up. */
  tick(nowMs: number, mediaMs: number): 'fine' | 'reload' | 'give_up' | 'back' {
    const moved = this.#lastMediaMs === undefined || Math.abs(mediaMs - this.#lastMediaMs) >= STUCK_MS;
    this.#lastMediaMs = mediaMs;
    if (moved) return this.#moved(nowMs);
    this.#movingSinceMs = undefined;
    this.#stuck += 1;
    if (this.#gaveUp || this.#stuck < this.#law.stuckTicks) return 'fine';
    this.#stuck = 0;
    if (this.#reloads >= this.#law.maxReloads) {
      this.#gaveUp = true;
      return 'give_up';
    }
    this.#reloads += 1;
    return 'reload';
  }

  #moved(nowMs: number): 'fine' | 'back' {
    this.#stuck = 0;
    this.#movingSinceMs ??= nowMs;
    if (nowMs - this.#movingSinceMs >= this.#law.stableResetMs) this.#reloads = 0;
    if (!this.#gaveUp) return 'fine';
    this.#gaveUp = false;
    return 'back';
  }
}
