import { ProtocolError } from '../errors.js';
import type { PublisherClock } from '../seams.js';

/** One comparison of the publisher's clock with ours. */
export interface ClockReading {
  /** To be added to our wall clock to read the publisher's, ms. */
  readonly offsetMs: number;
  /** Greatest error of it at `atEpochMs`, ms: half of the round trip that it was read in, and its resolution. */
  readonly uncertaintyMs: number;
  /** Our wall clock when it was read, ms. */
  readonly atEpochMs: number;
}

/** What is known of the clock that capture times are on. */
export type ClockState =
  /** It is ours: the publisher runs on this machine; `servers`: so do the platform's servers. */
  | { readonly kind: 'same'; readonly servers: boolean }
  | { readonly kind: 'measured'; readonly reading: ClockReading }
  | { readonly kind: 'unknown' };

/** Clocks part and are led back no faster than this: half a millisecond per second, the usual limit of NTP. */
export const DRIFT_MS_PER_S = 0.5;

/** Greatest error of a reading at `nowEpochMs`: it grows with age by what two clocks may drift apart. */
export function uncertaintyAt({ uncertaintyMs, atEpochMs }: ClockReading, nowEpochMs: number): number {
  return uncertaintyMs + (Math.max(0, nowEpochMs - atEpochMs) / 1000) * DRIFT_MS_PER_S;
}

/** The publisher's clock as viewers of one thread read it; told anew what is known of it as the run goes. */
export class FollowedClock implements PublisherClock {
  readonly #epochMs: () => number;
  readonly #ownErrorMs: () => number;
  #state: ClockState;

  /** @param ownErrorMs greatest error of `epochMs` itself; 0 where it is the clock that the state speaks of */
  constructor(epochMs: () => number, state: ClockState, ownErrorMs: () => number = () => 0) {
    this.#epochMs = epochMs;
    this.#ownErrorMs = ownErrorMs;
    this.#state = state;
  }

  set(state: ClockState): void {
    this.#state = state;
  }

  get coversServers(): boolean {
    return this.#state.kind === 'same' && this.#state.servers;
  }

  offsetMs(): number {
    return this.#state.kind === 'measured' ? this.#state.reading.offsetMs : 0;
  }

  uncertaintyMs(): number | undefined {
    const state = this.#state;
    if (state.kind === 'unknown') return undefined;
    const errorMs = state.kind === 'same' ? 0 : uncertaintyAt(state.reading, this.#epochMs());
    return errorMs + this.#ownErrorMs();
  }
}

/**
 * Checks what came over a thread's border or from disk.
 * @throws {ProtocolError} when it is none of the states, or its numbers are none
 */
export function checkClockState(value: unknown): ClockState {
  if (isObject(value)) {
    const { kind, servers, reading } = value;
    if (kind === 'unknown') return { kind };
    if (kind === 'same' && typeof servers === 'boolean') return { kind, servers };
    if (kind === 'measured' && isReading(reading)) return { kind, reading };
  }
  throw new ProtocolError('not the state of a clock');
}

function isReading(value: unknown): value is ClockReading {
  if (!isObject(value)) return false;
  const { offsetMs, uncertaintyMs, atEpochMs } = value;
  return (
    Number.isFinite(offsetMs) &&
    typeof uncertaintyMs === 'number' &&
    uncertaintyMs >= 0 &&
    Number.isFinite(uncertaintyMs) &&
    Number.isFinite(atEpochMs)
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
