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
  readonly #soFar: { readonly begun: number; readonly missing: number }[] = [];

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

  /** One entry per stretch; `samples` = how many began in it. */
  shares(): readonly Share[] {
    const failed: number[] = [];
    let least = Number.POSITIVE_INFINITY;
    for (const { missing } of [...this.#soFar].reverse()) {
      least = Math.min(least, missing);
      failed.unshift(least);
    }
    let told = 0;
    return this.#soFar.map(({ begun }, i) => {
      const samples = Math.max(0, begun - (this.#soFar[i - 1]?.begun ?? 0));
      const lost = Math.min(samples, (failed[i] ?? 0) - told);
      told += lost;
      return { value: samples > 0 ? 100 * (1 - lost / samples) : undefined, samples };
    });
  }
}
