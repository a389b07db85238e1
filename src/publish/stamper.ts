import type { CaptureStamp } from '../media/capture-stamp.js';
import {
  FLV_TAG_AUDIO,
  FLV_TAG_HEADER_BYTES,
  FLV_TAG_SCRIPT,
  FLV_TAG_VIDEO,
  FLV_TRAILER_BYTES,
  writeFlvTagHeader,
  writeFlvTrailer,
} from '../media/flv-layout.js';
import { MediaError } from '../media/media-error.js';
import { LEAD_BYTES, type TagSink, type TagStart } from './flv-cutter.js';
import type { Gate } from './gate.js';
import type { SourceClock } from './source-clock.js';
import { STAMP_SEI_BYTES, writeStampSei } from './stamp-sei.js';

/** What a server must have before the first frame; each is the whole tag. */
export type HeaderKind = 'script' | 'avc' | 'aac';

export interface StampedStream {
  /** A header tag: kept for whoever connects later. */
  header(kind: HeaderKind, tag: Uint8Array): void;
  /** One whole tag that the gate let through, in pieces. */
  media(pieces: readonly Uint8Array[]): void;
  /** A picture was stamped, sent or not. */
  frame(captureEpochUs: number): void;
}

/** A header that is longer is none. */
const MAX_HEADER_BYTES = 65_536;

/**
 * Puts the capture stamp first into each access unit of an FLV stream (H.264 in AVCC form with 4-byte lengths), and
 * the times that the gate says. Everything else passes as it is; only what comes before a body is written anew.
 * Throws MediaError for video that is no such H.264.
 */
export class Stamper implements TagSink {
  readonly #clock: SourceClock;
  readonly #gate: Gate;
  readonly #out: StampedStream;
  readonly #lead = new Uint8Array(LEAD_BYTES);
  /** The tag that is arriving; its lead is a copy. */
  #tag: TagStart = NO_TAG;
  /** Its body behind the lead, as views. */
  #pieces: Uint8Array[] = [];
  #frames = 0;
  #firstPtsMs: number | undefined;

  constructor(clock: SourceClock, gate: Gate, out: StampedStream) {
    this.#clock = clock;
    this.#gate = gate;
    this.#out = out;
  }

  onTag(tag: TagStart): void {
    this.#lead.set(tag.lead);
    this.#tag = { ...tag, lead: this.#lead.subarray(0, tag.lead.length) };
    this.#pieces = [];
    if (headerKindOf(this.#tag) !== undefined && tag.bodyBytes > MAX_HEADER_BYTES) {
      throw new MediaError('header_too_long', 0);
    }
  }

  onBody(piece: Uint8Array): void {
    this.#pieces.push(piece);
  }

  onTagEnd(): void {
    const tag = this.#tag;
    const header = headerKindOf(tag);
    if (header === undefined) this.#frame(tag);
    else this.#out.header(header, wholeTag(header, tag, this.#pieces));
  }

  #frame(tag: TagStart): void {
    const picture = isPicture(tag);
    const captureEpochUs = picture ? this.#captureOf(tag) : undefined;
    const frameNumber = picture ? this.#frames++ : 0;
    // Asked at the end of the tag, so that a connection that came meanwhile begins with a whole one.
    const timeMs = this.#gate.admit({ timeMs: tag.timeMs, keyframe: picture && isKeyframe(tag) });
    if (timeMs !== undefined) {
      const stamp = captureEpochUs === undefined ? undefined : { captureEpochUs, frameNumber };
      this.#out.media(stampedTag(tag, this.#pieces, timeMs, stamp));
    }
    if (captureEpochUs !== undefined) this.#out.frame(captureEpochUs);
  }

  /** The first picture that comes out is the first that went in, whatever time the muxer gave it. */
  #captureOf(tag: TagStart): number | undefined {
    const ptsMs = tag.timeMs + compositionMs(tag.lead);
    this.#firstPtsMs ??= ptsMs;
    const firstSourceUs = this.#clock.firstSourceUs ?? 0;
    return this.#clock.captureEpochUs(firstSourceUs + (ptsMs - this.#firstPtsMs) * 1000);
  }
}

/** The tag in pieces: what changes at its ends, and its body as it came. */
function stampedTag(
  tag: TagStart,
  body: readonly Uint8Array[],
  timeMs: number,
  stamp: CaptureStamp | undefined,
): Uint8Array[] {
  const stampAt = FLV_TAG_HEADER_BYTES + tag.lead.length;
  const stampBytes = stamp === undefined ? 0 : STAMP_SEI_BYTES;
  const head = new Uint8Array(stampAt + stampBytes);
  writeFlvTagHeader(head, 0, tag.type, tag.bodyBytes + stampBytes, timeMs);
  head.set(tag.lead, FLV_TAG_HEADER_BYTES);
  if (stamp !== undefined) writeStampSei(head, stampAt, stamp);
  const trailer = new Uint8Array(FLV_TRAILER_BYTES);
  writeFlvTrailer(trailer, 0, tag.bodyBytes + stampBytes);
  return [head, ...body, trailer];
}

/** A header tag in one piece, at time 0. */
function wholeTag(kind: HeaderKind, tag: TagStart, body: readonly Uint8Array[]): Uint8Array {
  const whole = Buffer.concat(stampedTag(tag, body, 0, undefined));
  // lengthSizeMinusOne of the AVCDecoderConfigurationRecord (ISO 14496-15 5.3.3.1).
  const at = FLV_TAG_HEADER_BYTES + AVC_LEAD_BYTES + 4;
  if (kind === 'avc' && ((whole[at] as number) & 3) !== 3) throw new MediaError('avc_config', at);
  return whole;
}

const NO_TAG: TagStart = { type: 0, bodyBytes: 0, timeMs: 0, lead: new Uint8Array(0) };
const CODEC_H264 = 7;
const CODEC_AAC = 10;
const AVC_LEAD_BYTES = 5;
const PACKET_CONFIG = 0;
const PACKET_NALS = 1;
const FRAME_KEY = 1;

function headerKindOf({ type, lead, bodyBytes }: TagStart): HeaderKind | undefined {
  if (type === FLV_TAG_SCRIPT) return 'script';
  if (type === FLV_TAG_AUDIO && bodyBytes > 1 && (lead[0] as number) >> 4 === CODEC_AAC) {
    return lead[1] === PACKET_CONFIG ? 'aac' : undefined;
  }
  if (type !== FLV_TAG_VIDEO) return undefined;
  if (bodyBytes < AVC_LEAD_BYTES || ((lead[0] as number) & 15) !== CODEC_H264)
    throw new MediaError('video_codec', 0);
  return lead[1] === PACKET_CONFIG ? 'avc' : undefined;
}

function isPicture({ type, lead, bodyBytes }: TagStart): boolean {
  return type === FLV_TAG_VIDEO && lead[1] === PACKET_NALS && bodyBytes > AVC_LEAD_BYTES;
}

function isKeyframe({ lead }: TagStart): boolean {
  return (lead[0] as number) >> 4 === FRAME_KEY;
}

/** Signed, 24 bits. */
function compositionMs(lead: Uint8Array): number {
  const [, , high = 0, middle = 0, low = 0] = lead;
  return ((high << 24) | (middle << 16) | (low << 8)) >> 8;
}
