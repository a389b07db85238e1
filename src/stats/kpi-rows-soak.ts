import type { Protocol } from '../events.js';
import { type Kpi, type Measured, percent, present } from './kpi.js';
import { type At, growthAlong } from './slope.js';
import type { Stretch, TimedSpan } from './timeline.js';

const MIN_MS = 60_000;
const MS_PER_S = 1000;
const US_PER_S = 1e6;
const NAMES: Readonly<Record<Protocol, string>> = { hls: 'HLS', flv: 'HTTP-FLV' };
/** What moves over hours is not seen in minutes. */
const LONG = { needs: ['real_duration'], asks: { windowMs: 30 * MIN_MS } } as const;
/** Shorter stretches would fail by a single viewer's bad second. */
const LEAST_STRETCH_MS = 5 * MIN_MS;

/** Neighbours put together to at least five minutes each; a rest that is shorter goes to the one before it. */
function grouped(stretches: readonly Stretch[]): Stretch[][] {
  const groups: Stretch[][] = [];
  for (const stretch of stretches) {
    const open = groups.at(-1);
    if (open === undefined || spanOf(open) >= LEAST_STRETCH_MS) groups.push([stretch]);
    else open.push(stretch);
  }
  const last = groups.at(-1);
  if (groups.length > 1 && last !== undefined && spanOf(last) < LEAST_STRETCH_MS) {
    groups.pop();
    groups.at(-1)?.push(...last);
  }
  return groups;
}

function spanOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}

/** Rebuffers per hundred seconds played; sure ones and all. */
function ratesOf(stretches: readonly Stretch[]): { fromMs: number; sure: number; all: number } | undefined {
  const sum = (name: Parameters<Stretch['count']>[0]): number =>
    stretches.reduce((total, stretch) => total + stretch.count(name), 0);
  const playedS = sum('played_ms') / US_PER_S;
  const all = percent(sum('rebuffer_count'), playedS);
  const sure = percent(Math.max(0, sum('rebuffer_count') - sum('tainted_rebuffer_count')), playedS);
  return all === undefined || sure === undefined
    ? undefined
    : { fromMs: stretches[0]?.fromMs ?? 0, sure, all };
}

export const REBUFFER_SUSTAINED: Kpi = {
  ...LONG,
  title: 'Rebuffers in the worst five minutes',
  section: '2.2 soak',
  mandatory: true,
  unit: '%',
  formula:
    'rebuffers / seconds played x 100 in the worst stretch of five minutes and more of the hold: maintained means at no time above, which the rate of six hours would not tell',
  window: 'hold',
  bound: { op: '<', value: 1 },
  minSamples: { atLeast: 300 },
  sampleOf: 'seconds played',
  source: 'viewers',
  metrics: ['rebuffer_count', 'tainted_rebuffer_count', 'played_ms', 'stalled_ms'],
  compute(_view, _run, sight): Measured {
    const stretches = sight.stretches('hold');
    const rates = grouped(stretches).flatMap((group) => ratesOf(group) ?? []);
    const worst = [...rates].sort((a, b) => b.sure - a.sure)[0];
    const playedS = stretches.reduce((sum, stretch) => sum + stretch.count('played_ms'), 0) / US_PER_S;
    return {
      ...(worst === undefined
        ? {}
        : { value: worst.sure, valueWithDoubt: Math.max(...rates.map(({ all }) => all)) }),
      samples: Math.floor(playedS),
      beside: present({ worstFromS: worst && worst.fromMs / MS_PER_S, stretches: rates.length }),
    };
  },
};

/** Samples of a stretch below which its p95 is one viewer's bad luck. */
const LEAST_SAMPLES = 20;

function p95Points(stretches: readonly Stretch[], span: TimedSpan, protocol: Protocol | '-'): At[] {
  return stretches.flatMap((stretch) => {
    const spread = stretch.spread(span, protocol);
    const value = spread?.percentileMs(95);
    if (spread === undefined || value === undefined || spread.count < LEAST_SAMPLES) return [];
    return [{ atMs: (stretch.fromMs + stretch.toMs) / 2, value }];
  });
}

function drift(
  row: Pick<Kpi, 'title' | 'section' | 'needs'>,
  span: TimedSpan,
  protocol: Protocol | '-',
  floorMs: number,
): Kpi {
  return {
    ...row,
    asks: LONG.asks,
    mandatory: false,
    unit: '%',
    formula: `slope of Theil and Sen through the p95 of each stretch of the hold without the first tenth, times the rest of the hold, % of the level at the end of the warm-up (at least ${floorMs} ms); the upper end of its 95 % interval, which allows for stretches that are like the ones before, must lie below the bound, too`,
    window: 'hold',
    bound: { op: '<', value: 10 },
    minSamples: { atLeast: 30 },
    sampleOf: 'stretches of the hold',
    source: 'viewers',
    metrics: [span],
    compute(_view, _run, sight): Measured {
      const points = p95Points(sight.stretches('hold'), span, protocol);
      const grown = growthAlong(points, { floor: floorMs });
      return {
        ...(grown === undefined
          ? {}
          : {
              value: grown.pct,
              interval: { low: grown.lowPct, high: grown.highPct, mustPass: true },
            }),
        samples: points.length,
        beside: present({ firstP95Ms: points[0]?.value, lastP95Ms: points.at(-1)?.value }),
      };
    },
  };
}

export const API_READ_GROWTH: Kpi = drift(
  {
    title: 'Growth of API reads, p95',
    section: 'own: a leak shows in waiting before it shows in errors; 2.2 soak',
    needs: ['real_duration'],
  },
  'api_read_since_due_ms',
  '-',
  50,
);

export function latencyGrowth(protocol: Protocol): Kpi {
  return drift(
    {
      title: `Growth of glass to glass ${NAMES[protocol]}, p95`,
      section: 'own: viewers that fall behind never say so; 2.2 soak',
      needs: ['real_duration', protocol],
    },
    'latency_ms',
    protocol,
    500,
  );
}
