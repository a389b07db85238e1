import type { Protocol } from '../events.js';

/** One viewer's first sight of a segment. */
export interface Listing<P> {
  /** What the segment is known by: the capture of its keyframe, ms on the publisher's clock. */
  readonly captureEpochMs: number;
  /** From that capture to the list in which the viewer saw it, ms. */
  readonly afterMs: number;
  /** Of the report, run ms. */
  readonly atMs: number;
  readonly protocol: Protocol;
  /** Where it counts. */
  readonly phase: P;
}

/** Whoever has not seen a segment this long after the first one who did will hardly have seen it before. */
const SETTLE_MS = 10_000;
/** A live list has a handful of segments; this is a minute of the shortest. */
const MAX_OPEN = 256;

/**
 * Who of the viewers of one worker saw each segment first. A viewer sees a segment up to one reload of the list after
 * it was there; the earliest of many is close to when it was listed, and never before it. Memory: the segments of the
 * last seconds.
 */
export class FirstListings<P> {
  /** By capture time in whole ms; in the order in which the first viewer of each reported. */
  readonly #open = new Map<number, { firstAtMs: number; listing: Listing<P> }>();
  #full: Listing<P>[] = [];

  add(listing: Listing<P>): void {
    const key = Math.round(listing.captureEpochMs);
    const known = this.#open.get(key);
    if (known !== undefined) {
      if (listing.afterMs < known.listing.afterMs) known.listing = listing;
      return;
    }
    this.#open.set(key, { firstAtMs: listing.atMs, listing });
    if (this.#open.size > MAX_OPEN) this.#close(this.#open.entries().next().value);
  }

  /** Takes the segments that nobody will see earlier any more; with `all` every one. */
  take(nowMs: number, all = false): readonly Listing<P>[] {
    for (const entry of this.#open) if (all || entry[1].firstAtMs <= nowMs - SETTLE_MS) this.#close(entry);
    const taken = this.#full;
    this.#full = [];
    return taken;
  }

  #close(entry: readonly [number, { readonly listing: Listing<P> }] | undefined): void {
    if (entry === undefined) return;
    this.#open.delete(entry[0]);
    this.#full.push(entry[1].listing);
  }
}
