import type { FlvEnd, StartFailure } from '../events.js';
import type { Cancel, StreamEnd, StreamSink } from '../seams.js';
import { captureEpochMsOf } from './day-clock.js';
import { FlvReader } from './flv-reader.js';
import type { FlvTag } from './flv-reader-tag.js';
import { FlvSampleQueue } from './flv-sample-queue.js';
import { FlvTimeline, type OldMedia } from './flv-timeline.js';
import type { Library, LibraryHost } from './library.js';
import { Reads } from './reads.js';
import { Stash } from './stash.js';

/** FLV file header and the first PreviousTagSize, FLV spec annex E.2 and E.3. */
const HEAD_BYTES = 13;
/** Tag header and the PreviousTagSize behind it. */
const TAG_FRAME_BYTES = 15;

/** The FLV library on one endless response: bytes -> tags -> stash -> remuxer -> media element. */
export class FlvPlayer implements Library {
  readonly #host: LibraryHost;
  readonly #url: string;
  #session: FlvSession | undefined;
  #videoStepMs = 0;

  constructor(host: LibraryHost, url: string) {
    this.#host = host;
    this.#url = url;
  }

  start(nowMs: number): void {
    this.#load(nowMs);
    this.#session = new FlvSession(this.#host, this.#url, this.#host.profile.flv.readsAfterMs.first);
  }

  reload(nowMs: number): void {
    const before = this.#session?.timeline;
    this.#session?.close();
    this.#host.frames.restart();
    this.#host.capture.clear();
    const old = this.#host.profile.flv.reloadPlaysOld;
    const playsOld = old !== undefined && this.#host.playout.holdsStart(old.audioMs);
    this.#load(nowMs);
    if (playsOld) this.#host.playout.playOld(nowMs + old.playsAfterMs, old.audioMs, old.picturesMs);
    const { readsAfterMs } = this.#host.profile.flv;
    this.#videoStepMs = Math.max(this.#videoStepMs, before?.videoStepMs ?? 0);
    const kept = playsOld && {
      picturesMs: old.picturesMs,
      audioFromMs: before?.audioFromMs ?? 0,
      videoStepMs: this.#videoStepMs,
    };
    this.#session = new FlvSession(this.#host, this.#url, readsAfterMs.reload, kept || undefined);
  }

  stop(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  #load(nowMs: number): void {
    const law = this.#host.profile.renderer;
    this.#host.arrivals.begin(nowMs);
    this.#host.playout.load(
      nowMs,
      { kind: 'first_sample' },
      { paintMs: law.flvPaintDelayMs, playMs: law.flvPlayDelayMs },
    );
  }
}

/** One connection of the FLV player. */
class FlvSession implements StreamSink {
  readonly #host: LibraryHost;
  readonly #reader: FlvReader;
  readonly #stash: Stash;
  readonly #reads: Reads;
  readonly #timeline: FlvTimeline;
  readonly #queue = new FlvSampleQueue();
  #cancel: Cancel | undefined;
  #open = true;
  #bad = false;
  #receivedBytes = 0;
  /** As it was when the read that goes on began. */
  #readFromBytes = 0;
  #readFromQueued = 0;
  /** Of tags that were not complete then. */
  #stashedBytes = 0;
  #consumedBytes = HEAD_BYTES;
  #flagAudio = false;
  #flagVideo = false;
  #configAudio = false;
  #configVideo = false;
  #nowMs = 0;

