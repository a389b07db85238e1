/** AAC framing: ADTS headers in MPEG-TS (ISO 13818-7 6.2) and the AudioSpecificConfig of FLV (ISO 14496-3 1.6). */

const RATES_HZ = [
  96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
] as const;

/** Samples that one AAC frame holds unless its configuration says 960. */
export const AAC_FRAME_SAMPLES = 1024;

const ADTS_HEADER_BYTES = 7;

/**
 * Duration in ms of one frame under the AudioSpecificConfig in `bytes[from, to)`, or 0 when it is cut short or
 * its rate is reserved. For HE-AAC the core's rate counts: 1024 samples at half the output's rate are the same time.
 */
export function aacFrameMs(bytes: Uint8Array, from: number, to: number): number {
  if (from + 2 > to) return 0;
  const head = ((bytes[from] as number) << 8) | (bytes[from + 1] as number);
  // Object type 31 escapes to six bits more; no browser plays such a stream.
  if (head >> 11 === 31) return 0;
  const index = (head >> 7) & 0x0f;
  let rateHz: number | undefined = RATES_HZ[index];
  let samples = AAC_FRAME_SAMPLES;
  if (index === 15) {
    if (from + 5 > to) return 0;
    rateHz =
      ((head & 0x7f) << 17) |
      ((bytes[from + 2] as number) << 9) |
      ((bytes[from + 3] as number) << 1) |
      ((bytes[from + 4] as number) >> 7);
  } else if (head >> 11 === 2 && (head & 0x04) !== 0) {
    samples = 960;
  }
  return rateHz === undefined || rateHz === 0 ? 0 : (samples * 1000) / rateHz;
}

/**
 * Counts ADTS frames in a byte stream that comes in any cut. Headers are read, payloads are skipped by
 * arithmetic. A frame counts where it begins, as ISO 13818-1 2.4.3.7 ties a PTS to it.
 */
export class AdtsCounter {
  /** Frames begun since `clearCounts`. */
  frames = 0;
  /** Rate of the last header, 0 before the first. */
  sampleRateHz = 0;
  /** Something that is no ADTS header stood where one had to be. */
  broken = false;

  #skip = 0;
  #have = 0;
  readonly #header = new Uint8Array(ADTS_HEADER_BYTES);

  /** A new stretch of the stream: nothing is pending. */
  reset(): void {
    this.frames = 0;
    this.broken = false;
    this.#skip = 0;
    this.#have = 0;
  }

  /** Bytes are missing: what comes next is not where the pending frame said. Counts stay. */
  breakOff(): void {
    this.#skip = 0;
    this.#have = 0;
  }

  clearCounts(): void {
    this.frames = 0;
    this.broken = false;
  }

  feed(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to && !this.broken) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, to - at);
        this.#skip -= step;
        at += step;
      } else if (this.#have === 0 && at + ADTS_HEADER_BYTES <= to) {
        this.#open(bytes, at);
        at += ADTS_HEADER_BYTES;
      } else {
        this.#header[this.#have++] = bytes[at++] as number;
        if (this.#have === ADTS_HEADER_BYTES) {
          this.#have = 0;
          this.#open(this.#header, 0);
        }
      }
    }
  }

  #open(bytes: Uint8Array, at: number): void {
    const sync = bytes[at] === 0xff && ((bytes[at + 1] as number) & 0xf6) === 0xf0;
    const b3 = bytes[at + 3] as number;
    const lengthBytes =
      ((b3 & 3) << 11) | ((bytes[at + 4] as number) << 3) | ((bytes[at + 5] as number) >> 5);
    const rateHz = RATES_HZ[((bytes[at + 2] as number) >> 2) & 0x0f];
    if (!sync || rateHz === undefined || lengthBytes <= ADTS_HEADER_BYTES) {
      this.broken = true;
      this.#skip = 0;
      return;
    }
    this.sampleRateHz = rateHz;
    this.frames += ((bytes[at + 6] as number) & 3) + 1;
    this.#skip = lengthBytes - ADTS_HEADER_BYTES;
  }
}
