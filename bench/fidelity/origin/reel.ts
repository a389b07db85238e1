import { onMetaDataBody } from '../../../src/media/flv-layout.js';
import { readClip } from '../../../src/stage/clip.js';
import { createEncoder, SRS_SERVER_NAME } from '../../../src/stage/encoder.js';
import type { MediaUnit, StreamHeaders } from '../../../src/stage/media-unit.js';

/** Both tracks together, filler included. */
const BITS_PER_S = 1_000_000;

/** A clip as the publisher plays it: numbered pictures, each with its stamp, and the tone. */
export interface Reel {
  readonly gopPictures: number;
  /** By how many pictures the encoder must wait to send them in the order of decoding. */
  readonly reorderPictures: number;
  readonly bytesPerMs: number;
  headersOf(tracks: 'both' | 'audio'): StreamHeaders;
  /** Number on the screen of the picture that is sent as number `index`. */
  shownFrame(index: number): number;
  /** `captureMs` is written into the stamp as it is: whoever serves the unit puts the epoch's time there. */
  picture(index: number, dtsMs: number, captureMs: number): MediaUnit;
  audio(index: number, dtsMs: number, atMs: number): MediaUnit;
}

/** Reads a clip's file. Throws MediaError when it is not one of ours. */
export function createReel(file: Buffer): Reel {
  const clip = readClip(file);
  const encoder = createEncoder(clip, BITS_PER_S);
  const frameMs = 1000 / clip.framesPerS;
  const leadMs = clip.pictures[0]?.compositionMs ?? 0;
  const shown = clip.pictures.map(
    (picture, index) => index + Math.round((picture.compositionMs - leadMs) / frameMs),
  );
  const shownFrame = (index: number): number => {
    const loops = Math.floor(index / shown.length);
    return loops * shown.length + (shown[index % shown.length] as number);
  };
  return {
    gopPictures: clip.gopPictures,
    reorderPictures: Math.max(...shown.map((frame, index) => frame - index)),
    bytesPerMs: encoder.bitsPerS / 8000,
    shownFrame,
    headersOf: (tracks) => ({ ...encoder.headers, metadata: metadataOf(tracks) }),
    picture: (index, dtsMs, captureMs) => ({
      ...encoder.video(index, {
        dtsMs,
        // A stamp holds no negative number; the real one is put there when zero is known.
        captureEpochMs: 0,
        frameNumber: shownFrame(index),
        stamped: true,
      }),
      captureEpochMs: captureMs,
    }),
    audio: (index, dtsMs, atMs) => encoder.audio(index, dtsMs, atMs),
  };
}

function metadataOf(tracks: 'both' | 'audio'): Uint8Array {
  const video = { width: 320, height: 180, videodatarate: 900, framerate: 30, videocodecid: 7 };
  return onMetaDataBody({
    ...(tracks === 'both' ? video : {}),
    ...{ audiodatarate: 96, audiosamplerate: 44100, audiosamplesize: 16, stereo: true, audiocodecid: 10 },
    ...{ server: SRS_SERVER_NAME, server_version: '6.0.157' },
  });
}
