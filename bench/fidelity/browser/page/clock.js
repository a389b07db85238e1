const TRIES = 20;

/**
 * How much the origin's monotonic clock is ahead of this page's `performance.now()`, ms: of several exchanges
 * the one with the smallest round trip, so that nothing but half of that is uncertain.
 */
export async function clockOffset() {
  let best = { offsetMs: 0, roundTripMs: Number.POSITIVE_INFINITY };
  for (let i = 0; i < TRIES; i++) {
    const sentMs = performance.now();
    const answer = await fetch('/clock', { cache: 'no-store' });
    const text = await answer.text();
    const gotMs = performance.now();
    const roundTripMs = gotMs - sentMs;
    if (roundTripMs < best.roundTripMs) best = { offsetMs: Number(text) - (sentMs + gotMs) / 2, roundTripMs };
  }
  return best;
}
