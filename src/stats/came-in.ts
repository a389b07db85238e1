import type { Kpi } from './kpi.js';
import { createTotals } from './merge.js';
import type { Sight } from './sight.js';
import { createView } from './view.js';

/** Of those that began in one stretch; without a value none did. */
export interface Share {
  readonly value: number | undefined;
  readonly samples: number;
}

/**
 * A row that `comesLater`, over time: what came in within a stretch may have begun in the stretch before, and `came /
 * begun` of one stretch alone is a zigzag about nothing. Here each stretch has the share of those that began in it and
 * came in at all. Who is on the way and who never will be cannot be told apart at the time, but afterwards: no more had
 * failed at an instant than were missing at any later one.
 */
export class CameIn {
  readonly #kpi: Kpi;
  readonly #totals = createTotals();
  /** By the end of each stretch, since the run began. */
  #soFar: { readonly begun: number; readonly missing: number }[] = [];
  /** Of stretches that are not held any more. */
  #before = { begun: 0, lost: 0 };

  constructor(kpi: Kpi) {
    this.#kpi = kpi;
  }

  /** The next stretch, by its counters. */
  add(counters: Iterable<readonly [string, number]>, sight: Sight): void {
    for (const [key, count] of counters) {
      this.#totals.counters.set(key, (this.#totals.counters.get(key) ?? 0) + count);
    }
    const view = createView(this.#totals);
    const { value = 0, samples } = this.#kpi.compute(view, view, sight);
    this.#soFar.push({ begun: samples, missing: Math.max(0, samples - (value / 100) * samples) });
  }

  /** Stretches that are held. */
  get length(): number {
    return this.#soFar.length;
  }

  /** One entry per stretch that is held; `samples` = how many began in it. */
  shares(): readonly Share[] {
    return this.#told().map(({ samples, lost }) => ({
      value: samples > 0 ? 100 * (1 - lost / samples) : undefined,
      samples,
    }));
  }

  /** Holds the oldest stretches no more, and returns their shares: what has not come by now never will. */
  settle(stretches: number): readonly Share[] {
    const settled = this.shares().slice(0, stretches);
    const lost = this.#told()
      .slice(0, stretches)
      .reduce((sum, one) => sum + one.lost, this.#before.lost);
    const { begun } = this.#soFar[settled.length - 1] ?? this.#before;
    this.#before = { begun, lost };
    this.#soFar = this.#soFar.slice(settled.length);
    return settled;
  }

  #told(): readonly { readonly samples: number; readonly lost: number }[] {
    const failed: number[] = [];
    let least = Number.POSITIVE_INFINITY;
    for (const { missing } of [...this.#soFar].reverse()) {
      least = Math.min(least, missing);
      failed.push(least);
    }
    failed.reverse();
    let { lost: told } = this.#before;
    return this.#soFar.map(({ begun }, i) => {
      const samples = Math.max(0, begun - (this.#soFar[i - 1]?.begun ?? this.#before.begun));
      const lost = Math.max(0, Math.min(samples, (failed[i] ?? 0) - told));
      told += lost;
      return { samples, lost };
    });
  }
}
