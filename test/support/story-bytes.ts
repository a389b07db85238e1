import { CAPTURE_STAMP_BYTES, writeCaptureStamp } from '../../src/media/capture-stamp.js';
import type { FlvStory, StoryMedia, Track } from '../../src/players/conformance.js';
import {
  AAC_CONFIG,
  AUDIO_PID,
  AVC_CONFIG,
  aacBody,
  adtsFrame,
  annexB,
  avcBody,
  bytes,
  flvHeader,
  flvTag,
  pesPacket,
  slice,
  tables,
  tsPackets,
  VIDEO_PID,
} from './media-bytes.js';
import type { Piece } from './scripted-http.js';

/** One AAC frame at 44.1 kHz, ms. */
export const AUDIO_FRAME_MS = 1024 / 44.1;
/** One picture at 30 a second, ms. */
export const VIDEO_FRAME_MS = 1000 / 30;

interface Frame {
  readonly track: Track;
  readonly mediaMs: number;
  readonly arriveMs: number;
  readonly index: number;
}

function stampNal(captureEpochMs: number, frameNumber: number): Uint8Array {
  const payload = new Uint8Array(CAPTURE_STAMP_BYTES);
  writeCaptureStamp(payload, 0, { captureEpochUs: Math.round(captureEpochMs * 1000), frameNumber });
  return bytes(6, 5, CAPTURE_STAMP_BYTES, payload, 0x80);
}

function framesOf(story: FlvStory): Frame[] {
  const frames: Frame[] = [];
  for (const [track, frameMs] of [
    ['video', VIDEO_FRAME_MS],
    ['audio', AUDIO_FRAME_MS],
  ] as const) {
    if (story.flags?.[track] === false) continue;
    const givenMs = track === 'video' ? story.picturesMs : undefined;
    const positionMs = (index: number): number =>
      givenMs === undefined ? index * frameMs : (givenMs[index] ?? Number.POSITIVE_INFINITY);
    for (let index = 0; positionMs(index) < story.toMs; index++) {
      const mediaMs = positionMs(index);
      const arriveMs = mediaMs < (story.fromMs ?? 0) ? undefined : story.arriveMs(mediaMs, track);
      if (arriveMs !== undefined) frames.push({ track, mediaMs, arriveMs, index });
    }
  }
  return frames.sort((a, b) => a.arriveMs - b.arriveMs || a.mediaMs - b.mediaMs);
}

/** From decoding to presentation: the keyframe 2 pictures, then P 3 and B 1, the last of the GOP 2. */
function compositionMs(index: number, framesPerGop: number, bFrames: boolean | undefined): number {
  if (bFrames !== true) return 0;
  const at = index % framesPerGop;
  const frames = at === 0 || at === framesPerGop - 1 ? 2 : at % 2 === 1 ? 3 : 1;
  return frames * VIDEO_FRAME_MS;
}

/** The body of one FLV viewer; a picture that is sent as it is made was captured at `epochMs` + its arrival. */
export function flvBody(story: FlvStory, captureEpochMs: (mediaMs: number) => number): Piece[] {
  const flags = story.flags ?? { audio: true, video: true };
  const tagMs = (mediaMs: number, track: Track) => Math.round(story.tagMs?.(mediaMs, track) ?? mediaMs) >>> 0;
  const head = [flvHeader((flags.video ? 1 : 0) | (flags.audio ? 4 : 0))];
  if (flags.video) head.push(flvTag(9, 0, AVC_CONFIG));
  if (flags.audio) head.push(flvTag(8, 0, AAC_CONFIG));
  const pieces: Piece[] = [];
  let parts: Uint8Array[] = head;
  let atMs = 0;
  for (const frame of framesOf(story)) {
    if (frame.arriveMs > atMs) {
      if (parts.length > 0) pieces.push({ atMs, bytes: Buffer.concat(parts) });
      parts = [];
      atMs = frame.arriveMs;
    }
    const timeMs = tagMs(frame.mediaMs, frame.track);
    if (frame.track === 'audio') parts.push(flvTag(8, timeMs, aacBody()));
    else {
      const key = frame.index % (story.framesPerGop ?? 30) === 0;
      const stamp = stampNal(captureEpochMs(frame.mediaMs), frame.index);
      const ct = Math.round(compositionMs(frame.index, story.framesPerGop ?? 30, story.bFrames));
      parts.push(flvTag(9, timeMs, avcBody(key, ct, stamp, slice(key ? 5 : 1))));
    }
  }
  if (parts.length > 0) pieces.push({ atMs, bytes: Buffer.concat(parts) });
  return pieces;
}

const TICKS_PER_MS = 90;
const TS_CLOCK = 2 ** 33;

/** A segment with a keyframe first, one picture or audio frame a packet. */
export function tsSegment(media: StoryMedia, startEpochMs: number): Uint8Array {
  const tracks = media.tracks ?? { audio: true, video: true };
  const packets = tables();
  const ticks = (ms: number) => Math.round(ms * TICKS_PER_MS) % TS_CLOCK;
  let counter = 0;
  const offsetMs = (i: number): number =>
    media.picturesMs === undefined ? i * VIDEO_FRAME_MS : (media.picturesMs[i] ?? Number.POSITIVE_INFINITY);
  const numberOf = (i: number): number =>
    media.firstNumber === undefined
      ? Math.round((media.ptsMs + offsetMs(i)) / VIDEO_FRAME_MS)
      : media.firstNumber + i;
  for (let i = 0; tracks.video && offsetMs(i) < media.durationMs - 1; i++) {
    const dtsMs = media.ptsMs + offsetMs(i);
    const ptsMs = dtsMs + compositionMs(i, Math.round(media.durationMs / VIDEO_FRAME_MS), media.bFrames);
    const captured = media.capturedAtMs;
    const nals = [slice(i === 0 ? 5 : 1)];
    if (captured !== undefined) nals.unshift(stampNal(startEpochMs + captured + offsetMs(i), numberOf(i)));
    const unit = tsPackets(
      VIDEO_PID,
      counter,
      pesPacket('video', ticks(ptsMs), ticks(dtsMs), annexB(...nals)),
    );
    counter += unit.length;
    packets.push(...unit);
  }
  let sound = 0;
  const first = Math.ceil(media.ptsMs / AUDIO_FRAME_MS - 1e-6);
  for (let n = first; tracks.audio && n * AUDIO_FRAME_MS < media.ptsMs + media.durationMs - 1e-6; n++) {
    const at = ticks(n * AUDIO_FRAME_MS);
    packets.push(...tsPackets(AUDIO_PID, sound++, pesPacket('audio', at, at, adtsFrame(30))));
  }
  return Buffer.concat(packets);
}
