/** Who is told of waits. Instants in run milliseconds. */
export interface WaitSink {
  /** A wait after playing began has lasted as long as a rebuffer; reported while it may still go on. */
  rebufferStarted(startedAtMs: number): void;
  rebufferEnded(startedAtMs: number, endedAtMs: number, cutOff: boolean): void;
  microWait(startedAtMs: number, endedAtMs: number): void;
}

/**
 * One wait at a time, from the instant the clock stood still to the instant it runs again: what is long enough is
 * a rebuffer and takes its share of the time, the rest are micro-waits that nobody sees.
 */
export class WaitLedger {
  readonly #rebufferMinMs: number;
  readonly #sink: WaitSink;
  #startedAtMs: number | undefined;
  #reported = false;
  /** How much of the running wait has been given out as a share already. */
  #sharedMs = 0;
  #pendingMs = 0;

  constructor(rebufferMinMs: number, sink: WaitSink) {
    this.#rebufferMinMs = rebufferMinMs;
    this.#sink = sink;
  }

  get running(): boolean {
    return this.#startedAtMs !== undefined;
  }

  /** Whether a wait is running that had lasted as long as a rebuffer when its share was last taken. */
  get rebuffering(): boolean {
    return this.running && this.#reported;
  }

  open(atMs: number): void {
    this.#startedAtMs = atMs;
    this.#reported = false;
    this.#sharedMs = 0;
  }

  /** The wait was none: the line went on unbroken. */
  dismiss(): void {
    this.#startedAtMs = undefined;
  }

  close(atMs: number, cutOff: boolean): void {
    const startedAtMs = this.#startedAtMs;
    if (startedAtMs === undefined) return;
    this.#startedAtMs = undefined;
    const spanMs = atMs - startedAtMs;
    if (spanMs >= this.#rebufferMinMs) {
      if (!this.#reported) this.#sink.rebufferStarted(startedAtMs);
      this.#pendingMs += spanMs - this.#sharedMs;
      this.#sink.rebufferEnded(startedAtMs, atMs, cutOff);
    } else if (spanMs > 0) this.#sink.microWait(startedAtMs, atMs);
  }

  /** Rebuffered time since the last call, a running rebuffer up to `nowMs` included. */
  takeShareMs(nowMs: number): number {
    const startedAtMs = this.#startedAtMs;
    if (startedAtMs !== undefined && nowMs - startedAtMs >= this.#rebufferMinMs) {
      if (!this.#reported) this.#sink.rebufferStarted(startedAtMs);
      this.#reported = true;
      this.#pendingMs += nowMs - startedAtMs - this.#sharedMs;
      this.#sharedMs = nowMs - startedAtMs;
    }
    const shareMs = this.#pendingMs;
    this.#pendingMs = 0;
    return shareMs;
  }
}
