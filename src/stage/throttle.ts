/**
 * The platform's HTTP throttle (contract 3.2): three fixed windows per route and `session_id` cookie. A request
 * without the cookie is never throttled, as on the real platform.
 */
import { FixedWindow } from './fixed-window.js';

export interface ThrottleLimits {
  /** Calls per 1 s, 10 s and 60 s. */
  readonly short: number;
  readonly medium: number;
  readonly long: number;
}

export interface ThrottleAnswer {
  readonly blocked: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

const WINDOWS_MS = { short: 1000, medium: 10_000, long: 60_000 } as const;
const NAMES = ['short', 'medium', 'long'] as const;
/** Beyond this many trackers those whose windows are all over are forgotten. */
const SWEEP_ABOVE = 20_000;

export class Throttle {
  readonly #limits: ThrottleLimits;
  readonly #trackers = new Map<string, Record<(typeof NAMES)[number], FixedWindow>>();

  constructor(limits: ThrottleLimits) {
    this.#limits = limits;
  }

  /** Counts one call. `skipShort`: routes that have no window of 1 s. */
  take(route: string, tracker: string, nowMs: number, skipShort: boolean): ThrottleAnswer {
    const windows = this.#windowsOf(`${route} ${tracker}`, nowMs);
    const headers: Record<string, string> = {};
    let blocked = false;
    for (const name of NAMES) {
      if (name === 'short' && skipShort) continue;
      const window = windows[name];
      const allowed = window.take(nowMs);
      const reset = String(window.resetSeconds(nowMs));
      headers[`X-RateLimit-Limit-${name}`] = String(this.#limits[name]);
      headers[`X-RateLimit-Remaining-${name}`] = String(window.remaining);
      headers[`X-RateLimit-Reset-${name}`] = reset;
      if (allowed) continue;
      blocked = true;
      return { blocked, headers: { [`Retry-After-${name}`]: reset } };
    }
    return { blocked, headers };
  }

  #windowsOf(key: string, nowMs: number): Record<(typeof NAMES)[number], FixedWindow> {
    let windows = this.#trackers.get(key);
    if (windows === undefined) {
      this.#sweep(nowMs);
      windows = {
        short: new FixedWindow(this.#limits.short, WINDOWS_MS.short),
        medium: new FixedWindow(this.#limits.medium, WINDOWS_MS.medium),
        long: new FixedWindow(this.#limits.long, WINDOWS_MS.long),
      };
      this.#trackers.set(key, windows);
    }
    return windows;
  }

  #sweep(nowMs: number): void {
    if (this.#trackers.size < SWEEP_ABOVE) return;
    for (const [key, windows] of this.#trackers) if (windows.long.isOver(nowMs)) this.#trackers.delete(key);
    if (this.#trackers.size >= SWEEP_ABOVE) this.#trackers.clear();
  }
}
