import type { FlvSample } from './flv-timeline.js';

/** More never wait: a sender of garbage would fill the memory. */
const MAX_QUEUED = 4096;
/** Half a second of an ordinary stream: 30 pictures and 47 frames of sound a second. */
const MAX_SPARE = 40;

/**
 * Samples of one connection that wait to be handed on, oldest first. Objects are used again, as many as an ordinary read
 * wants: with all of them a connection would hold for ever what its largest burst had, and in hours there is always a
 * larger one.
 */
export class FlvSampleQueue {
  /** Those that wait, and behind them objects that wait for samples. */
  readonly #samples: FlvSample[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Objects that are held for samples to come. */
  get spare(): number {
    return this.#samples.length - this.#length;
  }

  /** The last one in the queue, to be filled in; undefined = the queue is full. */
  next(): FlvSample | undefined {
    if (this.#length >= MAX_QUEUED) return undefined;
    let sample = this.#samples[this.#length];
    if (sample === undefined) {
      sample = {
        track: 'audio',
        dtsMs: 0,
        ptsMs: 0,
        keyframe: false,
        wrapped: false,
        audioFrameMs: 0,
        captureEpochMs: undefined,
        captureSource: undefined,
        frameNumber: undefined,
      };
      this.#samples.push(sample);
    }
    this.#length += 1;
    return sample;
  }

  /** How many of the first `count` are of this track. */
  countOf(track: FlvSample['track'], count: number): number {
    let found = 0;
    for (let i = 0; i < count; i++) if (this.#samples[i]?.track === track) found += 1;
    return found;
  }

  /** Hands on those of the first `count` that `goes` says, and returns how many of these stay. */
  handOn(count: number, goes: (sample: FlvSample) => boolean, take: (sample: FlvSample) => void): number {
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const sample = this.#samples[i] as FlvSample;
      if (goes(sample)) take(sample);
      else {
        this.#samples[i] = this.#samples[kept] as FlvSample;
        this.#samples[kept] = sample;
        kept += 1;
      }
    }
    this.#forget(kept, count);
    return kept;
  }

  /** The samples behind those from `kept` to `count` move up. */
  #forget(kept: number, count: number): void {
    const gone = this.#samples.splice(kept, count - kept);
    this.#length -= gone.length;
    for (const sample of gone) {
      if (this.spare >= MAX_SPARE) break;
      this.#samples.push(sample);
    }
  }
}
