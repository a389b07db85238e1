import type { ConditionResult, Metric, Miss } from './condition.js';

/** Why a number of a condition is outside of its bound, found by hand. */
export interface Cause {
  readonly condition: string;
  readonly metric: Metric;
  /** `newest` where only the newest libraries miss; the page's versions when absent. */
  readonly libraries?: 'newest';
  readonly cause: string;
}

/** The causes that were found. One that no miss needs any more has to go. */
export const CAUSES: readonly Cause[] = (['count', 'boundary', 'total', 'latency'] as const).map(
  (metric) => ({
    condition: 'pause-6s-flv',
    metric,
    cause:
      'after the reload the server begins in the middle of a GOP: the old pictures end before the new ones begin, and ' +
      'the browser waits at that hole until the latency chaser jumps over it; our viewer shows the last old picture ' +
      'until the first new one and goes on',
  }),
);

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
