/**
 * Which sequence numbers of one worker came: as ranges, so that a run without losses costs two numbers however
 * long it is. Order does not matter.
 */
export class SeqSet {
  /** Disjoint, not touching, ascending: [first, last] pairs. */
  readonly #ranges: [number, number][] = [];

  /** False when it was there already. */
  add(seq: number): boolean {
    const ranges = this.#ranges;
    let at = ranges.length;
    while (at > 0 && (ranges[at - 1] as [number, number])[0] > seq) at -= 1;
    const before = ranges[at - 1];
    const after = ranges[at];
    if (before && seq <= before[1]) return false;
    const joinsBefore = before !== undefined && before[1] === seq - 1;
    const joinsAfter = after !== undefined && after[0] === seq + 1;
    if (joinsBefore && joinsAfter) {
      before[1] = after[1];
      ranges.splice(at, 1);
    } else if (joinsBefore) before[1] = seq;
    else if (joinsAfter) after[0] = seq;
    else ranges.splice(at, 0, [seq, seq]);
    return true;
  }

  has(seq: number): boolean {
    return this.#ranges.some(([first, last]) => first <= seq && seq <= last);
  }

  /** How many stretches of numbers are missing below the highest one seen; numbering begins at 0. */
  get gaps(): number {
    const first = this.#ranges[0];
    if (first === undefined) return 0;
    return this.#ranges.length - 1 + (first[0] > 0 ? 1 : 0);
  }

  get highest(): number | undefined {
    return this.#ranges.at(-1)?.[1];
  }
}
