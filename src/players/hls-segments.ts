import type { Cancel } from '../seams.js';
import { captureEpochMsOf } from './day-clock.js';
import { type ExchangeTiming, streamSegment } from './exchange.js';
import type { HlsTimeline, TimelineSegment } from './hls-timeline.js';
import type { LibraryHost } from './library.js';
import { afterFailure } from './lost-segment.js';
import { resolveUrl } from './resolve-url.js';
import { type Failure, nextTickAtMs } from './retry.js';
import { SegmentAppender } from './segment-appender.js';
import { type LastPicture, SegmentExtent } from './segment-extent.js';
import { type TsPes, TsReader } from './ts-reader.js';

/** The library picks the segment at the buffer's end with this slack. */
const LOOKUP_SLACK_MS = 250;
/**
 * Fetches the segments of one HLS player, one at a time, reads them as they stream in, and appends what they
 * hold to the media element once the last byte is in (the library transmuxes whole segments).
 */
export class HlsSegments {
  /** Where playing is to begin, media ms; the first segment is the one that holds it. */
  startMs = 0;
  readonly #host: LibraryHost;
  readonly #timeline: HlsTimeline;
  readonly #onFatal: () => void;
  readonly #reader: TsReader;
  readonly #extent = new SegmentExtent();
  readonly #appender: SegmentAppender;
  /** Of the segment appended last. */
  #lastPicture: LastPicture | undefined;
  readonly #phaseMs: number;

  #open = true;
  #baseUrl = '';
  #cancel: Cancel | undefined;
  #timer: Cancel | undefined;
  #current: TimelineSegment | undefined;
  #failures = 0;
  #heldUntilMs = Number.NEGATIVE_INFINITY;
  #badHere = false;
  /** The keyframe of the current segment has told when it was captured. */
  #dated = false;
  #nowMs = 0;

