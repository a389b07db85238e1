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
  'segments of the new publisher come 25 to 45 ms before the sound in hand ends: how near to its end the browser runs ' +
  'dry differs from run to run (23.4 to 25.4 s), and where the new media meet what is left of the old our viewer waits ' +
  'for the jump over the hole, where the browser has two micro-waits';

const APPENDS_OF_A_DRY_ELEMENT =
  'on a link that is too narrow each request follows the one before, and an append to an element that waits takes ' +
  'some 8 ms longer in the browser, whose decoder begins at once: over the segments of the narrow link it adds up';

const MEDIAN_ON_A_SLOPE =
  'at each moment both agree (median difference of five runs 8 ms); half of the run lies before the change and half ' +
  'behind it, so the median falls on one side or the other of it, or on its slope';

/** The causes that were found. One that no miss needs any more has to go. */
export const CAUSES: readonly Cause[] = [
  {
    condition: 'trickle-hls',
    metric: 'boundary',
    cause: APPENDS_OF_A_DRY_ELEMENT,
  },
  { condition: 'trickle-hls', metric: 'latency', cause: MEDIAN_ON_A_SLOPE },
  ...(['boundary', 'latency'] as const).flatMap((metric): Cause[] => [
    {
      condition: 'trickle-hls',
      metric,
      libraries: 'newest',
      cause: metric === 'boundary' ? APPENDS_OF_A_DRY_ELEMENT : MEDIAN_ON_A_SLOPE,
    },
    {
      condition: 'missing-3-hls',
      metric,
      libraries: 'newest',
      cause:
        'in this one run the first picture came 80 ms later in the browser, of a machine that had other work, and all ' +
        'that follows with it',
    },
  ]),
  { condition: 'video-gone-flv', metric: 'latency', cause: MEDIAN_ON_A_SLOPE },
  { condition: 'restart-to-zero-hls', metric: 'boundary', cause: SECOND_WAIT_OF_THE_RESTART },
  { condition: 'restart-to-zero-hls', metric: 'total', cause: SECOND_WAIT_OF_THE_RESTART },
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
