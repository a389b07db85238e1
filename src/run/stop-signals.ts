/** Ctrl-C and its relatives: the first one asks to leave, the second one ends at once. */
export interface StopSignals {
  /** Resolves with the name of the first signal. */
  readonly first: Promise<string>;
  /** Takes the handlers away again. */
  dispose(): void;
}

/** The part of `process` that is used. */
export interface SignalSource {
  on(event: 'SIGINT' | 'SIGTERM' | 'SIGHUP', fn: (signal: string) => void): unknown;
  off(event: 'SIGINT' | 'SIGTERM' | 'SIGHUP', fn: (signal: string) => void): unknown;
}

/**
 * One wish may arrive twice: `timeout` sends its signal to the process and then to the whole group. What comes this
 * soon after the first one is the same wish; no person presses a key twice so fast.
 */
const SAME_WISH_MS = 50;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function listenForStop(
  source: SignalSource,
  nowMs: () => number,
  onSecond: (signal: string) => void,
): StopSignals {
  let firstAtMs: number | undefined;
  let resolveFirst: (signal: string) => void = () => {};
  const first = new Promise<string>((resolve) => {
    resolveFirst = resolve;
  });
  const onSignal = (signal: string): void => {
    const atMs = nowMs();
    if (firstAtMs === undefined) {
      firstAtMs = atMs;
      resolveFirst(signal);
    } else if (atMs - firstAtMs >= SAME_WISH_MS) {
      onSecond(signal);
    }
  };
  for (const name of SIGNALS) source.on(name, onSignal);
  return {
    first,
    dispose() {
      for (const name of SIGNALS) source.off(name, onSignal);
    },
  };
}

/**
 * Waits for `work`, but no longer than until the first signal; what still comes of it then is handed to `late`.
 * @throws {StoppedBeforeStart} when the signal was first
 */
export function untilStopped<T>(
  work: Promise<T>,
  stop: Promise<string>,
  late: (value: T) => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    let stopped = false;
    void stop.then((signal) => {
      stopped = true;
      reject(new StoppedBeforeStart(signal));
    });
    work.then((value) => (stopped ? late(value) : resolve(value)), reject);
  });
}

/** A signal came before the first viewer: there is nothing to judge. */
export class StoppedBeforeStart extends Error {
  readonly signal: string;
  constructor(signal: string) {
    super(`stopped by ${signal} before the first viewer came`);
    this.name = 'StoppedBeforeStart';
    this.signal = signal;
  }
}
