/** What the publisher does, over the last seconds. */
export interface Rates {
  /** Stamped frames per second. */
  readonly fps: number;
  /** Sent to the server. */
  readonly bitsPerS: number;
  /** Seconds of source time per second; 1 = it keeps up. */
  readonly speed: number;
}

interface Sample {
  readonly atMs: number;
  readonly frames: number;
  readonly sentBytes: number;
  readonly sourceUs: number;
}

/** A speed below it has lost half a second in five; less is a hiccup that is made up for. */
export const TOO_SLOW = 0.9;
/** A source that is this much faster than time is not paced at all; making up for a hold-up is slower over five seconds. */
export const TOO_FAST = 1.5;
/** Samples that rates are taken over; with one a second, the last five seconds. */
const KEPT_SAMPLES = 6;
/** Delays that the median is taken of: three seconds at the usual rate. */
const KEPT_DELAYS = 91;

/** Counts frames and keeps what is needed for a line of status. */
export class Meter {
  #frames = 0;
  #sourceUs: number | undefined;
  #sampled = 0;
  #slow = 0;
  #fast = 0;
  readonly #samples: Sample[] = [];
  readonly #delaysUs: number[] = [];

  /** Stamped since the start. */
  get frames(): number {
    return this.#frames;
  }

  /** A frame came out of the encoder, `delayUs` after its capture. */
  stamped(delayUs: number): void {
    this.#delaysUs[this.#frames % KEPT_DELAYS] = delayUs;
    this.#frames++;
  }

  /** A frame of this source time went into the encoder. */
  made(sourceUs: number): void {
    this.#sourceUs = sourceUs;
  }

  /** To be called each second. Counts from the first frame on: before it the encoder is being started. */
  sample(atMs: number, sentBytes: number): void {
    if (this.#sourceUs === undefined) return;
    this.#samples.push({ atMs, frames: this.#frames, sentBytes, sourceUs: this.#sourceUs });
    if (this.#samples.length > KEPT_SAMPLES) this.#samples.shift();
    this.#sampled++;
    const speed = this.rates()?.speed ?? 1;
    if (speed < TOO_SLOW) this.#slow++;
    if (speed > TOO_FAST) this.#fast++;
  }

  /** The share of all samples, 0 to 1, at which the source did not keep up. */
  get slowShare(): number {
    return this.#sampled === 0 ? 0 : this.#slow / this.#sampled;
  }

  /** The share of all samples, 0 to 1, at which the source ran ahead of time. */
  get fastShare(): number {
    return this.#sampled === 0 ? 0 : this.#fast / this.#sampled;
  }

  /** Median time from capture to the end of the encoded frame, microseconds; undefined before the first frame. */
  get encoderDelayUs(): number | undefined {
    return [...this.#delaysUs].sort((a, b) => a - b)[this.#delaysUs.length >> 1];
  }

  /** Undefined until two samples are there. */
  rates(): Rates | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
    const seconds = (last.atMs - first.atMs) / 1000;
    return {
      fps: (last.frames - first.frames) / seconds,
      bitsPerS: ((last.sentBytes - first.sentBytes) * 8) / seconds,
      speed: (last.sourceUs - first.sourceUs) / 1e6 / seconds,
    };
  }
}