  constructor(host: LibraryHost, timeline: HlsTimeline, onFatal: () => void) {
    this.#host = host;
    this.#timeline = timeline;
    this.#onFatal = onFatal;
    this.#appender = new SegmentAppender(host.playout, host.capture, timeline);
    this.#phaseMs = host.clock.nowMs();
    this.#reader = new TsReader({
      onPes: (pes) => {
        this.#host.first('tag', this.#nowMs);
        if (pes.keyframe) this.#host.first('keyframe', this.#nowMs);
        this.#extent.add(pes);
        if (pes.track !== 'video') return;
        this.#host.frames.picture(pes.dtsTicks90k / 90, pes.stamped ? pes.frameNumber : undefined);
        this.#noteCapture(pes);
      },
      onError: (code) => {
        this.#badHere = true;
        this.#host.report({ kind: 'media_error', code, atMs: this.#nowMs });
      },
    });
  }

  /** Where the picture's capture time is from: its own bytes, else the date that the playlist gives its segment. */
  #noteCapture(pes: Readonly<TsPes>): void {
    const captureEpochMs = captureEpochMsOf(pes, this.#host.clock, this.#nowMs);
    const dated = this.#current?.programDateTimeEpochMs === undefined ? undefined : 'pdt';
    const source = captureEpochMs === undefined ? undefined : pes.captureSource;
    this.#host.frames.sourced(source, pes.keyframe, dated);
    if (captureEpochMs === undefined || source === undefined) return;
    this.#appender.stamp(pes.ptsTicks90k / 90, captureEpochMs, source);
    this.#host.arrivals.picture(captureEpochMs, pes.lastByteAtMs);
    if (pes.keyframe) this.#noteListing(captureEpochMs);
  }

  /** How long after its capture the segment that begins with this keyframe stood in a list. */
  #noteListing(captureEpochMs: number): void {
    const listedAtMs = this.#current?.listedAtMs;
    if (this.#dated || listedAtMs === undefined) return;
    this.#dated = true;
    const listedAfterMs = this.#host.arrivals.sinceCaptureMs(captureEpochMs, listedAtMs);
    // Listed before it was captured: a clock is wrong, and the latency says so.
    if (listedAfterMs < 0) return;
    this.#host.report({ kind: 'segment_listed', captureEpochMs, listedAfterMs, atMs: this.#nowMs });
  }

  /**
   * No segment is asked for before the media element is there: it is looked for at the ticks of a controller that
   * began at `phaseMs`, so that a list that is earlier waits for the first tick after `atMs`.
   */
  holdUntil(atMs: number, phaseMs: number): void {
    this.#heldUntilMs = nextTickAtMs(atMs, phaseMs, this.#host.profile.hls.tickMs);
  }

  /** The element is there before the list: nothing but the list is waited for, which is read at `atMs`. */
  holdFor(atMs: number): void {
    this.#heldUntilMs = atMs;
  }

  /** A list came in full at `atMs`, and may offer the next segment. */
  listed(listUrl: string, atMs: number): void {
    const { listReadMs, requestMs } = this.#host.profile.hls;
    this.#baseUrl = listUrl;
    if (this.#appender.hasAppended)
      this.#heldUntilMs = Math.max(this.#heldUntilMs, atMs + listReadMs + requestMs);
    this.pump();
  }

  /** Asks for the next segment, if there is one and nothing else has to come first. */
  pump(): void {
    if (!this.#open || this.#current !== undefined) return;
    const { playout, profile, clock } = this.#host;
    const nowMs = clock.nowMs();
    if (nowMs < this.#heldUntilMs) {
      this.#wake(this.#heldUntilMs - nowMs);
      return;
    }
    const position = this.#appender.hasAppended ? playout.bufferedEndMs(nowMs) : this.startMs;
    if (this.#appender.hasAppended && position - playout.playheadMs(nowMs) >= profile.hls.maxBufferMs) {
      this.#wake(profile.hls.tickMs * 5);
      return;
    }
    const segment = this.#timeline.next(position, this.#appender.hasAppended ? LOOKUP_SLACK_MS : 0);
    if (segment !== undefined) this.#fetch(segment);
    else if (this.#timeline.endList && this.#appender.hasAppended) this.#host.complete(nowMs);
  }

  /** Loading starts again: what is in flight is dropped, gaps are forgotten. */
  restart(nowMs: number): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#timer?.();
    this.#timer = undefined;
    if (this.#current !== undefined) this.#current.state = 'listed';
    this.#current = undefined;
    this.#failures = 0;
    if (this.#host.profile.hls.lostSegment.triesGapsAgain)
      this.#timeline.retryGaps(this.#host.playout.playheadMs(nowMs));
    this.pump();
  }

  stop(): void {
    this.#open = false;
    this.#cancel?.();
    this.#timer?.();
    this.#cancel = undefined;
    this.#timer = undefined;
  }

  #fetch(segment: TimelineSegment): void {
    const { http, clock, headers, profile } = this.#host;
    const url = resolveUrl(segment.uri, this.#baseUrl);
    segment.state = 'fetched';
    this.#current = segment;
    if (url === undefined) {
      this.#host.report({ kind: 'playlist_error', code: 'bad_segment', atMs: clock.nowMs() });
      this.#leaveGap(segment);
      return;
    }
    this.#extent.clear(this.#appender.follows(segment) ? this.#lastPicture : undefined);
    this.#appender.begin();
    this.#badHere = false;
    this.#dated = false;
    this.#reader.resetForSegment(this.#appender.isDiscontinuous(segment));
    this.#cancel = streamSegment(http, clock, url, headers, profile.hls.segmentPolicy, {
      onFirstByte: (atMs) => this.#host.first('byte', atMs),
      onBytes: (chunk, atMs) => {
        this.#nowMs = atMs;
        this.#host.count('bytes', chunk.length);
        this.#reader.push(chunk, atMs);
      },
      onLoaded: (timing) => this.#loaded(segment, timing),
      onFailed: (failure, timing) => this.#failed(segment, failure, timing),
    });
  }

  #loaded(segment: TimelineSegment, timing: ExchangeTiming): void {
    this.#cancel = undefined;
    this.#current = undefined;
    this.#nowMs = timing.endedAtMs;
    this.#reader.flush();
    this.#reportRequest('ok', timing, 200);
    this.#host.count('segments', 1);
    this.#failures = 0;
    const firstMs = this.#extent.firstMs;
    if (firstMs === undefined) {
      if (!this.#badHere)
        this.#host.report({ kind: 'media_error', code: 'ts_no_pmt', atMs: timing.endedAtMs });
      segment.state = 'gap';
    } else {
      this.#append(segment, firstMs, timing.endedAtMs);
      this.#extent.accept();
      this.#lastPicture = this.#extent.lastPicture;
    }
    this.pump();
  }

  /** The whole segment came at `atMs`; the next one is asked for when this one is in the element. */
  #append(segment: TimelineSegment, firstMs: number, atMs: number): void {
    const { playout, profile } = this.#host;
    const { appendDelayMs, waitingAppendMs, hlsFirstAppendDelayMs } = profile.renderer;
    if (!this.#appender.hasAppended) {
      // The first append waits for the page's worker; that delay is part of the start rule.
      this.#appender.append(segment, this.#extent, firstMs, atMs);
      this.#heldUntilMs = atMs + hlsFirstAppendDelayMs;
      return;
    }
    playout.advance(atMs);
    const waits = playout.state === 'stalled' || playout.state === 'seeking';
    const appendedAtMs = atMs + appendDelayMs + (waits ? waitingAppendMs : 0);
    this.#appender.append(segment, this.#extent, firstMs, appendedAtMs);
    this.#heldUntilMs = appendedAtMs + profile.hls.requestMs;
  }

  #failed(segment: TimelineSegment, failure: Failure, timing: ExchangeTiming): void {
    const { profile, clock } = this.#host;
    this.#cancel = undefined;
    const notFound = failure.kind === 'http_status' && failure.status === 404;
    this.#reportRequest(notFound ? 'not_found' : failure.kind, timing, failure.status);
    if (notFound && !this.#timeline.segments.includes(segment))
      this.#host.report({ kind: 'segment_expired', atMs: timing.endedAtMs });
    const isNewest = this.#timeline.segments.at(-1) === segment;
    const next = afterFailure(profile.hls, failure, this.#failures++, isNewest);
    if (next.kind === 'gap') {
      this.#leaveGap(segment);
      return;
    }
    if (next.kind === 'fatal') {
      this.#giveUp(segment);
      return;
    }
    const nowMs = clock.nowMs();
    const atMs = nextTickAtMs(nowMs + next.delayMs, this.#phaseMs, profile.hls.tickMs);
    this.#timer = clock.after(atMs - nowMs, () => this.#tryAgain(segment));
  }

  /** The wait is over: what is wanted now, which another position or a newer list may have changed, is asked for. */
  #tryAgain(segment: TimelineSegment): void {
    if (!this.#open || this.#current !== segment) return;
    this.#current = undefined;
    segment.state = 'listed';
    this.pump();
  }

  /** Retries are used up: fatal for the library; the page restarts loading or the buffer plays out. */
  #giveUp(segment: TimelineSegment): void {
    segment.state = 'listed';
    this.#current = undefined;
    if (this.#host.profile.page.restartOnFatal) this.#onFatal();
    else this.#host.dead('fatal', this.#host.clock.nowMs());
  }

  #leaveGap(segment: TimelineSegment): void {
    segment.state = 'gap';
    this.#current = undefined;
    // The next segment is looked for at once, but not in this call: no recursion over a bad list.
    this.#wake(0);
  }

  #wake(delayMs: number): void {
    this.#timer?.();
    this.#timer = this.#host.clock.after(delayMs, () => this.pump());
  }

  #reportRequest(
    outcome: 'ok' | 'not_found' | 'http_status' | 'timeout' | 'network',
    timing: ExchangeTiming,
    status: number | undefined,
  ): void {
    this.#host.report({
      kind: 'media_request',
      what: 'segment',
      outcome,
      ...(status === undefined ? {} : { status }),
      durationMs: timing.endedAtMs - timing.startedAtMs,
      ...(timing.firstByteAtMs === undefined ? {} : { ttfbMs: timing.firstByteAtMs - timing.startedAtMs }),
      atMs: timing.endedAtMs,
    });
  }
}
