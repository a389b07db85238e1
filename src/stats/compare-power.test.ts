import { describe, expect, it } from 'vitest';
import { createRng } from '../rng.js';
import { type ComparedRow, type ComparedRun, type Comparison, compareRuns } from './compare.js';
import type { KpiId } from './kpis.js';
import { Trend } from './trend.js';

/**
 * Virtual runs, drawn: a run is a little faster or slower than the next as a whole, some viewers are farther away than
 * others, and each sample is by chance. All spans are lognormal, as waiting is. What these pass for is true of runs that
 * differ so much and no more: where runs of one load differ by 8 %, one run a side cannot tell, and three can.
 */
const SPREAD_OF_RUNS = 0.02;
const SPREAD_OF_VIEWERS = 0.2;
const SPREAD_OF_SAMPLES = 0.35;
/** Of reads; of the other rows each viewer has one. */
const SAMPLES_PER_VIEWER = 4;
/** What sampling adds to the p95 of a run of 500 such viewers. */
const SPREAD_OF_P95 = 0.022;
/** Several runs a side: a row that is noisier than the others must not be taken for as quiet as they are. */
const SPREADS_OF_RUNS = [0.02, 0.03, 0.03, 0.08] as const;
const OPTIONS = { sharePct: 10, points: 0.5 };

const SPANS = [
  ['first_frame_p95_hls', 95],
  ['latency_p95_hls', 95],
  ['api_read_p95', 95],
  ['api_read_p99', 99],
] as const;
const SHARES = ['api_success', 'stream_start_success', 'chat_delivery_ratio', 'rebuffer_ratio'] as const;
const READ = 'api_read_p95';

type Normal = () => number;

function normalOf(seed: number): Normal {
  const rng = createRng(seed, 7);
  return () => Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
}

interface Drawn {
  readonly viewers: number;
  /** Reads take times so much. */
  readonly slower?: number;
}

function rowOf(id: KpiId, unit: 'ms' | '%', value: number, samples: number): ComparedRow {
  const bound = unit === 'ms' ? ({ op: '<', value: 500 } as const) : ({ op: '>', value: 99 } as const);
  return { id, title: id, mandatory: true, status: 'pass', bound, unit, samples, value };
}

/** One run with its samples. */
function draw(normal: Normal, { viewers, slower = 1 }: Drawn): ComparedRun {
  const spreads = new Map<KpiId, { spread: Trend; percentile: number }>();
  const farAway = Array.from({ length: viewers }, () => normal() * SPREAD_OF_VIEWERS);
  const rows: ComparedRow[] = SPANS.map(([id, percentile]) => {
    const spread = new Trend();
    const level = Math.log(100 * (id === READ ? slower : 1)) + normal() * SPREAD_OF_RUNS;
    for (const far of farAway)
      for (let i = 0; i < (id === READ ? SAMPLES_PER_VIEWER : 1); i++)
        spread.record(Math.exp(level + far + normal() * SPREAD_OF_SAMPLES));
    spreads.set(id, { spread, percentile });
    return rowOf(id, 'ms', spread.percentileMs(percentile) ?? 0, spread.count);
  });
  return {
    viewers,
    rows: [...rows, ...sharesOf(normal, viewers)],
    spreadOf: (id) => spreads.get(id),
  };
}

/** One run of several: only its values count. */
function drawValues(normal: Normal, { viewers, slower = 1 }: Drawn): ComparedRun {
  const rows = SPANS.map(([id], index) => {
    const noise = Math.hypot(SPREADS_OF_RUNS[index] ?? 0, SPREAD_OF_P95);
    return rowOf(id, 'ms', 200 * (id === READ ? slower : 1) * Math.exp(normal() * noise), 2000);
  });
  return { viewers, rows: [...rows, ...sharesOf(normal, viewers)], spreadOf: () => undefined };
}

function sharesOf(normal: Normal, viewers: number): ComparedRow[] {
  return SHARES.map((id) => {
    // About two calls in a thousand fail.
    const failed = Math.max(0, Math.round(viewers * 0.02 + normal() * Math.sqrt(viewers * 0.02)));
    return rowOf(id, '%', 100 - (failed / (viewers * 10)) * 100, viewers * 10);
  });
}

const PAIRS = 400;

/** Of so many seeded pairs the share in which `has` holds. */
function shareOf(runs: number, drawn: Drawn, has: (rows: readonly Comparison[]) => boolean): number {
  const make = runs === 1 ? draw : drawValues;
  let count = 0;
  for (let seed = 1; seed <= PAIRS; seed++) {
    const normal = normalOf(seed);
    const side = (of: Drawn): ComparedRun[] => Array.from({ length: runs }, () => make(normal, of));
    const { rows } = compareRuns(side({ viewers: drawn.viewers }), side(drawn), OPTIONS);
    if (rows.length !== SPANS.length + SHARES.length) throw new Error('a row was not compared');
    if (has(rows)) count++;
  }
  return count / PAIRS;
}

/** The machine may be busy. */
const SLOW_MS = 120_000;

describe('compare, of runs that are drawn', () => {
  it.each([1, 3, 5])(
    'shows no change in 95 % of pairs of one load, %d runs a side',
    (runs) => {
      const quiet = (rows: readonly Comparison[]): boolean => rows.every(({ outcome }) => outcome === 'same');
      expect(shareOf(runs, { viewers: 500 }, quiet)).toBeGreaterThanOrEqual(0.95);
    },
    SLOW_MS,
  );

  // One run a side has to allow for what it cannot see: how much runs differ as a whole.
  it.each([
    { runs: 1, atLeast: 0.85 },
    { runs: 3, atLeast: 0.9 },
    { runs: 5, atLeast: 0.9 },
  ])(
    'finds reads that are 20 % slower in $atLeast of pairs, $runs runs a side',
    ({ runs, atLeast }) => {
      const worse = (rows: readonly Comparison[]): boolean =>
        rows.some(({ id, outcome }) => id === READ && outcome === 'worse');
      expect(shareOf(runs, { viewers: 500, slower: 1.2 }, worse)).toBeGreaterThanOrEqual(atLeast);
    },
    SLOW_MS,
  );
});
