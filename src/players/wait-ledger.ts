import type { WallTime } from './wall-time.js';

/** Who is told of waits. Instants in run milliseconds. */
export interface WaitSink {
  /** A wait after playing began has lasted as long as a rebuffer; reported while it may still go on. */
  rebufferStarted(startedAtMs: number): void;
  rebufferEnded(startedAtMs: number, endedAtMs: number, cutOff: boolean): void;
  microWait(startedAtMs: number, endedAtMs: number): void;
}

/**
 * One wait at a time, from the instant the clock stood still to the instant it runs again: what is long enough is
 * a rebuffer and takes its share of the time, the rest are micro-waits that nobody sees, or short seeks.
 */
export class WaitLedger {
  readonly #rebufferMinMs: number;
  readonly #sink: WaitSink;
  readonly #wall: WallTime;
  #startedAtMs: number | undefined;
  #bySeek = false;
  #reported = false;

  constructor(rebufferMinMs: number, sink: WaitSink, wall: WallTime) {
    this.#rebufferMinMs = rebufferMinMs;
    this.#sink = sink;
    this.#wall = wall;
  }

  get running(): boolean {
    return this.#startedAtMs !== undefined;
  }

  /** Whether a wait is running that had lasted as long as a rebuffer when `note` was last called. */
  get rebuffering(): boolean {
    return this.running && this.#reported;
  }

  /** @param bySeek the player moved the playhead: below a rebuffer's length this is no wait for media */
  open(atMs: number, bySeek: boolean): void {
    this.#startedAtMs = atMs;
    this.#bySeek = bySeek;
    this.#reported = false;
    this.#wall.turn('undecided', atMs);
  }

  /** The wait was none: the line went on unbroken. */
  dismiss(): void {
    if (this.#startedAtMs !== undefined) this.#wall.turn('played', this.#startedAtMs);
    this.#startedAtMs = undefined;
  }

  /** The clock runs again, or the viewer leaves. */
  close(atMs: number, cutOff: boolean): void {
    const startedAtMs = this.#startedAtMs;
    if (startedAtMs === undefined) return;
    this.#startedAtMs = undefined;
    const spanMs = atMs - startedAtMs;
    if (spanMs >= this.#rebufferMinMs) {
      if (!this.#reported) this.#sink.rebufferStarted(startedAtMs);
      this.#wall.turn('played', atMs, 'stalled');
      this.#sink.rebufferEnded(startedAtMs, atMs, cutOff);
      return;
    }
    this.#wall.turn('played', atMs, this.#bySeek ? 'seeking' : 'microWait');
    if (spanMs > 0 && !this.#bySeek) this.#sink.microWait(startedAtMs, atMs);
  }

  /** Time is `nowMs`: a wait that still runs may have become a rebuffer. */
  note(nowMs: number): void {
    const startedAtMs = this.#startedAtMs;
    if (startedAtMs === undefined || nowMs - startedAtMs < this.#rebufferMinMs) return;
    if (!this.#reported) this.#sink.rebufferStarted(startedAtMs);
    this.#reported = true;
    this.#wall.decide('stalled');
  }
}
