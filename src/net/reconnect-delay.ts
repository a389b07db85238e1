import type { Rng } from '../seams.js';

/** The part of the Socket.IO Manager's backoff that decides how long it waits; `attempts` counts from 0. */
interface Backoff {
  ms: number;
  max: number;
  factor: number;
  jitter: number;
  attempts: number;
  duration(): number;
}

/**
 * Makes a Manager wait by `rng` instead of chance that no seed fixes; the law stays the client library's own
 * (socket.io-client 4.8, contrib/backo2): delay x 2^attempt, away from it by up to `jitter`, then cut at the maximum.
 * @throws {Error} when this version of the client has no such backoff: waits by a seed would be pretended
 */
export function seedReconnectDelays(manager: object, rng: Rng): void {
  const { backoff } = manager as { backoff?: Backoff };
  if (typeof backoff?.duration !== 'function')
    throw new Error('socket.io-client keeps its backoff elsewhere');
  backoff.duration = () => {
    const plainMs = backoff.ms * backoff.factor ** backoff.attempts++;
    const drawn = rng.next();
    const deviationMs = Math.floor(drawn * backoff.jitter * plainMs);
    const isShorter = Math.floor(drawn * 10) % 2 === 0;
    return Math.floor(Math.min(plainMs + (isShorter ? -deviationMs : deviationMs), backoff.max));
  };
}
