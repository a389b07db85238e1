/**
 * Cuts the publisher's units into segments by SRS's rules and keeps the window of those listed: a segment ends at
 * the first keyframe after `fragmentMs`, or at any audio frame after 2.1 times as much; its duration is the time
 * up to the unit that ended it; those that fall out of the window are deleted at once; an unpublish keeps all.
 */
import type { MediaUnit } from './media-unit.js';
import type { Delivery, PublisherSink } from './publisher.js';
import type { StageClock } from './stage-clock.js';
import { TsMuxer } from './ts-muxer.js';

export interface Segment {
  readonly number: number;
  readonly bytes: Buffer;
  readonly durationMs: number;
  readonly discontinuity: boolean;
}

/** Shorter ones are dropped and their number used again. */
const MIN_SEGMENT_MS = 100;
/** How much longer than a fragment a segment gets before audio may end it (hls_aof_ratio). */
const AUDIO_OVERFLOW_RATIO = 2.1;
/** After a longer unpublish SRS has freed the source, and numbers begin at 0 again (measured: 3 to 6 s). */
const RENUMBER_AFTER_MS = 4000;

export class HlsSegmenter implements PublisherSink {
  readonly #clock: StageClock;
  readonly #fragmentMs: number;
  readonly #windowMs: number;
  readonly #files = new Map<number, Segment>();
  #muxer = new TsMuxer();
  #listed: Segment[] = [];
  #nextNumber = 0;
  #startMs: number | undefined;
  #durationMs = 0;
  #discontinuity = true;
  #forgetList = false;
  #unpublishedEpochMs: number | undefined;

  constructor(clock: StageClock, fragmentMs: number, windowMs: number) {
    this.#clock = clock;
    this.#fragmentMs = fragmentMs;
    this.#windowMs = windowMs;
  }

  /** Oldest first; empty until the first segment is complete. */
  get listed(): readonly Segment[] {
    return this.#listed;
  }

  /** A segment's file, as long as it exists. */
  file(number: number): Segment | undefined {
    return this.#files.get(number);
  }

  /** As after the start of a new server: no files, no list, numbers from 0. */
  restart(): void {
    this.#files.clear();
    this.#listed = [];
    this.#nextNumber = 0;
    this.#muxer = new TsMuxer();
    this.#forgetList = false;
    this.#unpublishedEpochMs = undefined;
  }

  onPublish(): void {
    const goneMs = this.#clock.epochMs() - (this.#unpublishedEpochMs ?? Number.POSITIVE_INFINITY);
    if (goneMs > RENUMBER_AFTER_MS) {
      this.#nextNumber = 0;
      this.#forgetList = true;
      this.#deleteUnlisted();
      this.#muxer = new TsMuxer();
    }
    this.#discontinuity = true;
    this.#startMs = undefined;
    this.#durationMs = 0;
  }

  onUnpublish(): void {
    this.#unpublishedEpochMs = this.#clock.epochMs();
    this.#close();
  }

  onUnits(units: readonly MediaUnit[], delivery: Delivery): void {
    if (delivery === 'lost') return;
    for (const unit of units) this.#add(unit);
  }

  #add(unit: MediaUnit): void {
    this.#startMs = Math.min(this.#startMs ?? unit.dtsMs, unit.dtsMs);
    this.#durationMs = unit.dtsMs - this.#startMs;
    const audioMay = unit.kind === 'audio' && this.#durationMs >= this.#fragmentMs * AUDIO_OVERFLOW_RATIO;
    if (audioMay || (unit.keyframe && this.#durationMs >= this.#fragmentMs)) {
      this.#close();
      this.#startMs = unit.dtsMs;
    }
    this.#muxer.write(unit);
  }

  #close(): void {
    const durationMs = this.#durationMs;
    this.#startMs = undefined;
    this.#durationMs = 0;
    const bytes = this.#muxer.finish();
    if (durationMs < MIN_SEGMENT_MS) return;
    if (this.#forgetList) this.#listed = [];
    this.#forgetList = false;
    const segment = { number: this.#nextNumber++, bytes, durationMs, discontinuity: this.#discontinuity };
    this.#discontinuity = false;
    this.#listed.push(segment);
    this.#files.set(segment.number, segment);
    this.#shrink();
  }

  /** What an earlier publish left behind goes at last; the newest list's files stay, as SRS leaves them. */
  #deleteUnlisted(): void {
    const listed = new Set(this.#listed.map((segment) => segment.number));
    for (const number of this.#files.keys()) if (!listed.has(number)) this.#files.delete(number);
  }

  #shrink(): void {
    let sumMs = 0;
    let keepFrom = 0;
    for (let index = this.#listed.length - 1; index >= 0; index--) {
      sumMs += (this.#listed[index] as Segment).durationMs;
      if (sumMs > this.#windowMs) {
        keepFrom = index;
        break;
      }
    }
    for (const old of this.#listed.splice(0, keepFrom)) this.#files.delete(old.number);
  }
}
