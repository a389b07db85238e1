import type { FrameCaptureSource } from '../events.js';
import type { CaptureClock } from './capture-clock.js';
import type { HlsTimeline, TimelineSegment } from './hls-timeline.js';
import type { Playout } from './playout.js';
import type { SegmentExtent } from './segment-extent.js';

/** A playlist's date is noted this often within its segment. */
const DATE_EVERY_MS = 500;
/** Longer gaps between two neighbouring segments are holes, not filled with silence. */
const MAX_FILL_MS = 10_000;
/** Clocks of past discontinuities that are remembered. */
const MAX_CLOCKS = 4;
/** The first picture of a segment is moved by less than this. */
const MOST_LATE_MS = 100;
/** Pictures are seen from their keyframe on, which may have been moved by a millisecond or two. */
const SEEN_SLACK_MS = 5;
/** Stamps of one segment that are kept: minutes of video, whatever a server sends. */
const MAX_STAMPS = 10_000;

/**
 * Puts whole segments on the media element's timeline as the HLS library's remuxer does: one clock per stretch
 * between discontinuities, no holes between neighbours, capture times beside the pictures.
 */
export class SegmentAppender {
  readonly #playout: Playout;
  readonly #capture: CaptureClock;
  readonly #timeline: HlsTimeline;
  /** continuity -> publisher's clock minus timeline, ms. */
  readonly #clocks = new Map<number, number>();
  /** Pairs of (pts ms, capture epoch ms) of the segment in flight, and who told each. */
  readonly #stamps: number[] = [];
  readonly #tellers: FrameCaptureSource[] = [];
  #sawAudio = false;
  #sawVideo = false;
  /** The segment appended last, and the ends of its tracks on the timeline. */
  #last: TimelineSegment | undefined;
  #lastAudioToMs: number | undefined;
  #lastVideoToMs: number | undefined;
  #lastVideoDtsToMs: number | undefined;
  /** Nothing of the segment appended last will be seen. */
  #wasHidden = false;

  constructor(playout: Playout, capture: CaptureClock, timeline: HlsTimeline) {
    this.#playout = playout;
    this.#capture = capture;
    this.#timeline = timeline;
  }

  /** Whether anything has been appended yet. */
  get hasAppended(): boolean {
    return this.#last !== undefined;
  }

  /** Whether a segment is on another clock than the one appended before it. */
  isDiscontinuous(segment: TimelineSegment): boolean {
    return this.#last !== undefined && this.#last.continuity !== segment.continuity;
  }

  /** Whether a segment is next in the list to the one appended before it, on the same clock. */
  follows(segment: TimelineSegment): boolean {
    const last = this.#last;
    return segment.sequence === (last?.sequence ?? 0) + 1 && segment.continuity === last?.continuity;
  }

  /** The stamps that follow belong to a new segment. */
  begin(): void {
    this.#stamps.length = 0;
    this.#tellers.length = 0;
  }

  /** A picture of the segment in flight told its capture time. */
  stamp(ptsMs: number, captureEpochMs: number, source: FrameCaptureSource): void {
    if (this.#tellers.length >= MAX_STAMPS) return;
    this.#stamps.push(ptsMs, captureEpochMs);
    this.#tellers.push(source);
  }

  /** Appends what `extent` found in `segment` at `atMs`; `firstMs` is its smallest timestamp. */
  append(segment: TimelineSegment, extent: SegmentExtent, firstMs: number, atMs: number): void {
    const playout = this.#playout;
    const offsetMs = this.#clockOf(segment, firstMs);
    const lateMs = this.#lateBy(segment, extent, offsetMs);
    const startMs =
      firstMs === extent.videoDtsFromMs
        ? Math.min(firstMs + lateMs, extent.audioFromMs ?? Number.POSITIVE_INFINITY)
        : firstMs;
    this.#timeline.place(segment, startMs - offsetMs, (extent.lastMs as number) - offsetMs);
    // A track that was there stays a track of the element: without its media the picture stands, or all waits.
    this.#sawAudio ||= extent.hasAudio;
    this.#sawVideo ||= extent.hasVideo;
    playout.setTracks(this.#sawAudio, this.#sawVideo);
    playout.advance(atMs);
    this.#fillTo(segment, extent, offsetMs);
    const seenFromMs = this.#overwrite(extent, offsetMs, lateMs);
    this.#appendTracks(extent, offsetMs, seenFromMs);
    this.#judge(extent, offsetMs, seenFromMs - SEEN_SLACK_MS);
    this.#noteCapture(segment, extent, offsetMs, seenFromMs);
    this.#last = segment;
    this.#lastAudioToMs = extent.audioToMs === undefined ? undefined : extent.audioToMs - offsetMs;
    const lastSpan = extent.spans.at(-1);
    this.#lastVideoToMs = lastSpan === undefined ? undefined : lastSpan.toMs - offsetMs;
    this.#lastVideoDtsToMs = extent.videoDtsToMs === undefined ? undefined : extent.videoDtsToMs - offsetMs;
    playout.settle(atMs);
  }

  /**
   * The last picture of a segment lasts as long as the one before it, and the library moves the first one of the
   * next segment behind its end. With timestamps in whole milliseconds that is often 1 ms, and enough to reach over
   * a keyframe that lies there already.
   */
  #lateBy(segment: TimelineSegment, { videoDtsFromMs }: SegmentExtent, offsetMs: number): number {
    const endMs = this.#lastVideoDtsToMs;
    if (videoDtsFromMs === undefined || endMs === undefined || !this.follows(segment)) return 0;
    const lateMs = endMs - (videoDtsFromMs - offsetMs);
    return lateMs > 0 && lateMs < MOST_LATE_MS ? lateMs : 0;
  }

  /** From where on the segment's pictures will be seen, on the timeline. */
  #overwrite(extent: SegmentExtent, offsetMs: number, lateMs: number): number {
    const [first] = extent.spans;
    const { videoDtsFromMs, videoDtsToMs, keysMs } = extent;
    if (first === undefined || videoDtsFromMs === undefined || videoDtsToMs === undefined)
      return Number.NEGATIVE_INFINITY;
    const toMs = videoDtsToMs + (first.fromMs - videoDtsFromMs) - offsetMs;
    const keys = keysMs.map((key) => key - offsetMs + (key === first.fromMs ? lateMs : 0));
    const seenFromMs = this.#playout.overwrite(first.fromMs - offsetMs + lateMs, toMs, keys);
    return seenFromMs ?? Number.POSITIVE_INFINITY;
  }

