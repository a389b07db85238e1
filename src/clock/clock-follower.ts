import type { Cancel, Clock, Http } from '../seams.js';
import { CLOCK_PATH, readClockAnswer } from './clock-answer.js';
import { bestProbe, ClockFilter, type ClockProbe, readingOf } from './clock-filter.js';
import type { ClockReading } from './clock-state.js';

/** What a comparison came to. */
export type ClockNews =
  | {
      readonly kind: 'reading';
      readonly reading: ClockReading;
      /** By how much one of the two clocks was set since the comparison before, ms; 0 = by nothing. */
      readonly steppedMs: number;
    }
  /** No comparison was possible; bounded words without an address. */
  | { readonly kind: 'gap'; readonly reason: string };

export interface ClockFollowerDeps {
  readonly clock: Clock;
  readonly http: Http;
  /** Below it stands `/clock`. */
  readonly url: string;
}

/** Questions of one comparison; the one with the shortest round trip counts. */
const PROBES = 6;
/** Between two questions: a queue on the way has time to empty. */
const PROBE_GAP_MS = 30;
const EVERY_MS = 10_000;
const PATIENCE_MS = 2000;
const MAX_ANSWER_BYTES = 1000;

/**
 * Compares the publisher's clock with ours, again and again. Runs on the main thread: a thread that carries viewers is
 * late when it is needed most, and its lateness would look like a longer way to the publisher.
 */
export class ClockFollower {
  readonly #deps: ClockFollowerDeps;
  readonly #filter = new ClockFilter();
  #timer: Cancel | undefined;
  #closed = false;

  constructor(deps: ClockFollowerDeps) {
    this.#deps = deps;
  }

  /** One comparison: a few questions. Ends at the first that fails, unless one was answered. */
  async compare(): Promise<ClockNews> {
    const { clock } = this.#deps;
    const probes: ClockProbe[] = [];
    let failure = 'no answer';
    for (let i = 0; i < PROBES && !this.#closed; i++) {
      if (i > 0) await this.#pause(PROBE_GAP_MS);
      const probe = await this.#ask();
      if (typeof probe === 'string') {
        failure = probe;
        break;
      }
      probes.push(probe);
    }
    const best = bestProbe(probes);
    if (best === undefined) return { kind: 'gap', reason: failure };
    const steppedMs = this.#filter.add(readingOf(best));
    const reading = this.#filter.best(clock.epochMs()) as ClockReading;
    return { kind: 'reading', reading, steppedMs };
  }

  /** Compares every ten seconds from now on, until closed. */
  follow(onNews: (news: ClockNews) => void): void {
    if (this.#closed) return;
    this.#timer = this.#deps.clock.after(EVERY_MS, () => {
      void this.compare().then((news) => {
        if (this.#closed) return;
        onNews(news);
        this.follow(onNews);
      });
    });
  }

  close(): void {
    this.#closed = true;
    this.#timer?.();
    this.#deps.http.close();
  }

  async #ask(): Promise<ClockProbe | string> {
    const { clock, http, url } = this.#deps;
    const answer = await http.text(
      { method: 'GET', url: `${url}${CLOCK_PATH}`, headers: { accept: 'application/json' } },
      { maxBytes: MAX_ANSWER_BYTES, totalTimeoutMs: PATIENCE_MS },
    );
    if (answer.kind === 'failure') return `the request failed (${answer.end.kind})`;
    if (answer.status !== 200) return `HTTP ${answer.status}`;
    const publisherEpochMs = readClockAnswer(answer.body);
    if (publisherEpochMs === undefined) return 'what answers is no clock of publish --clock';
    const runStartEpochMs = clock.epochMs() - clock.nowMs();
    return {
      askedEpochMs: runStartEpochMs + answer.startedAtMs,
      answeredEpochMs: runStartEpochMs + answer.firstByteAtMs,
      publisherEpochMs,
    };
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#deps.clock.after(ms, resolve));
  }
}
