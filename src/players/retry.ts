import type { RetryPolicy } from './profiles.js';

/** How a request failed. `network` = no answer, or one that broke off: the browser calls that status 0. */
export interface Failure {
  readonly kind: 'http_status' | 'timeout' | 'network';
  readonly status?: number;
}

/**
 * The library's generic rule (player-model 1.2): timeouts are tried again at once, 5xx after min(max, delay * 2^n).
 * A 4xx is not tried again, nor is a failed connection: without a status the library cannot know why. Undefined
 * when the failure is final.
 *
 * @param triesSoFar failed tries before this one
 */
export function retryDelayMs(policy: RetryPolicy, failure: Failure, triesSoFar: number): number | undefined {
  if (failure.kind === 'timeout') return triesSoFar < policy.timeoutRetries ? 0 : undefined;
  if (failure.status === undefined || failure.status < 500) return undefined;
  return triesSoFar < policy.errorRetries ? ladderMs(policy, triesSoFar) : undefined;
}

/**
 * The rule for reloads of a playlist with one level: there is no other one to go to, so any error is tried again
 * until the retries are used up.
 */
export function listRetryDelayMs(
  policy: RetryPolicy,
  failure: Failure,
  triesSoFar: number,
): number | undefined {
  if (failure.kind === 'timeout') return triesSoFar < policy.timeoutRetries ? 0 : undefined;
  return triesSoFar < policy.errorRetries ? ladderMs(policy, triesSoFar) : undefined;
}

/** Delay before retry number `triesSoFar`, from 0: min(max, delay * 2^n), ms. */
export function ladderMs(policy: RetryPolicy, triesSoFar: number): number {
  return Math.min(policy.retryDelayMaxMs, policy.retryDelayMs * 2 ** triesSoFar);
}

/** Rounds an instant up to the next tick of a controller that began at `phaseMs`. */
export function nextTickAtMs(atMs: number, phaseMs: number, tickMs: number): number {
  return phaseMs + Math.ceil((atMs - phaseMs) / tickMs) * tickMs;
}
