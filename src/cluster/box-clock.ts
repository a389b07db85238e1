import { bestProbe, ClockFilter, type ClockProbe, readingOf } from '../clock/clock-filter.js';
import { type ClockReading, uncertaintyAt } from '../clock/clock-state.js';
import { ProtocolError } from '../errors.js';
import { z } from '../schema-library.js';
import type { Cancel, Clock } from '../seams.js';
import { readWire } from './agent-messages.js';
import type { Link } from './link.js';

/** A box's clock beside the coordinator's. */
export interface BoxClockState {
  /** To be added to the box's clock to read the coordinator's, ms. */
  readonly offsetMs: number;
  /** Greatest error of it now, ms. */
  readonly uncertaintyMs: number;
  /** How fast the two part, ms per second; absent = compared over too short a time to say. */
  readonly driftMsPerS?: number;
}

export interface BoxClockDeps {
  readonly link: Pick<Link, 'ask'>;
  readonly clock: Clock;
  readonly subject: string;
}

/** Questions before a run; the one with the shortest round trip counts. */
const FIRST_PROBES = 10;
const PROBES = 6;
/** Fewer answers than this tell too little before a run. */
const ENOUGH = 8;
/** Between two questions: a queue on the way has time to empty. */
const PROBE_GAP_MS = 30;
const EVERY_MS = 10_000;
const PATIENCE_MS = 2000;
/** Over less time drift drowns in the error of two readings. */
const DRIFT_OVER_MS = 60_000;

const answerSchema = z.strictObject({ epochMs: z.number().positive() });

/**
 * Follows the coordinator's clock by smallest round trip, as the publisher's is followed. Lives on the agent's main
 * thread, which carries no viewers.
 */
export class BoxClock {
  readonly #deps: BoxClockDeps;
  readonly #filter = new ClockFilter();
  #first: ClockReading | undefined;
  #timer: Cancel | undefined;
  #closed = false;

  constructor(deps: BoxClockDeps) {
    this.#deps = deps;
  }

  /**
   * The comparison before a run.
   * @throws {ProtocolError} when too few questions were answered
   */
  async begin(): Promise<BoxClockState> {
    const answered = await this.#compare(FIRST_PROBES);
    const { state } = this;
    if (answered < ENOUGH || state === undefined)
      throw new ProtocolError(`the coordinator's clock answered ${answered} of ${FIRST_PROBES} questions`);
    return state;
  }

  /** Compares every ten seconds from now on, until closed. */
  follow(onState: (state: BoxClockState) => void): void {
    if (this.#closed) return;
    this.#timer = this.#deps.clock.after(EVERY_MS, () => {
      void this.#compare(PROBES).then((answered) => {
        const { state } = this;
        if (this.#closed) return;
        if (answered > 0 && state !== undefined) onState(state);
        this.follow(onState);
      });
    });
  }

  /** As far as it is known now; undefined = never compared. */
  get state(): BoxClockState | undefined {
    const nowEpochMs = this.#deps.clock.epochMs();
    const best = this.#filter.best(nowEpochMs);
    if (best === undefined) return undefined;
    const driftMsPerS = driftOf(this.#first, best);
    return {
      offsetMs: best.offsetMs,
      uncertaintyMs: uncertaintyAt(best, nowEpochMs),
      ...(driftMsPerS === undefined ? {} : { driftMsPerS }),
    };
  }

  close(): void {
    this.#closed = true;
    this.#timer?.();
  }

  /** How many questions were answered. Ends at the first that is not. */
  async #compare(questions: number): Promise<number> {
    const probes: ClockProbe[] = [];
    for (let i = 0; i < questions && !this.#closed; i++) {
      if (i > 0) await new Promise<void>((resolve) => void this.#deps.clock.after(PROBE_GAP_MS, resolve));
      const probe = await this.#ask();
      if (probe === undefined) break;
      probes.push(probe);
    }
    const best = bestProbe(probes);
    if (best === undefined) return 0;
    const reading = readingOf(best);
    // A clock that was set, or another process of the coordinator: what was read before says nothing of drift.
    if (this.#filter.add(reading) !== 0) this.#first = undefined;
    this.#first ??= reading;
    return probes.length;
  }

  async #ask(): Promise<ClockProbe | undefined> {
    const { link, clock, subject } = this.#deps;
    const askedEpochMs = clock.epochMs();
    try {
      const answer = await link.ask(subject, new Uint8Array(), PATIENCE_MS);
      const answeredEpochMs = clock.epochMs();
      return {
        askedEpochMs,
        answeredEpochMs,
        publisherEpochMs: readWire(answerSchema, answer, 'a clock').epochMs,
      };
    } catch {
      return undefined;
    }
  }
}

function driftOf(first: ClockReading | undefined, last: ClockReading): number | undefined {
  if (first === undefined) return undefined;
  const apartMs = last.atEpochMs - first.atEpochMs;
  if (apartMs < DRIFT_OVER_MS) return undefined;
  return ((last.offsetMs - first.offsetMs) / apartMs) * 1000;
}
