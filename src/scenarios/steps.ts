import type { Stage } from './profile.js';

/** A load in steps, each judged by itself (strategy 5.3). */
export interface Steps {
  /** Viewers of each step, rising, for as many viewers as the last of them; a run with others has them in proportion. */
  readonly levels: readonly number[];
  /** From one step to the next. */
  readonly riseMs: number;
  /** How long each step lasts. */
  readonly holdMs: number;
  /** From the last step to nobody. */
  readonly drainMs: number;
}

/**
 * Steps as stages:
 * ```
 * 4 |            ____
 * 2 |     _____/     \
 * 0 +--/--------------\--
 *  rise_1 step_1 rise_2 step_2 drain
 * ```
 * (steps.test.ts repeats the drawing)
 */
export function stagesOfSteps({ levels, riseMs, holdMs, drainMs }: Steps): Stage[] {
  const most = levels.at(-1) ?? 1;
  const stages = levels.flatMap((level, index): Stage[] => {
    const [fromShare, toShare] = [(levels[index - 1] ?? 0) / most, level / most];
    return [
      { name: `rise_${index + 1}`, role: 'ramp', durationMs: riseMs, fromShare, toShare },
      { name: `step_${index + 1}`, role: 'step', durationMs: holdMs, fromShare: toShare, toShare },
    ];
  });
  return [...stages, { name: 'drain', role: 'drain', durationMs: drainMs, fromShare: 1, toShare: 0 }];
}
