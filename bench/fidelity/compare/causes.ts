import type { ConditionResult, Metric, Miss } from './condition.js';

/** Why a number of a condition is outside of its bound, found by hand. */
export interface Cause {
  readonly condition: string;
  readonly metric: Metric;
  /** `newest` where only the newest libraries miss; the page's versions when absent. */
  readonly libraries?: 'newest';
  readonly cause: string;
}

const SECOND_WAIT_OF_THE_RESTART =
  'each segment of the new publisher comes some 30 to 40 ms before the sound in hand ends, and the browser runs dry some ' +
  '35 ms before that end: three of its repeats waited a second time, for 1 s, and two did not; our viewer waits each time. ' +
  'Those that waited have our latency at each moment (3.3 s before, 1.2 s between the waits, 2.2 s after); the median lies ' +
  'between these steps';

const ONE_TICK_LATER =
  'hls.js looks for a hole to jump over every 0.1 s, and in this one run it did so a tick later than in our viewer; in three ' +
  'more runs, which are not in these results, it jumped at 16.30 s, as our viewer does here';

/** The causes that were found. One that no miss needs any more has to go. */
export const CAUSES: readonly Cause[] = [
  { condition: 'restart-to-zero-hls', metric: 'latency', cause: SECOND_WAIT_OF_THE_RESTART },
  { condition: 'missing-3-hls', metric: 'boundary', libraries: 'newest', cause: ONE_TICK_LATER },
];

export interface ExplainedMiss extends Miss {
  readonly condition: string;
  readonly libraries: ConditionResult['libraries'];
  /** Absent = nobody knows. */
  readonly cause?: string;
}

/** Each miss with its cause. */
export function explain(
  results: readonly ConditionResult[],
  causes: readonly Cause[] = CAUSES,
): readonly ExplainedMiss[] {
  return results.flatMap((result) =>
    result.misses.map((miss) => {
      const found = causes.find((cause) => isCauseOf(cause, result, miss.metric));
      const { condition, libraries } = result;
      return { ...miss, condition, libraries, ...(found === undefined ? {} : { cause: found.cause }) };
    }),
  );
}

/** Causes of which there is no miss (any more). */
export function spareCauses(
  results: readonly ConditionResult[],
  causes: readonly Cause[] = CAUSES,
): readonly Cause[] {
  return causes.filter(
    (cause) => !results.some((result) => result.misses.some((miss) => isCauseOf(cause, result, miss.metric))),
  );
}

function isCauseOf(cause: Cause, result: ConditionResult, metric: Metric): boolean {
  return (
    cause.condition === result.condition &&
    cause.metric === metric &&
    (cause.libraries ?? 'page') === result.libraries
  );
}
