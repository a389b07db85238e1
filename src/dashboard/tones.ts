import { type AlertOverrides, crosses, thresholdsWith } from '../alerts/engine.js';
import { measure, numberAt } from '../alerts/measure.js';
import type { ThresholdId } from '../alerts/thresholds.js';
import type { SystemLine } from '../collect/line.js';
import type { FigureTone } from './state.js';

/** Colours of what the platform says: the bounds are those of its alerts, as they are watched in this run. */
export class Tones {
  readonly #thresholds: ReadonlyMap<ThresholdId, ReturnType<typeof thresholdsWith>[number][1]>;

  constructor(overrides: AlertOverrides = {}) {
    this.#thresholds = new Map(thresholdsWith(overrides));
  }

  /** The worst of what one line crosses, whatever for how long; undefined = none, or not known. */
  of(line: SystemLine, ids: readonly ThresholdId[]): FigureTone | undefined {
    const crossed = ids.flatMap((id) => {
      const threshold = this.#thresholds.get(id);
      if (threshold === undefined) return [];
      const { is, bound, severity, from } = threshold;
      const known = { ...line };
      if (from !== undefined && (numberAt(known, from.path) ?? 0) < from.atLeast) return [];
      return measure(known, threshold.measure).some(({ value }) => crosses(value, is, bound))
        ? [severity]
        : [];
    });
    if (crossed.length === 0) return undefined;
    return crossed.includes('critical') ? 'bad' : 'warn';
  }

  /** Undefined = it is not watched in this run. */
  bound(id: ThresholdId): number | undefined {
    return this.#thresholds.get(id)?.bound;
  }
}
