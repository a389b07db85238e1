import type { Cancel, Clock } from '../seams.js';

export interface LagProbeOptions {
  readonly clock: Clock;
  /** Every wake-up: how late it was, ms. */
  onDelay(delayMs: number, atMs: number): void;
  /** The event loop was held up: once per episode, when it is over. Run milliseconds. */
  onEpisode(fromMs: number, toMs: number): void;
}

const EVERY_MS = 20;
/** Shorter delays are normal scheduling and cannot make a viewer's picture stop. */
const EPISODE_MIN_MS = 30;

/** Measures how late this thread's event loop runs, by a timer that knows when it should have fired. */
export function startLagProbe({ clock, onDelay, onEpisode }: LagProbeOptions): Cancel {
  let cancel: Cancel = () => {};
  let stopped = false;
  const arm = (): void => {
    const dueMs = clock.nowMs() + EVERY_MS;
    cancel = clock.after(EVERY_MS, () => {
      if (stopped) return;
      const nowMs = clock.nowMs();
      const delayMs = Math.max(0, nowMs - dueMs);
      onDelay(delayMs, nowMs);
      if (delayMs > EPISODE_MIN_MS) onEpisode(dueMs, nowMs);
      arm();
    });
  };
  arm();
  return () => {
    stopped = true;
    cancel();
  };
}
