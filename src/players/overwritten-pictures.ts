/** Keyframes as near as this are at the same place: timestamps of the wire are whole milliseconds. */
const SAME_MS = 0.5;
/** A keyframe this little before the end of what was kept is still the next one: about a picture. */
const PICTURE_MS = 40;
/** Keyframes that are remembered; more than the longest buffer of a page holds. */
const MOST_KEYS = 256;

/** What becomes of pictures when new ones are written over old ones. Positions in media ms. */
export interface Overwriting {
  /** The new pictures are seen from here on; undefined = none of them. */
  readonly seenFromMs: number | undefined;
  /** Old pictures from here to there are gone and nobody sees them any more. */
  readonly lostFromMs: number;
  readonly lostToMs: number;
  /** The last buffered picture ends here. */
  readonly endMs: number;
}

/**
 * What Chromium's decoder shows of pictures that are overwritten while it reads them. A stretch of pictures from
 * one keyframe to the next can only be taken away as a whole:
 *
 * - New pictures take away every old stretch that begins before their end, all of it.
 * - Of the stretch that is being read the rest is kept aside, and is shown to its end, or to the first new keyframe
 *   in what is still to be read: the new pictures that lie there are never seen.
 * - Behind what was kept the decoder goes on at the next keyframe that is there by then. If the stretch in between
 *   was taken away, the last picture stands until that keyframe.
 *
 * So a publisher's restart that is laid over the old media, half a picture beside the old keyframes, makes old
 * pictures, a freeze of a second and old pictures again, before the new ones are seen. Audio has keyframes only:
 * it changes over at once. Bounded.
 */
export class OverwrittenPictures {
  #keysMs: number[] = [];
  #endMs = Number.NEGATIVE_INFINITY;
  /** What is read now was kept aside, and ends here. */
  #keptToMs: number | undefined;

  /** An empty source is attached. */
  clear(): void {
    this.#keysMs = [];
    this.#endMs = Number.NEGATIVE_INFINITY;
    this.#keptToMs = undefined;
  }

  /** The player moved the playhead: what was kept aside is dropped. */
  seek(): void {
    this.#keptToMs = undefined;
  }

  /**
   * Pictures from `fromMs` to `toMs` with keyframes at `keysMs` are appended.
   *
   * @param aheadMs the decoder has read the pictures before this position
   * @param bufferedToMs end of the pictures that were there for it to read
   */
  write(
    fromMs: number,
    toMs: number,
    keysMs: readonly number[],
    aheadMs: number,
    bufferedToMs = aheadMs,
  ): Overwriting {
    // What was kept aside is not in the buffer any more.
    const readToMs = this.#keptToMs === undefined ? Math.min(aheadMs, bufferedToMs) : aheadMs;
    const keptBehind = this.#keptToMs !== undefined && this.#keptToMs > fromMs + SAME_MS;
    if (fromMs >= this.#endMs - SAME_MS && !keptBehind) return this.#append(fromMs, toMs, keysMs, readToMs);
    let readMs = readToMs;
    const resume = this.#goOn(readToMs);
    if (resume === 'waits') return this.#replace(fromMs, toMs, keysMs, this.#keptToMs ?? fromMs);
    if (resume !== undefined) readMs = Math.max(readMs, resume + SAME_MS);
    const goneToMs = this.#goneTo(toMs);
    if (this.#keptToMs === undefined) {
      const unread = readMs <= fromMs + SAME_MS;
      // Behind the decoder new pictures are seen only after a seek back.
      if (unread || readMs >= goneToMs) return this.#replace(fromMs, toMs, keysMs, fromMs);
      this.#keptToMs = goneToMs;
    }
    const newKey = keysMs.find((key) => key >= readMs);
    if (newKey !== undefined && newKey < this.#keptToMs) this.#keptToMs = newKey;
    return this.#replace(fromMs, toMs, keysMs, this.#keptToMs);
  }

  #append(fromMs: number, toMs: number, keysMs: readonly number[], readToMs: number): Overwriting {
    if (this.#keptToMs !== undefined && readToMs >= this.#keptToMs) this.#keptToMs = undefined;
    this.#remember(keysMs);
    this.#endMs = Math.max(this.#endMs, toMs);
    return { seenFromMs: fromMs, lostFromMs: fromMs, lostToMs: fromMs, endMs: this.#endMs };
  }

  /** Where the decoder went on behind what was kept; `waits` = there is nothing; undefined = it is not there yet. */
  #goOn(readToMs: number): number | 'waits' | undefined {
    const keptToMs = this.#keptToMs;
    if (keptToMs === undefined || readToMs < keptToMs) return undefined;
    const next = this.#keysMs.find((key) => key >= keptToMs - PICTURE_MS);
    if (next === undefined) return 'waits';
    this.#keptToMs = undefined;
    return next;
  }

  /** Old stretches that begin before `toMs` are gone to here. */
  #goneTo(toMs: number): number {
    return this.#keysMs.find((key) => key >= toMs - SAME_MS) ?? this.#endMs;
  }

  /** The new pictures take the place of the old ones; those before `keepToMs` are not seen. */
  #replace(fromMs: number, toMs: number, keysMs: readonly number[], keepToMs: number): Overwriting {
    const goneToMs = this.#goneTo(toMs);
    const goesOn = this.#keysMs.some((key) => key >= toMs - SAME_MS);
    this.#keysMs = this.#keysMs.filter((key) => key < fromMs - SAME_MS || key >= goneToMs - SAME_MS);
    this.#remember(keysMs);
    if (!goesOn) this.#endMs = toMs;
    const seenFromMs =
      keepToMs <= fromMs ? fromMs : keysMs.find((key) => key >= Math.max(fromMs, keepToMs - PICTURE_MS));
    return { seenFromMs, lostFromMs: Math.max(fromMs, keepToMs), lostToMs: goneToMs, endMs: this.#endMs };
  }

  #remember(keysMs: readonly number[]): void {
    const known = this.#keysMs;
    let isInOrder = true;
    for (const key of keysMs) {
      isInOrder &&= key >= (known.at(-1) ?? key);
      known.push(key);
    }
    if (!isInOrder) known.sort((a, b) => a - b);
    while (known.length > MOST_KEYS) known.shift();
  }
}
