import type { Span } from '../story.js';
import type { ExplainedMiss } from './causes.js';
import type { ConditionResult } from './condition.js';
import { type DemandResult, demandFigures } from './demands.js';
import type { ConditionInfo } from './results.js';
import type { Side } from './side.js';

/** A compared condition with what its table says of it. */
export type Row = ConditionResult & { readonly info: ConditionInfo };

/** The demands: what was asked, what came, PASS or FAIL. */
export function demandTable(demands: readonly DemandResult[]): readonly string[] {
  return table(
    ['demand', 'held', 'set apart as marginal', 'marginal ones judged as well', ''],
    demands.map((demand) => [
      demand.title,
      demandFigures(demand),
      `${demand.apart}`,
      `${demand.strictHeld}/${demand.strictJudged}`,
      demand.pass ? 'PASS' : '**FAIL**',
    ]),
  );
}

/** What was tried, in words. */
export function conditionTable(rows: readonly Row[]): readonly string[] {
  return table(
    ['condition', 'protocol', 'what happens', 'seed', 'runs'],
    rows.map(({ condition, info, seed, runs }) => [
      condition,
      info.protocol === 'hls' ? 'HLS' : 'FLV',
      info.title,
      `${seed}`,
      `${runs}`,
    ]),
  );
}

/** Both sides' medians of each condition, browser above viewer. */
export function resultTable(rows: readonly Row[]): readonly string[] {
  return table(
    [
      'condition',
      'first frame',
      'rebuffers, s',
      'in all',
      'latency',
      'frozen',
      'seeks, skipped, replayed',
      'end',
      '',
    ],
    rows.map((row) => {
      const { browser, ours } = row;
      const both = (of: (side: Side) => string): string => `${of(browser)}<br>${of(ours)}`;
      return [
        row.condition,
        both(({ firstFrameMs }) => optional(firstFrameMs)),
        both(({ rebuffers }) => seconds(rebuffers)),
        both(({ totalMs }) => int(totalMs)),
        both(({ latencyMs }) => optional(latencyMs)),
        both(({ frozenMs }) => int(frozenMs)),
        both((side) => `${side.seeks}, ${int(side.skippedMs)}, ${int(side.replayedMs)}`),
        both(({ endState }) => endState.replace('_', ' ')),
        outcome(row),
      ];
    }),
  );
}

/** Conditions that hang on milliseconds, the interval that our viewers give, and where the browser lies. */
export function marginalTable(rows: readonly Row[]): readonly string[] {
  return table(
    ['condition', 'why', 'rebuffers, ours', "browser's repeats", 'in all, ours', 'browser', 'browser is'],
    rows.flatMap(({ condition, marginal, browser }) =>
      marginal === undefined
        ? []
        : [
            [
              condition,
              marginal.why,
              between(marginal.count.least, marginal.count.most),
              browser.counts.join(', '),
              `${between(marginal.totalMs.least, marginal.totalMs.most)} ms`,
              `${int(browser.totalMs)} ms`,
              marginal.browserInside ? 'inside' : '**outside**',
            ],
          ],
    ),
  );
}

export function missTable(misses: readonly ExplainedMiss[]): readonly string[] {
  return table(
    ['condition', 'what', 'browser', 'viewer', 'bound', 'cause'],
    misses.map(({ condition, metric, where, browser, ours, bound, cause }) => [
      condition,
      `${METRIC_WORDS[metric]}${where === '' ? '' : `, ${where}`}`,
      browser,
      ours,
      bound,
      cause ?? '**UNEXPLAINED**',
    ]),
  );
}

const METRIC_WORDS: Readonly<Record<ExplainedMiss['metric'], string>> = {
  count: 'number of rebuffers',
  boundary: 'boundary',
  total: 'all rebuffering',
  firstFrame: 'first frame',
  latency: 'median latency',
  endState: 'end state',
};

function outcome({ misses, marginal }: Row): string {
  if (misses.length > 0) return '**miss**';
  return marginal?.browserInside ? 'apart' : 'same';
}

/** A Markdown table; one cell is one line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function seconds(spans: readonly Span[]): string {
  if (spans.length === 0) return '-';
  return spans
    .map(({ fromMs, toMs }) => `${s(fromMs)} to ${toMs === undefined ? 'the end' : s(toMs)}`)
    .join('; ');
}

function s(ms: number): string {
  return (ms / 1000).toFixed(2);
}

function between(least: number, most: number): string {
  return Math.round(least) === Math.round(most) ? int(least) : `${int(least)} to ${int(most)}`;
}

function optional(value: number | undefined): string {
  return value === undefined ? '-' : int(value);
}

function int(value: number): string {
  return `${Math.round(value)}`;
}
