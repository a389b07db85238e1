/**
 * Which moment of the wall clock a source timestamp stands for.
 *
 * The source tells of each frame as it leaves for the encoder. Such a note may come late (a busy machine, a busy
 * thread of ours) but never early, so the smallest difference "noted minus source time" of the last seconds is the
 * offset between the two time lines. Taking it from the last seconds only lets it follow whatever moves: pacing that
 * drifts from the wall clock, a wall clock that is stepped, a source that fell behind for good.
 */
export class SourceClock {
  readonly #sourceUs = new Float64Array(KEPT_NOTES);
  readonly #offsetUs = new Float64Array(KEPT_NOTES);
  #notes = 0;
  #slot = 0;
  #lastSourceUs = Number.NEGATIVE_INFINITY;
  /** Smallest offset of the current second of the wall clock and of those before it, newest first. */
  readonly #slotMinUs: number[] = [];
  #firstSourceUs: number | undefined;

  /** A frame with this source time was on its way to the encoder at `epochUs`. */
  note(sourceUs: number, epochUs: number): void {
    const offsetUs = epochUs - sourceUs;
    this.#firstSourceUs ??= sourceUs;
    // Source time that went back: what was learnt belongs to another time line.
    if (sourceUs < this.#lastSourceUs) this.#slotMinUs.length = 0;
    this.#lastSourceUs = sourceUs;
    this.#turnTo(Math.floor(epochUs / SLOT_US));
    this.#slotMinUs[0] = Math.min(this.#slotMinUs[0] ?? Number.POSITIVE_INFINITY, offsetUs);
    const bestUs = Math.min(...this.#slotMinUs);
    this.#sourceUs[this.#notes % KEPT_NOTES] = sourceUs;
    this.#offsetUs[this.#notes % KEPT_NOTES] = bestUs;
    this.#notes++;
  }

  /** Source time of the very first frame, microseconds; undefined before it. */
  get firstSourceUs(): number | undefined {
    return this.#firstSourceUs;
  }

  /**
   * When the source made the frame of `sourceUs`, in microseconds since the Unix epoch: by the offset that held when
   * the frame was noted, or by the newest where that is smaller (the older one came from late notes). Undefined
   * before the first note.
   */
  captureEpochUs(sourceUs: number): number | undefined {
    if (this.#notes === 0) return undefined;
    const newest = this.#notes - 1;
    const oldest = Math.max(0, this.#notes - KEPT_NOTES);
    let at = newest;
    while (at > oldest && this.#source(at) > sourceUs + ROUNDING_US) at--;
    return sourceUs + Math.min(this.#offset(at), this.#offset(newest));
  }

  #source(note: number): number {
    return this.#sourceUs[note % KEPT_NOTES] as number;
  }

  #offset(note: number): number {
    return this.#offsetUs[note % KEPT_NOTES] as number;
  }

  #turnTo(slot: number): void {
    // A wall clock that was stepped back, or nothing for a while.
    if (slot < this.#slot || slot - this.#slot > SLOTS) this.#slotMinUs.length = 0;
    while (this.#slotMinUs.length > 0 && this.#slot < slot) {
      this.#slotMinUs.unshift(Number.POSITIVE_INFINITY);
      this.#slot++;
    }
    this.#slot = slot;
    this.#slotMinUs.length = Math.min(this.#slotMinUs.length, SLOTS);
  }
}

const SLOT_US = 1e6;
/** Seconds that the smallest offset is taken from: at the usual rate 60 to 90 notes. */
const SLOTS = 3;
/** More frames than any encoder holds back. */
const KEPT_NOTES = 1024;
/** FLV counts in whole milliseconds. */
const ROUNDING_US = 1000;
