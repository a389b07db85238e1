import type { Span } from '../story.js';
import { type ExplainedMiss, explain, spareCauses } from './causes.js';
import type { ConditionResult } from './condition.js';
import { type DemandResult, demandFigures, demandResults } from './demands.js';
import type { Side } from './side.js';

/** The comparison as plain lines for a terminal: each condition with both sides' numbers, demands, misses. */
export function printTable(results: readonly ConditionResult[]): string {
  const misses = explain(results);
  return [
    ...results.flatMap(conditionLines),
    '',
    ...demandResults(results).map(demandLine),
    '',
    ...(misses.length === 0 ? ['no misses'] : misses.map(missLine)),
    ...spareCauses(results).map(
      ({ condition, metric }) => `spare cause, no such miss in these results: ${condition} ${metric}`,
    ),
  ].join('\n');
}

/** `(1234 to 5678) (9000 to ...)`, or `none`. */
export function spans(rebuffers: readonly Span[]): string {
  if (rebuffers.length === 0) return 'none';
  return rebuffers
    .map(({ fromMs, toMs }) => `(${int(fromMs)} to ${toMs === undefined ? '...' : int(toMs)})`)
    .join(' ');
}

function conditionLines(result: ConditionResult): readonly string[] {
  const { condition, seed, libraries, runs, marginal, misses } = result;
  const state = misses.length > 0 ? 'MISS' : marginal?.browserInside ? 'apart' : 'ok';
  return [
    `${state.padEnd(5)} ${condition}  seed ${seed}, ${libraries}, ${runs} runs, same number in ${result.sameCountRuns}`,
    sideLine('browser', result.browser),
    sideLine('ours', result.ours),
    ...(marginal === undefined
      ? []
      : [
          `        marginal: ${marginal.why}; ours ${marginal.count.least} to ${marginal.count.most} rebuffers, ` +
            `${int(marginal.totalMs.least)} to ${int(marginal.totalMs.most)} ms; browser ${marginal.browserInside ? 'inside' : 'OUTSIDE'}`,
        ]),
  ];
}

function sideLine(name: string, side: Side): string {
  return (
    `        ${name.padEnd(8)}first ${optional(side.firstFrameMs)}  latency ${optional(side.latencyMs)}  ` +
    `rebuffers ${spans(side.rebuffers)} total ${int(side.totalMs)}  counts ${side.counts.join(',')}  ` +
    `frozen ${int(side.frozenMs)}  seeks ${side.seeks}  skipped ${int(side.skippedMs)}  ` +
    `replayed ${int(side.replayedMs)}  ${side.endState}`
  );
}

function demandLine(demand: DemandResult): string {
  const strict = `all: ${demand.strictHeld}/${demand.strictJudged}`;
  return `${demand.pass ? 'PASS' : 'FAIL'}  ${demand.title}: ${demandFigures(demand)} (apart: ${demand.apart}; ${strict})`;
}

function missLine({ condition, metric, where, browser, ours, bound, cause }: ExplainedMiss): string {
  const what = where === '' ? metric : `${metric} (${where})`;
  return `miss  ${condition}: ${what}: browser ${browser}, ours ${ours}, bound ${bound}: ${cause ?? 'UNEXPLAINED'}`;
}

function optional(value: number | undefined): string {
  return value === undefined ? 'none' : int(value);
}

function int(value: number): string {
  return `${Math.round(value)}`;
}
