/**
 * Where the segments of a live playlist lie on the player's timeline. Every new list is aligned with the one
 * before by media sequence; a list that starts again at 0 is laid over the start of the old one, as the library
 * does (player-model 1.8 and section 8, case 1). Bounded by the length of the list.
 */

export interface ListSegment {
  readonly sequence: number;
  readonly uri: string;
  readonly durationMs: number;
  readonly discontinuity: boolean;
  readonly programDateTimeEpochMs?: number;
}

export interface List {
  readonly targetDurationMs: number;
  readonly mediaSequence: number;
  readonly endList: boolean;
  readonly segments: readonly ListSegment[];
}

export interface TimelineSegment {
  readonly sequence: number;
  readonly uri: string;
  /** Counts discontinuities; segments of one counter share one clock. */
  readonly continuity: number;
  startMs: number;
  endMs: number;
  /** When the first list that had it was seen, run ms; absent from what stood in the first list already. */
  listedAtMs: number | undefined;
  /** `fetched` = appended or on its way; `gap` = cannot be had, tried again after the next list. */
  state: 'listed' | 'fetched' | 'gap';
  /** True once its real timestamps are known. */
  placed: boolean;
  programDateTimeEpochMs: number | undefined;
}

export interface ListUpdate {
  /** The last media sequence number differs from the last list's, in either direction. */
  readonly changed: boolean;
  /** It grew. */
  readonly advanced: boolean;
  /** Numbers went back: the publisher or the origin began anew. */
  readonly reset: boolean;
  /** A number names another segment than it did before: such a list cannot be used, and nothing was taken from it. */
  readonly mismatch: boolean;
}

export class HlsTimeline {
  segments: TimelineSegment[] = [];
  targetDurationMs = 0;
  endList = false;
  #lastSequence: number | undefined;
  #continuity = 0;

  get startMs(): number {
    return this.segments[0]?.startMs ?? 0;
  }

  get edgeMs(): number {
    return this.segments.at(-1)?.endMs ?? 0;
  }

  get lastSegmentMs(): number {
    const last = this.segments.at(-1);
    return last === undefined ? this.targetDurationMs : last.endMs - last.startMs;
  }

  /** @param seenAtMs when the list was seen, run ms; it dates the segments that are new in it */
  update(list: List, seenAtMs?: number): ListUpdate {
    const last = list.segments.at(-1)?.sequence ?? list.mediaSequence;
    const before = this.#lastSequence;
    const update = {
      changed: before === undefined || last !== before,
      advanced: before === undefined || last > before,
      reset: before !== undefined && last < before,
      mismatch: this.#mismatches(list),
    };
    if (update.mismatch) return update;
    this.#lastSequence = last;
    this.targetDurationMs = list.targetDurationMs;
    this.endList = list.endList;
    this.segments = this.#merge(list, update.reset, before === undefined ? undefined : seenAtMs);
    return update;
  }

  /** A segment's real place is known: it and everything behind it in the list moves along. */
  place(segment: TimelineSegment, startMs: number, endMs: number): void {
    segment.startMs = startMs;
    segment.endMs = endMs;
    segment.placed = true;
    const at = this.segments.indexOf(segment);
    if (at < 0) return;
    for (let i = at + 1; i < this.segments.length; i++) {
      const next = this.segments[i] as TimelineSegment;
      if (next.placed) break;
      const spanMs = next.endMs - next.startMs;
      next.startMs = (this.segments[i - 1] as TimelineSegment).endMs;
      next.endMs = next.startMs + spanMs;
    }
    for (let i = at - 1; i >= 0; i--) {
      const previous = this.segments[i] as TimelineSegment;
      if (previous.placed) break;
      const spanMs = previous.endMs - previous.startMs;
      previous.endMs = (this.segments[i + 1] as TimelineSegment).startMs;
      previous.startMs = previous.endMs - spanMs;
    }
  }

  /** Gaps are tried again (the rule of 1.6). */
  retryGaps(behindMs: number): void {
    for (const segment of this.segments) {
      if (segment.state === 'gap' && segment.endMs > behindMs) segment.state = 'listed';
    }
  }

  /**
   * First segment not fetched yet that reaches beyond `positionMs`, with the library's slack; that near to the end of
   * the list it looks without any. When more than the list is buffered (numbers went back, and the list was laid over
   * what was there) it is the newest one.
   */
  next(positionMs: number, slackMs: number): TimelineSegment | undefined {
    const slackHereMs = positionMs > this.edgeMs - slackMs ? 0 : slackMs;
    for (const segment of this.segments) {
      const slack = Math.min(slackHereMs, (segment.endMs - segment.startMs) / 2);
      if (segment.endMs - slack > positionMs && segment.state === 'listed') return segment;
    }
    const newest = this.segments.at(-1);
    return newest?.state === 'listed' && positionMs >= newest.endMs ? newest : undefined;
  }

  /** The same name with another query is the same segment. */
  #mismatches(list: List): boolean {
    const old = new Map(this.segments.map(({ sequence, uri }) => [sequence, nameOf(uri)]));
    return list.segments.some(({ sequence, uri }) => (old.get(sequence) ?? nameOf(uri)) !== nameOf(uri));
  }

  #merge(list: List, reset: boolean, listedAtMs: number | undefined): TimelineSegment[] {
    const old = new Map<number, TimelineSegment>();
    for (const segment of this.segments) old.set(segment.sequence, segment);
    const first = list.segments[0];
    const overlaps = list.segments.some((segment) => old.has(segment.sequence));
    // Numbers that went back without an overlap: a new count, laid over the start of the old list.
    const anew = reset && !overlaps;
    if (anew) old.clear();
    let startMs = this.#firstStartMs(first?.sequence, old, overlaps);
    if (anew) this.#continuity += 1;
    const firstList = this.segments.length === 0;
    const merged: TimelineSegment[] = [];
    for (const item of list.segments) {
      const known = old.get(item.sequence);
      if (known !== undefined) {
        merged.push(known);
        startMs = known.endMs;
        this.#continuity = Math.max(this.#continuity, known.continuity);
        continue;
      }
      if (item.discontinuity && !(firstList && merged.length === 0)) this.#continuity += 1;
      merged.push({
        sequence: item.sequence,
        uri: item.uri,
        continuity: this.#continuity,
        startMs,
        endMs: startMs + item.durationMs,
        listedAtMs,
        state: 'listed',
        placed: false,
        programDateTimeEpochMs: item.programDateTimeEpochMs,
      });
      startMs += item.durationMs;
    }
    return merged;
  }

  /** Where the first segment of a list begins. */
  #firstStartMs(sequence: number | undefined, old: Map<number, TimelineSegment>, overlaps: boolean): number {
    if (sequence === undefined || this.segments.length === 0) return 0;
    const known = old.get(sequence);
    if (known !== undefined) return known.startMs;
    const oldFirst = this.segments[0] as TimelineSegment;
    const oldLast = this.segments.at(-1) as TimelineSegment;
    if (old.size === 0) return oldFirst.startMs;
    if (overlaps) return oldFirst.startMs - (oldFirst.sequence - sequence) * this.targetDurationMs;
    if (sequence === oldLast.sequence + 1) return oldLast.endMs;
    return oldFirst.startMs + (sequence - oldFirst.sequence) * this.targetDurationMs;
  }
}

function nameOf(uri: string): string {
  return uri.split('?', 1)[0] as string;
}
