import type { FidelityProtocol, RunRecord, Side as SideName, Story } from '../story.js';
import { type Boundary, boundaries } from './boundaries.js';
import { type Bounds, totalBoundMs } from './bounds.js';
import { type Marginal, marginal, type RunReadings } from './marginal.js';
import { readStory } from './reading.js';
import { medianSide, type Side } from './side.js';

/** What is compared; each is a demand of its own. */
export type Metric = 'count' | 'boundary' | 'total' | 'firstFrame' | 'latency' | 'endState';

/**
 * What became of a metric of a condition. `nothing` = neither side had anything to compare (no rebuffer, no
 * picture): neither right nor wrong. `apart` = marginal, and the browser lies inside our interval.
 */
export type Judgement = 'ok' | 'miss' | 'nothing' | 'apart';

/** A number outside of its bound. Values are rounded words, for people. */
export interface Miss {
  readonly metric: Metric;
  /** `rebuffer 2, end`; empty where the metric says it all. */
  readonly where: string;
  readonly browser: string;
  readonly ours: string;
  readonly bound: string;
}

export interface ConditionResult {
  readonly condition: string;
  readonly seed: number;
  readonly libraries: RunRecord['libraries'];
  readonly protocol: FidelityProtocol;
  readonly runs: number;
  /** Runs in which both sides had the same number of rebuffers, whatever the medians say. */
  readonly sameCountRuns: number;
  readonly browser: Side;
  readonly ours: Side;
  readonly boundaries: readonly Boundary[];
  readonly marginal: Marginal | undefined;
  readonly judgements: Readonly<Record<Metric, Judgement>>;
  /** The same, were marginal conditions judged like the others. */
  readonly strict: Readonly<Record<Metric, Judgement>>;
  readonly misses: readonly Miss[];
}

/** Metrics that a wait more or less moves; a marginal condition is excused from these only. */
const MOVED_BY_WAITS: readonly Metric[] = ['count', 'boundary', 'total', 'latency'];

/**
 * Compares the repeats of one condition: medians of the browser with medians of our viewer.
 *
 * @param records runs of one condition, seed and set of libraries; at least one
 * @throws RangeError when a record lacks one of the sides
 */
export function compareCondition(
  records: readonly RunRecord[],
  protocol: FidelityProtocol,
  bounds: Bounds,
): ConditionResult {
  const runs = records.map((record) => readRun(record, bounds));
  const browser = medianSide(runs.map((run) => run.browser));
  const ours = medianSide(runs.map((run) => run.ours));
  const boundMs = bounds.boundaryMs[protocol];
  const edges = boundaries(browser.rebuffers, ours.rebuffers, boundMs);
  const endings = runs.filter((run) => run.browser.endState !== run.ours.endState);
  const all = missesOf(browser, ours, edges, bounds, boundMs, endings);
  const isMarginal = marginal(runs, bounds, boundMs);
  const strict = judge(browser, ours, edges, all);
  const judgements = isMarginal?.browserInside ? setApart(strict) : strict;
  const [first] = records as readonly [RunRecord];
  return {
    condition: first.condition,
    seed: first.seed,
    libraries: first.libraries,
    protocol,
    runs: runs.length,
    sameCountRuns: runs.filter((run) => run.browser.rebuffers.length === run.ours.rebuffers.length).length,
    browser,
    ours,
    boundaries: edges,
    marginal: isMarginal,
    judgements,
    strict,
    misses: all.filter(({ metric }) => judgements[metric] === 'miss'),
  };
}

function readRun(record: RunRecord, bounds: Bounds): RunReadings {
  const untilMs = Math.min(...record.stories.map(({ watchedMs }) => watchedMs));
  const read = (side: SideName) => readStory(storyOf(record, side), bounds, untilMs);
  return {
    browser: read('browser'),
    ours: read('ours'),
    shifted: record.stories
      .filter(({ side }) => side === 'ours-early' || side === 'ours-late')
      .map((story) => readStory(story, bounds, untilMs)),
  };
}

