import type { RetryPolicy } from './profiles.js';

/**
 * The library's generic retry rule (player-model 1.2): timeouts and failed connections and 5xx are tried again,
 * 4xx are not. Delay of retry n is min(max, delay * 2^n); a timeout is retried at once.
 */
export interface Failure {
  readonly kind: 'http_status' | 'timeout' | 'network';
  readonly status?: number;
}

/**
 * Delay before the next try in ms, or undefined when the failure is final.
 *
 * @param triesSoFar failed tries of this kind before this one
 */
export function retryDelayMs(policy: RetryPolicy, failure: Failure, triesSoFar: number): number | undefined {
  if (failure.kind === 'timeout') return triesSoFar < policy.timeoutRetries ? 0 : undefined;
  if (failure.kind === 'http_status' && failure.status !== undefined && failure.status < 500)
    return undefined;
  if (triesSoFar >= policy.errorRetries) return undefined;
  return Math.min(policy.retryDelayMaxMs, policy.retryDelayMs * 2 ** triesSoFar);
}

/** Rounds an instant up to the next tick of a controller that began at `phaseMs`. */
export function nextTickAtMs(atMs: number, phaseMs: number, tickMs: number): number {
  return phaseMs + Math.ceil((atMs - phaseMs) / tickMs) * tickMs;
}
