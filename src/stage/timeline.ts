/**
 * The order in which an encoder's units leave: one tick per picture, each with the AAC frames that begin before
 * it. Times are those of the publisher, in ms from its start; audio begins at 0, pictures a moment later, as an
 * encoder with priming samples does (so SRS's first segment lasts 1.023 s). Pure.
 */
import { AAC_FRAME_SAMPLES } from '../media/aac.js';

/** When the first picture stands on the publisher's timeline, ms. */
export const FIRST_PICTURE_MS = 23;

export interface TimelineTick {
  readonly picture: number;
  /** Due time from the publisher's start, ms with fractions. */
  readonly dueMs: number;
  /** Half-open range of AAC frames that go before the picture. */
  readonly audioFrom: number;
  readonly audioTo: number;
}

/** Tick number `picture` of a stream of `framesPerS` pictures and AAC at `sampleRateHz`. */
export function timelineTick(picture: number, framesPerS: number, sampleRateHz: number): TimelineTick {
  const frameMs = 1000 / framesPerS;
  const dueMs = FIRST_PICTURE_MS + picture * frameMs;
  const audioBefore = (timeMs: number): number =>
    Math.ceil((timeMs * sampleRateHz) / 1000 / AAC_FRAME_SAMPLES);
  const audioFrom = picture === 0 ? 0 : audioBefore(dueMs - frameMs);
  return { picture, dueMs, audioFrom, audioTo: audioBefore(dueMs) };
}

/** Whole ms of AAC frame `index`, rounded as an encoder's muxer does. */
export function audioTimeMs(index: number, sampleRateHz: number): number {
  return Math.round((index * AAC_FRAME_SAMPLES * 1000) / sampleRateHz);
}
