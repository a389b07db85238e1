/** What the gate must know of a tag. */
export interface GatedTag {
  readonly timeMs: number;
  /** A video frame that a decoder can begin with. */
  readonly keyframe: boolean;
}

/**
 * Decides what is sent and under which time. Shut, nothing passes; opened, all passes from the next keyframe on, as a
 * broadcaster that comes back begins with one. Times count from that keyframe where a new time line was asked for.
 */
export class Gate {
  #state: 'shut' | 'waiting' | 'open' = 'shut';
  #startMs: number | undefined = 0;
  #shiftMs = 0;

  /** True while tags pass. */
  get open(): boolean {
    return this.#state === 'open';
  }

  shut(): void {
    this.#state = 'shut';
  }

  /** Lets tags pass from the next keyframe on; `startMs` = its time on a new time line, absent = the old one goes on. */
  reopen(startMs?: number): void {
    this.#state = 'waiting';
    if (startMs !== undefined) this.#startMs = startMs;
  }

  /** The time to send `tag` under (31 bits), or undefined when it is not to be sent. */
  admit(tag: GatedTag): number | undefined {
    if (this.#state === 'waiting' && tag.keyframe) {
      this.#state = 'open';
      if (this.#startMs !== undefined) this.#shiftMs = this.#startMs - tag.timeMs;
      this.#startMs = undefined;
    }
    if (this.#state !== 'open') return undefined;
    // Sound that was muxed behind the first picture may be a little older than it.
    return Math.max(0, tag.timeMs + this.#shiftMs) % 2 ** 31;
  }
}
