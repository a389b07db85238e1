import type { ConditionResult, Judgement, Metric } from './condition.js';

/** One demand over all conditions of a set, and what came of it. */
export interface DemandResult {
  readonly title: string;
  readonly held: number;
  /** Conditions with something to compare; those that are marginal and explained are apart. */
  readonly judged: number;
  readonly apart: number;
  /** Least share of `judged`, 0 to 1. */
  readonly atLeast: number;
  readonly pass: boolean;
  /** The same over all conditions, marginal ones judged like the others: shown, not demanded. */
  readonly strictHeld: number;
  readonly strictJudged: number;
}

interface Demand {
  readonly metric: Metric;
  readonly title: string;
  readonly atLeast: number;
}

const DEMANDS: readonly Demand[] = [
  { metric: 'count', title: 'same number of rebuffers of 150 ms and more', atLeast: 0.95 },
  {
    metric: 'boundary',
    title: 'each rebuffer begins and ends within 50 ms (HLS) or 100 ms (FLV)',
    atLeast: 0.9,
  },
  { metric: 'total', title: 'all rebuffering within 100 ms or 5 %', atLeast: 0.9 },
  { metric: 'firstFrame', title: 'first frame within 100 ms', atLeast: 0.9 },
  { metric: 'latency', title: 'median latency within 100 ms', atLeast: 0.9 },
  { metric: 'endState', title: 'same end state, in every run', atLeast: 1 },
];

/** Every demand, in the order of the document. A demand with nothing to judge does not pass. */
export function demandResults(results: readonly ConditionResult[]): readonly DemandResult[] {
  return DEMANDS.map(({ metric, title, atLeast }) => {
    const judgements = results.map((result) => result.judgements[metric]);
    const strict = results.map((result) => result.strict[metric]);
    const held = count(judgements, 'ok');
    const judged = held + count(judgements, 'miss');
    return {
      title,
      held,
      judged,
      apart: count(judgements, 'apart'),
      atLeast,
      pass: judged > 0 && held >= atLeast * judged,
      strictHeld: count(strict, 'ok'),
      strictJudged: count(strict, 'ok') + count(strict, 'miss'),
    };
  });
}

/** `34/36 = 94.4 %, at least 90 %`. */
export function demandFigures({ held, judged, atLeast }: DemandResult): string {
  const share = judged === 0 ? 'nothing to judge' : `${((100 * held) / judged).toFixed(1)} %`;
  return `${held}/${judged} = ${share}, at least ${Math.round(100 * atLeast)} %`;
}

function count(judgements: readonly Judgement[], which: Judgement): number {
  return judgements.filter((judgement) => judgement === which).length;
}
