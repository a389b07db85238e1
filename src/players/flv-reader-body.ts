import type { MediaErrorCode } from '../events.js';
import { aacFrameMs } from './adts.js';
import type { NalCodec } from './avc.js';
import { AvcConfigKeeper } from './avc-config.js';
import { NalLengthWalker } from './avc-lengths.js';
import { blankHead, type FlvHead, readAudioHead, readVideoHead } from './flv-reader-head.js';
import { FlvMetaScan } from './flv-reader-meta.js';
import type { FlvTag } from './flv-reader-tag.js';

/** Opus frames are 20 ms unless the encoder was told otherwise; MP3 frames are 1152 samples. */
const OPUS_FRAME_MS = 20;
const MP3_FRAME_MS = (1152 * 1000) / 44_100;

/**
 * What a tag's body says: codec, configuration, pictures and stamps. Keeps what the connection's sequence
 * headers announced. Fills the tag it was opened with; every method returns what is wrong with the bytes.
 */
export class FlvBodyReader {
  readonly #head: FlvHead = blankHead();
  readonly #nals = new NalLengthWalker();
  readonly #meta = new FlvMetaScan();
  #watcher: 'none' | 'nals' | 'meta' | 'config' = 'none';
  readonly #config = new AvcConfigKeeper();
  /** Width of NAL lengths by the last configuration; 0 = none yet. */
  #nalLengthBytes = 0;
  #aacFrameMs = 0;

  /** Composition time of the body whose head was read last. */
  get compositionMs(): number {
    return this.#head.compositionMs;
  }

  /** A script tag's body follows; it has no head. */
  openScript(): void {
    this.#meta.reset();
    this.#watcher = 'meta';
  }

  /** The first `bytes` bytes of an audio or video body stand at `buf[at]`. */
  open(tag: FlvTag, buf: Uint8Array, at: number, bytes: number): MediaErrorCode | undefined {
    const head = this.#head;
    this.#watcher = 'none';
    if (tag.kind === 'video') readVideoHead(buf, at, bytes, head);
    else readAudioHead(buf, at, bytes, head);
    tag.codec = head.codec;
    tag.config = head.packet === 'config';
    tag.frame = head.packet === 'frame' && tag.sizeBytes > head.dataAt;
    if (head.codec === 'other') return 'unknown_codec';
    return tag.kind === 'audio' ? this.#audio(tag, buf, at, bytes) : this.#video(tag, buf, at, bytes);
  }

  /** The next bytes behind the head: `chunk[from, to)`. */
  feed(chunk: Uint8Array, from: number, to: number): void {
    if (this.#watcher === 'nals') this.#nals.feed(chunk, from, to);
    else if (this.#watcher === 'meta') this.#meta.feed(chunk, from, to);
    else if (this.#watcher === 'config') this.#config.feed(chunk, from, to);
  }

  /** The body is complete. */
  close(tag: FlvTag): MediaErrorCode | undefined {
    const watcher = this.#watcher;
    this.#watcher = 'none';
    if (watcher === 'meta') {
      tag.metaHasAudio = this.#meta.hasAudio;
      tag.metaHasVideo = this.#meta.hasVideo;
    } else if (watcher === 'nals') {
      if (!this.#nals.sumsUp) return 'nal_length';
      this.#takeNals(tag);
    } else if (watcher === 'config') this.#config.show(this.#nals.finder);
    return undefined;
  }

  #audio(tag: FlvTag, buf: Uint8Array, at: number, bytes: number): MediaErrorCode | undefined {
    if (tag.codec !== 'aac') {
      tag.audioFrameMs = tag.codec === 'opus' ? OPUS_FRAME_MS : MP3_FRAME_MS;
      return undefined;
    }
    if (tag.config) {
      this.#aacFrameMs = aacFrameMs(buf, at + this.#head.dataAt, at + bytes);
      if (this.#aacFrameMs === 0) return 'flv_codec';
    }
    tag.audioFrameMs = this.#aacFrameMs;
    return undefined;
  }

  #video(tag: FlvTag, buf: Uint8Array, at: number, bytes: number): MediaErrorCode | undefined {
    const { codec, dataAt, key } = this.#head;
    if (tag.frame) tag.keyframe = key;
    if (codec !== 'avc' && codec !== 'hevc') return undefined;
    if (tag.config) return this.#nalConfig(codec, buf, at + dataAt, at + bytes);
    if (tag.frame && this.#nalLengthBytes > 0) {
      this.#watcher = 'nals';
      this.#nals.begin(codec, this.#nalLengthBytes, tag.sizeBytes - dataAt);
      this.#nals.feed(buf, at + dataAt, at + bytes);
    }
    return undefined;
  }

  /** Decoder configuration record: ISO 14496-15 5.2.4.1 (avcC), 8.3.3.1 (hvcC). */
  #nalConfig(codec: NalCodec, buf: Uint8Array, from: number, to: number): MediaErrorCode | undefined {
    const widthAt = from + (codec === 'avc' ? 4 : 21);
    const lengthBytes = widthAt < to ? ((buf[widthAt] as number) & 3) + 1 : 0;
    // mpegts.js refuses lengths of one or two bytes as well.
    if (buf[from] !== 1 || lengthBytes < 3) return 'flv_codec';
    this.#nalLengthBytes = lengthBytes;
    this.#nals.finder.reset();
    if (codec === 'avc') {
      this.#watcher = 'config';
      this.#config.begin();
      this.#config.feed(buf, from, to);
    }
    return undefined;
  }

  #takeNals(tag: FlvTag): void {
    const nals = this.#nals;
    // A unit without a slice shows nothing; an IDR slice is a keyframe whatever the frame type says.
    tag.frame = nals.picture;
    tag.keyframe = nals.picture && (tag.keyframe || nals.randomAccess);
    const { found } = nals.finder;
    tag.stamped = found.source === 'stamp';
    tag.frameNumber = found.frameNumber;
    tag.captureSource = found.source;
    tag.captureEpochUs = found.captureEpochUs;
    tag.captureDayMs = found.captureDayMs;
  }
}
