import type { Clock, PublisherClock } from '../seams.js';

/** Pictures between two reports; at 60 a second a report each second has room for all of them. */
const CAPACITY = 128;

/** Where a log's figures go: latencies in ms, and how many pictures came before they were captured. */
export type ReportArrivals = (latenciesMs: Float64Array, beforeCapture: number) => void;

/**
 * How late stamped pictures came in: capture to the last byte of the picture at the socket. Pictures that were captured
 * before the media was asked for lay waiting in the server; their age says nothing of the way, and they are left out.
 * A picture costs no allocation, a report one; a full log is reported at once.
 */
export class ArrivalLog {
  readonly #clock: Clock;
  readonly #publisher: PublisherClock;
  readonly #report: ReportArrivals;
  readonly #latenciesMs = new Float64Array(CAPACITY);
  #count = 0;
  #beforeCapture = 0;
  /** Our wall clock at run time 0. */
  #startEpochMs = 0;
  #askedAtMs = 0;

  constructor(clock: Clock, publisher: PublisherClock, report: ReportArrivals) {
    this.#clock = clock;
    this.#publisher = publisher;
    this.#report = report;
  }

  /** Media is asked for at `atMs`. */
  begin(atMs: number): void {
    this.#startEpochMs = this.#clock.epochMs() - this.#clock.nowMs();
    this.#askedAtMs = atMs;
  }

  /** From a capture at `captureEpochMs` on the publisher's clock to `atMs`, ms; below 0 where a clock is wrong. */
  sinceCaptureMs(captureEpochMs: number, atMs: number): number {
    return atMs - (captureEpochMs - this.#startEpochMs - this.#publisher.offsetMs());
  }

  /** The last byte of a picture that was captured at `captureEpochMs` on the publisher's clock came at `atMs`. */
  picture(captureEpochMs: number, atMs: number): void {
    const publisherAtZeroMs = this.#startEpochMs + this.#publisher.offsetMs();
    const capturedAtMs = captureEpochMs - publisherAtZeroMs;
    if (capturedAtMs < this.#askedAtMs) return;
    const latencyMs = atMs - capturedAtMs;
    // Where the clocks may be that far apart, a picture that came before it was captured came at once.
    if (latencyMs < -(this.#publisher.uncertaintyMs() ?? 0)) this.#beforeCapture += 1;
    else this.#latenciesMs[this.#count++] = Math.max(0, latencyMs);
    if (this.#count === CAPACITY) this.flush();
  }

  /** Reports what came in since the last time, if anything did. */
  flush(): void {
    if (this.#count === 0 && this.#beforeCapture === 0) return;
    this.#report(this.#latenciesMs.slice(0, this.#count), this.#beforeCapture);
    this.#count = 0;
    this.#beforeCapture = 0;
  }
}