function storyOf(record: RunRecord, side: SideName): Story {
  const story = record.stories.find((one) => one.side === side);
  if (story === undefined)
    throw new RangeError(`${record.condition} repeat ${record.repeat}: no story of ${side}`);
  return story;
}

function judge(
  browser: Side,
  ours: Side,
  edges: readonly Boundary[],
  misses: readonly Miss[],
): Record<Metric, Judgement> {
  const missed = (metric: Metric): Judgement =>
    misses.some((miss) => miss.metric === metric) ? 'miss' : 'ok';
  const compared = (metric: Metric, some: boolean): Judgement => (some ? missed(metric) : 'nothing');
  return {
    count: missed('count'),
    boundary: compared('boundary', edges.length > 0),
    total: compared('total', browser.rebuffers.length + ours.rebuffers.length > 0),
    firstFrame: compared('firstFrame', browser.firstFrameMs !== undefined || ours.firstFrameMs !== undefined),
    latency: compared('latency', browser.latencyMs !== undefined || ours.latencyMs !== undefined),
    endState: missed('endState'),
  };
}

function setApart(strict: Readonly<Record<Metric, Judgement>>): Record<Metric, Judgement> {
  const judgements = { ...strict };
  for (const metric of MOVED_BY_WAITS) if (strict[metric] !== 'nothing') judgements[metric] = 'apart';
  return judgements;
}

function missesOf(
  browser: Side,
  ours: Side,
  edges: readonly Boundary[],
  bounds: Bounds,
  boundMs: number,
  endings: readonly RunReadings[],
): readonly Miss[] {
  const count = browser.rebuffers.length;
  const totalMs = totalBoundMs(bounds, browser.totalMs);
  return [
    ...(count === ours.rebuffers.length
      ? []
      : [
          {
            metric: 'count',
            where: '',
            browser: `${count}`,
            ours: `${ours.rebuffers.length}`,
            bound: 'equal',
          } as const,
        ]),
    ...edges.filter(({ ok }) => !ok).map((edge) => boundaryMiss(edge, boundMs)),
    ...distant('total', browser.totalMs, ours.totalMs, totalMs),
    ...distant('firstFrame', browser.firstFrameMs, ours.firstFrameMs, bounds.firstFrameMs),
    ...distant('latency', browser.latencyMs, ours.latencyMs, bounds.latencyMs),
    ...endings.slice(0, 1).map((run) => endingMiss(run, endings.length)),
  ];
}

function boundaryMiss(edge: Boundary, boundMs: number): Miss {
  return {
    metric: 'boundary',
    where: `rebuffer ${edge.nth}, ${edge.edge === 'from' ? 'begin' : 'end'}`,
    browser: boundaryWords(edge.browserMs, edge),
    ours: boundaryWords(edge.oursMs, edge),
    bound: ms(boundMs),
  };
}

function boundaryWords(value: number | undefined, { edge }: Boundary): string {
  if (value !== undefined) return ms(value);
  return edge === 'to' ? 'none, or still waiting' : 'none';
}

function endingMiss(run: RunReadings, howMany: number): Miss {
  const where = `${howMany} ${howMany === 1 ? 'run' : 'runs'}`;
  return {
    metric: 'endState',
    where,
    browser: run.browser.endState,
    ours: run.ours.endState,
    bound: 'equal',
  };
}

function distant(
  metric: Metric,
  browserMs: number | undefined,
  oursMs: number | undefined,
  boundMs: number,
): readonly Miss[] {
  if (browserMs === undefined && oursMs === undefined) return [];
  if (browserMs !== undefined && oursMs !== undefined && Math.abs(browserMs - oursMs) <= boundMs) return [];
  return [{ metric, where: '', browser: orNone(browserMs), ours: orNone(oursMs), bound: ms(boundMs) }];
}

function orNone(value: number | undefined): string {
  return value === undefined ? 'none' : ms(value);
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}