  #appendTracks(extent: SegmentExtent, offsetMs: number, seenFromMs: number): void {
    const playout = this.#playout;
    if (extent.audioFromMs !== undefined)
      playout.appendAudio(extent.audioFromMs - offsetMs, (extent.audioToMs as number) - offsetMs);
    for (const [i, span] of extent.spans.entries()) {
      const next = extent.spans[i + 1];
      const shownToMs = span.toMs - offsetMs;
      const toMs = next === undefined ? shownToMs : next.fromMs - offsetMs;
      playout.appendVideo(span.fromMs - offsetMs, toMs, shownToMs, span.frames, seenFromMs - SEEN_SLACK_MS);
    }
  }

  /** What the segment told of the rate: which of its pictures, and of those before, are shown until the next. */
  #judge({ judgements, slowStepMs, spans }: SegmentExtent, offsetMs: number, seenFromMs: number): void {
    this.#playout.slowStepMs = slowStepMs;
    const firstMs = spans[0]?.fromMs ?? Number.POSITIVE_INFINITY;
    for (const { fromMs, toMs, shown } of judgements) {
      const from = fromMs < firstMs ? fromMs - offsetMs : Math.max(fromMs - offsetMs, seenFromMs);
      if (!shown) this.#playout.hidePicture(from, toMs - offsetMs);
      else if (toMs - offsetMs >= seenFromMs) this.#playout.showPicture(from, toMs - offsetMs);
    }
  }

  /**
   * Capture times of the segment: what its pictures told, and the playlist's date running with the media, which is
   * heard where no picture speaks. Behind a gap, or on another clock, what was known before counts no more.
   */
  #noteCapture(segment: TimelineSegment, extent: SegmentExtent, offsetMs: number, seenFromMs: number): void {
    const capture = this.#capture;
    const hidden = seenFromMs >= segment.endMs;
    if (!hidden && (this.#wasHidden || this.isDiscontinuous(segment)))
      capture.cut(Math.max(segment.startMs, seenFromMs));
    this.#wasHidden = hidden;
    if (hidden) return;
    const fromMs = Math.max(segment.startMs, seenFromMs - SEEN_SLACK_MS);
    if (this.#tellers.length === 0 && segment.programDateTimeEpochMs !== undefined) {
      for (let at = fromMs; at < segment.endMs; at += DATE_EVERY_MS)
        capture.add(at, segment.programDateTimeEpochMs + (at - segment.startMs), 'pdt');
      return;
    }
    let told = 0;
    for (const [i, { fromMs: spanFromMs }] of extent.spans.entries()) {
      if (i > 0 && spanFromMs - offsetMs >= fromMs) capture.cut(spanFromMs - offsetMs);
      const nextMs = extent.spans[i + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
      for (; told < this.#tellers.length && (this.#stamps[2 * told] as number) < nextMs; told++) {
        const ptsMs = this.#stamps[2 * told] as number;
        const source = this.#tellers[told] as FrameCaptureSource;
        if (ptsMs - offsetMs >= fromMs)
          capture.add(ptsMs - offsetMs, this.#stamps[2 * told + 1] as number, source);
      }
    }
  }

  /**
   * Between neighbouring segments of one clock the library leaves no hole: silence is inserted and the last
   * picture stands until the next one.
   */
  #fillTo(segment: TimelineSegment, extent: SegmentExtent, offsetMs: number): void {
    const last = this.#last;
    if (last === undefined || !this.follows(segment)) return;
    const audioFrom = extent.audioFromMs;
    if (audioFrom !== undefined && isFillable(this.#lastAudioToMs, audioFrom - offsetMs))
      this.#playout.appendAudio(this.#lastAudioToMs, audioFrom - offsetMs);
    const videoFrom = extent.spans[0]?.fromMs;
    if (videoFrom !== undefined && isFillable(this.#lastVideoToMs, videoFrom - offsetMs))
      this.#playout.appendVideo(this.#lastVideoToMs, videoFrom - offsetMs, this.#lastVideoToMs, 0);
  }

  /** Publisher's clock minus timeline for the segment's stretch; its first segment fixes it at its listed place. */
  #clockOf(segment: TimelineSegment, firstMs: number): number {
    const known = this.#clocks.get(segment.continuity);
    if (known !== undefined) return known;
    const offsetMs = firstMs - segment.startMs;
    this.#clocks.set(segment.continuity, offsetMs);
    if (this.#clocks.size > MAX_CLOCKS) this.#clocks.delete(this.#clocks.keys().next().value as number);
    return offsetMs;
  }
}

function isFillable(fromMs: number | undefined, toMs: number): fromMs is number {
  return fromMs !== undefined && toMs > fromMs && toMs - fromMs < MAX_FILL_MS;
}
