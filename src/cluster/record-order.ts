/** A record as far as its order matters. */
export interface Numbered {
  /** From 1, without a gap, in the order in which the box said it. */
  readonly seq: number;
  /** This one stands for all of `from` to `to`, which nobody has any more. */
  readonly dropped?: { readonly from: number; readonly to: number };
}

export interface SeqRange {
  readonly from: number;
  readonly to: number;
}

/** What was taken in of one process of a box: who begins with it goes on behind it, and counts on. */
export interface OrderState {
  readonly upTo: number;
  readonly received: number;
  readonly duplicates: number;
  readonly missing: number;
  readonly gaps: readonly SeqRange[];
}

/**
 * A box has up to 64 records on the way at a time: what has not come after four times as many later ones was never
 * sent.
 */
const MOST_HELD = 256;
/** More gaps than this are counted, not named. */
const MOST_GAPS = 1000;

/**
 * Puts the records of one process of a box into the order in which it said them, each once. Sending again changes
 * their order on the way, and a broker knows a repeated one only for a while. Bounded memory.
 */
export class RecordOrder<T extends Numbered> {
  #next: number;
  readonly #held = new Map<number, T>();
  #dropped: SeqRange[] = [];
  #gaps: SeqRange[] = [];
  #gapCount = 0;
  #duplicates = 0;
  #received = 0;

  /** @param had what was taken in before, by an earlier process of this end */
  constructor(had?: OrderState) {
    this.#next = (had?.upTo ?? 0) + 1;
    this.#received = had?.received ?? 0;
    this.#duplicates = had?.duplicates ?? 0;
    this.#gapCount = had?.missing ?? 0;
    this.#gaps = [...(had?.gaps ?? [])];
  }

  /**
   * Those whose turn it is now, with this one. What comes after its gap was given up is taken all the same, late.
   * @param isCounted an earlier process of this end has counted it; it was taken in, or waited for others
   */
  take(record: T, isCounted = false): readonly T[] {
    const { seq, dropped } = record;
    if (isCounted) {
      if (seq < this.#next || this.#held.has(seq)) return [];
      this.#received -= 1;
    }
    if (seq < this.#next) {
      if (!this.#fill(seq)) {
        this.#duplicates += 1;
        return [];
      }
      this.#received += 1;
      return [record];
    }
    if (this.#held.has(seq)) {
      this.#duplicates += 1;
      return [];
    }
    this.#held.set(seq, record);
    this.#received += 1;
    if (dropped !== undefined && dropped.from <= dropped.to && dropped.to < seq) {
      // Those that were given up already are gaps; nothing grows with them.
      this.#dropped = this.#dropped.filter(({ to }) => to >= this.#next);
      if (dropped.to >= this.#next) this.#dropped.push(dropped);
    }
    const ready = this.#release();
    if (this.#held.size <= MOST_HELD) return ready;
    this.#skipTo(Math.min(...this.#held.keys()));
    return [...ready, ...this.#release()];
  }

  /** Nothing more will come: those that waited for others, which are gaps now. */
  close(): readonly T[] {
    const ready: T[] = [];
    while (this.#held.size > 0) {
      this.#skipTo(Math.min(...this.#held.keys()));
      ready.push(...this.#release());
    }
    return ready;
  }

  /** Missing for good, lowest first; the first thousand. */
  get gaps(): readonly SeqRange[] {
    return this.#gaps;
  }

  /** Records that are missing, all of them. */
  get missingCount(): number {
    return this.#gapCount;
  }

  /** Came once more. */
  get duplicateCount(): number {
    return this.#duplicates;
  }

  get receivedCount(): number {
    return this.#received;
  }

  /** All up to this one are taken in, or known as missing. */
  get upTo(): number {
    return this.#next - 1;
  }

  get state(): OrderState {
    return {
      upTo: this.upTo,
      received: this.#received,
      duplicates: this.#duplicates,
      missing: this.#gapCount,
      gaps: [...this.#gaps],
    };
  }

  #release(): T[] {
    const ready: T[] = [];
    for (;;) {
      const record = this.#held.get(this.#next);
      if (record !== undefined) {
        this.#held.delete(this.#next);
        this.#next += 1;
        ready.push(record);
        continue;
      }
      const index = this.#dropped.findIndex(({ from, to }) => from <= this.#next && this.#next <= to);
      const range = this.#dropped[index];
      if (range === undefined) return ready;
      this.#dropped.splice(index, 1);
      // Of what was said to be dropped some may stand here: only what is missing up to the next of them is.
      const known = [...this.#held.keys()].filter((seq) => seq <= range.to);
      this.#skipTo(Math.min(range.to + 1, ...known));
      if (this.#next <= range.to) this.#dropped.push({ from: this.#next, to: range.to });
    }
  }

  #skipTo(seq: number): void {
    if (seq <= this.#next) return;
    if (this.#gaps.length < MOST_GAPS) this.#gaps.push({ from: this.#next, to: seq - 1 });
    this.#gapCount += seq - this.#next;
    this.#next = seq;
  }

  /** Takes a number out of the gaps; false when it is in none. */
  #fill(seq: number): boolean {
    const index = this.#gaps.findIndex(({ from, to }) => from <= seq && seq <= to);
    const gap = this.#gaps[index];
    if (gap === undefined) return false;
    const rest = [
      { from: gap.from, to: seq - 1 },
      { from: seq + 1, to: gap.to },
    ].filter(({ from, to }) => from <= to);
    this.#gaps = [...this.#gaps.slice(0, index), ...rest, ...this.#gaps.slice(index + 1)];
    this.#gapCount -= 1;
    return true;
  }
}
