import type { HlsProfile } from './profiles.js';
import { type Failure, ladderMs, retryDelayMs } from './retry.js';

/** What the HLS library does about a segment of a live list that did not come. */
export type AfterFailure =
  | { readonly kind: 'retry'; readonly delayMs: number }
  /** The segment is given up; the next one is asked for at once. */
  | { readonly kind: 'gap' }
  /** Loading stops. */
  | { readonly kind: 'fatal' };

/**
 * Decides by the rules of the library's version, with one level (player-model 1.7).
 *
 * @param triesSoFar tries of any segment that failed since one came, this one not counted
 * @param isNewest it is the last one of the list
 */
export function afterFailure(
  { segmentPolicy, lostSegment }: HlsProfile,
  failure: Failure,
  triesSoFar: number,
  isNewest: boolean,
): AfterFailure {
  const delayMs = retryDelayMs(segmentPolicy, failure, triesSoFar);
  if (delayMs !== undefined) return { kind: 'retry', delayMs };
  if (!lostSegment.newestIsRetried || !isNewest) return { kind: 'gap' };
  if (triesSoFar >= segmentPolicy.errorRetries) return { kind: 'fatal' };
  return { kind: 'retry', delayMs: ladderMs(segmentPolicy, triesSoFar) };
}
