/** What a viewer's time went into. */
export type WallShare = 'joining' | 'played' | 'stalled' | 'microWait' | 'seeking' | 'ended';

/** Spans of each share, ms. */
export type WallShares = Record<WallShare, number>;

interface Stretch {
  share: WallShare;
  fromMs: number;
  toMs: number;
}

/** A wait is undecided until it is known how long it gets. */
type Running = WallShare | 'undecided';

/** Stretches that are decided and not given out yet; more are folded into the sums. */
const MAX_STRETCHES = 32;

/**
 * Where each millisecond of a session went, once: the shares that `take` gives out add up to the time since
 * `begin`, a wait of undecided kind excepted until it is decided. A turn may lie a little in the future (`playing`
 * follows the data that caused it); a later turn before that one takes its place. Pure, O(1), instants in run ms.
 */
export class WallTime {
  #running: Running | undefined;
  #sinceMs = 0;
  #stretches: Stretch[] = [];
  #folded = zero();

  /** The session begins: the viewer joins from now on. Later calls do nothing. */
  begin(atMs: number): void {
    if (this.#running !== undefined) return;
    this.#running = 'joining';
    this.#sinceMs = atMs;
  }

  /** From `atMs` on time goes into `next`; what ran before is `was`, if that was undecided. */
  turn(next: Running, atMs: number, was: WallShare = 'played'): void {
    const running = this.#running;
    if (running === undefined) return;
    if (atMs < this.#sinceMs) this.#cut(atMs);
    else this.#add(running === 'undecided' ? was : running, this.#sinceMs, atMs);
    this.#running = next;
    this.#sinceMs = atMs;
  }

  /** A wait that still runs has become long enough to be a stall. */
  decide(share: WallShare): void {
    if (this.#running === 'undecided') this.#running = share;
  }

  /** What was decided up to `nowMs` and not given out before. */
  take(nowMs: number): WallShares {
    const shares = this.#folded;
    this.#folded = zero();
    for (const stretch of this.#stretches) {
      const toMs = Math.min(stretch.toMs, nowMs);
      if (toMs <= stretch.fromMs) continue;
      shares[stretch.share] += toMs - stretch.fromMs;
      stretch.fromMs = toMs;
    }
    this.#stretches = this.#stretches.filter(({ fromMs, toMs }) => toMs > fromMs);
    const running = this.#running;
    if (running !== undefined && running !== 'undecided' && nowMs > this.#sinceMs) {
      shares[running] += nowMs - this.#sinceMs;
      this.#sinceMs = nowMs;
    }
    return shares;
  }

  #add(share: WallShare, fromMs: number, toMs: number): void {
    const last = this.#stretches.at(-1);
    if (last?.share === share && last.toMs === fromMs) last.toMs = toMs;
    else if (toMs > fromMs) this.#stretches.push({ share, fromMs, toMs });
    if (this.#stretches.length > MAX_STRETCHES) {
      const oldest = this.#stretches.shift() as Stretch;
      this.#folded[oldest.share] += oldest.toMs - oldest.fromMs;
    }
  }

  /** A turn that lay in the future did not come about from `atMs` on. */
  #cut(atMs: number): void {
    for (const stretch of this.#stretches) stretch.toMs = Math.min(stretch.toMs, atMs);
    this.#stretches = this.#stretches.filter(({ fromMs, toMs }) => toMs > fromMs);
  }
}

function zero(): WallShares {
  return { joining: 0, played: 0, stalled: 0, microWait: 0, seeking: 0, ended: 0 };
}