  /**
   * @param readsAfterMs from the first byte to the library's first read
   * @param old what is played of the time before a reload; absent = nothing
   */
  constructor(host: LibraryHost, url: string, readsAfterMs: number, old?: OldMedia) {
    this.#host = host;
    this.#reads = new Reads(readsAfterMs);
    this.#stash = new Stash(host.profile.flv.stash ? host.profile.flv.stashInitialBytes : 0, readsAfterMs);
    this.#timeline = new FlvTimeline(host.profile.flv, host.playout, host.capture, host.frames, old);
    this.#reader = new FlvReader({
      onHeader: (hasAudio, hasVideo) => {
        this.#flagAudio = hasAudio;
        this.#flagVideo = hasVideo;
      },
      onTag: (tag) => this.#tag(tag),
      onError: (code) => {
        // A jump of time is read on, as the library does; its remuxer rules say what a person sees of it.
        if (code !== 'flv_time_jump') this.#bad = true;
        this.#host.report({ kind: 'media_error', code, atMs: this.#nowMs });
      },
    });
    const ask = () => {
      this.#cancel = host.http.stream({ method: 'GET', url, headers: host.headers }, this);
    };
    const { workerStartMs } = host.profile.flv;
    if (workerStartMs > 0) this.#cancel = host.clock.after(workerStartMs, ask);
    else ask();
  }

  get timeline(): FlvTimeline {
    return this.#timeline;
  }

  close(): void {
    this.#open = false;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  onResponse(status: number, _headers: unknown, atMs: number): void {
    if (!this.#open || (status >= 200 && status < 300)) return;
    this.#fail('http_status', 'http_status', atMs, status);
  }

  onBytes(chunk: Uint8Array, atMs: number): void {
    if (!this.#open) return;
    this.#nowMs = atMs;
    if (this.#receivedBytes === 0)
      this.#host.playout.notBefore(atMs + this.#host.profile.renderer.flvFirstAppendDelayMs);
    this.#host.first('byte', atMs);
    this.#host.count('bytes', chunk.length);
    for (let at = 0; at < chunk.length && this.#open; ) {
      const { bytes, goesOn } = this.#reads.take(chunk.length - at, atMs);
      this.#read(chunk.subarray(at, at + bytes), atMs, goesOn);
      at += bytes;
    }
    if (this.#bad) this.#fail('network', 'media_error', atMs);
  }

  /** A read of the library, or a part of one. */
  #read(piece: Uint8Array, atMs: number, goesOn: boolean): void {
    if (!goesOn) {
      this.#readFromBytes = this.#receivedBytes;
      this.#readFromQueued = this.#queue.length;
      this.#stashedBytes = Math.max(0, this.#receivedBytes - this.#consumedBytes);
    }
    const stashed = this.#stash.arrive(piece.length, atMs, goesOn);
    if (stashed === 'before') this.#dispatch(atMs, this.#readFromQueued);
    this.#receivedBytes += piece.length;
    if (stashed === 'before')
      this.#stash.remain(this.#stashedBytes + this.#receivedBytes - this.#readFromBytes);
    this.#reader.push(piece);
    if (stashed !== 'through') return;
    this.#dispatch(atMs);
    this.#stash.remain(Math.max(0, this.#receivedBytes - this.#consumedBytes));
  }

  onEnd(end: StreamEnd): void {
    if (!this.#open) return;
    const { how, reason } = endOf(end);
    this.#dispatch(end.atMs, this.#queue.length, how === 'clean');
    if (how === 'clean') this.#timeline.flush();
    if (how === 'clean') {
      this.#open = false;
      this.#host.flvEnded('clean', reason, end.atMs);
    } else this.#fail(how, reason, end.atMs);
  }

  #fail(how: FlvEnd, reason: StartFailure, atMs: number, status?: number): void {
    this.close();
    this.#host.flvEnded(how, reason, atMs, status);
  }

  #tag(tag: Readonly<FlvTag>): void {
    this.#consumedBytes += TAG_FRAME_BYTES + tag.sizeBytes;
    this.#host.count('tags', 1);
    if (tag.kind === 'script') {
      this.#flagAudio = tag.metaHasAudio ?? this.#flagAudio;
      this.#flagVideo = tag.metaHasVideo ?? this.#flagVideo;
      return;
    }
    this.#host.first('tag', this.#nowMs);
    if (tag.config) this.#config(tag.kind);
    if (!tag.frame) return;
    if (tag.keyframe) this.#host.first('keyframe', this.#nowMs);
    this.#enqueue(tag);
  }

  /** Nothing is handed on before the sequence headers of all flagged tracks; a late AAC header adds the track. */
  #config(kind: 'audio' | 'video'): void {
    if (kind === 'audio') {
      this.#configAudio = true;
      this.#flagAudio = true;
    } else {
      this.#configVideo = true;
      this.#flagVideo = true;
    }
    if (this.#tracksKnown()) this.#host.first('ready', this.#nowMs);
  }

  #enqueue(tag: Readonly<FlvTag>): void {
    const sample = this.#queue.next();
    if (sample === undefined) return;
    sample.track = tag.kind === 'video' ? 'video' : 'audio';
    sample.dtsMs = tag.dtsMs;
    sample.ptsMs = tag.ptsMs;
    sample.keyframe = tag.keyframe;
    sample.wrapped = tag.wrapped === '31';
    sample.audioFrameMs = tag.audioFrameMs;
    sample.captureEpochMs = captureEpochMsOf(tag, this.#host.clock, this.#nowMs);
    if (sample.captureEpochMs !== undefined) this.#host.arrivals.picture(sample.captureEpochMs, this.#nowMs);
    sample.captureSource = sample.captureEpochMs === undefined ? undefined : tag.captureSource;
    sample.frameNumber = tag.stamped ? tag.frameNumber : undefined;
  }

  /** Hands on the first `count` samples that wait. */
  #dispatch(nowMs: number, count = this.#queue.length, isLast = false): void {
    if (!this.#tracksKnown()) return;
    const { playout, profile } = this.#host;
    playout.setTracks(this.#flagAudio, this.#flagVideo);
    // The element knows of it a little later: whoever runs dry until then has run dry.
    playout.advance(nowMs + profile.renderer.flvAppendDelayMs);
    this.#readFromQueued = this.#remux(count, isLast);
    playout.settle(nowMs);
    const chasing = profile.flv.chasing;
    if (chasing === undefined || !playout.hasPlayed) return;
    const endMs = playout.lastEndMs;
    if (endMs !== undefined && endMs - playout.playheadMs(nowMs) > chasing.maxMs)
      playout.seek(nowMs, endMs - chasing.remainMs, 'chaser');
  }

  /**
   * The remuxer leaves a track alone that has got too little since the last time; at the end of the stream it
   * takes everything. Returns how many samples stay; they stand at the front of the queue.
   */
  #remux(count: number, isLast: boolean): number {
    const least = isLast ? 0 : this.#host.profile.flv.remuxMinSamples;
    const audio = this.#queue.countOf('audio', count);
    const goesAudio = audio >= least;
    const goesVideo = count - audio >= least;
    return this.#queue.handOn(
      count,
      ({ track }) => (track === 'audio' ? goesAudio : goesVideo),
      (sample) => this.#timeline.append(sample),
    );
  }

  #tracksKnown(): boolean {
    if (!this.#flagAudio && !this.#flagVideo) return false;
    return (!this.#flagAudio || this.#configAudio) && (!this.#flagVideo || this.#configVideo);
  }
}

/** What the library makes of the end of a body (player-model 2.2), and what it is called if nothing was shown yet. */
function endOf(end: StreamEnd): { how: FlvEnd; reason: StartFailure } {
  switch (end.kind) {
    case 'complete':
      return { how: 'clean', reason: 'cut' };
    case 'cut':
      return { how: 'cut', reason: 'cut' };
    case 'reset':
      return { how: 'reset', reason: 'cut' };
    case 'refused':
    case 'dns':
    case 'not_allowed':
    case 'untrusted':
      return { how: 'network', reason: 'refused' };
    default:
      return { how: 'network', reason: 'no_data' };
  }
}
