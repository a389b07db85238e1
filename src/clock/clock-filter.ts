import { type ClockReading, uncertaintyAt } from './clock-state.js';

/** One question and its answer. */
export interface ClockProbe {
  /** Our wall clock before and after, ms. */
  readonly askedEpochMs: number;
  readonly answeredEpochMs: number;
  /** The publisher's clock somewhere in between, ms. */
  readonly publisherEpochMs: number;
}

/** Readings that are kept; older ones are no better, since their error grows with age. */
const KEPT = 8;

/** Wall clocks are often read to whole milliseconds. */
const RESOLUTION_MS = 1;

/**
 * The reading of one probe (RFC 5905 section 8, with the answer made in no time): the publisher read its clock
 * between question and answer, so the middle is off by half of the round trip at most, and by its resolution.
 */
export function readingOf({ askedEpochMs, answeredEpochMs, publisherEpochMs }: ClockProbe): ClockReading {
  const middleMs = (askedEpochMs + answeredEpochMs) / 2;
  return {
    offsetMs: publisherEpochMs - middleMs,
    uncertaintyMs: Math.max(0, answeredEpochMs - askedEpochMs) / 2 + RESOLUTION_MS,
    atEpochMs: middleMs,
  };
}

/** The one with the shortest round trip; undefined when there is none. */
export function bestProbe(probes: readonly ClockProbe[]): ClockProbe | undefined {
  let best: ClockProbe | undefined;
  for (const probe of probes) {
    if (best === undefined || roundTripMs(probe) < roundTripMs(best)) best = probe;
  }
  return best;
}

function roundTripMs({ askedEpochMs, answeredEpochMs }: ClockProbe): number {
  return answeredEpochMs - askedEpochMs;
}

/**
 * Follows a clock through its readings: at any time the one with the smallest error then. Since errors grow with age,
 * drift is followed by itself. Two readings that cannot both be true mean that one of the clocks was set: those before
 * are forgotten. Bounded memory.
 */
export class ClockFilter {
  readonly #kept: ClockReading[] = [];

  /** Takes a reading; answers by how much a clock was set since the last one, ms, 0 when none was. */
  add(reading: ClockReading): number {
    const before = this.best(reading.atEpochMs);
    let steppedMs = 0;
    if (before !== undefined) {
      const apartMs = reading.offsetMs - before.offsetMs;
      const allowedMs = reading.uncertaintyMs + uncertaintyAt(before, reading.atEpochMs);
      if (Math.abs(apartMs) > allowedMs) {
        steppedMs = apartMs;
        this.#kept.length = 0;
      }
    }
    this.#kept.push(reading);
    if (this.#kept.length > KEPT) this.#kept.shift();
    return steppedMs;
  }

  /** The reading with the smallest error at `nowEpochMs`; undefined before the first. */
  best(nowEpochMs: number): ClockReading | undefined {
    let best: ClockReading | undefined;
    for (const reading of this.#kept) {
      if (best === undefined || uncertaintyAt(reading, nowEpochMs) < uncertaintyAt(best, nowEpochMs)) {
        best = reading;
      }
    }
    return best;
  }
}
