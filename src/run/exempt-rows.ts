import { addsToCart, CHAT_SETTLE_MS, type Rates, type StageRates } from '../scenarios/agenda.js';
import type { Phase, Plan, Stay } from '../scenarios/plan.js';
import type { Profile } from '../scenarios/profile.js';
import { rateSpans } from '../scenarios/stage-rates.js';
import { neededSamples, type Planned } from '../stats/gate.js';
import type { Kpi } from '../stats/kpi.js';
import { isKpiId, KPIS, type KpiId } from '../stats/kpis.js';
import { phasesIn, spanMs, type Window } from '../stats/windows.js';

/**
 * Which rows a run is too small or too short to fill, by its own plan: they are not judged, and say so. Rows that
 * the plan fills and the run does not are a different thing: those have no data, which is no pass.
 */

const JOINS_AFTER = 'joins in the recovery';

/** What a plan brings, counted over the phases of one window. */
interface Expected {
  /** Of the window itself. */
  readonly wallSeconds: number;
  readonly seconds: Readonly<Record<'hls' | 'flv', number>>;
  /** Viewers that come. */
  readonly joins: Readonly<Record<'hls' | 'flv', number>>;
  readonly messages: number;
  readonly arrivals: number;
  readonly reads: number;
  readonly writes: number;
  /** Of the platform's own meters; undefined = they are not read. */
  readonly readings: number | undefined;
}

/** Chance may bring fewer samples than the mean: what is expected must be this much more than what is needed. */
const MARGIN = 1.25;
/** A viewer does not watch in its first seconds. */
const START_S = 2;
/** No live stream of this platform has fewer frames (contract 4.1: 30 per second). */
const FRAMES_PER_S = 24;
/** A segment of other platforms may be that long; what has shorter ones gets its samples all the same. */
const LONGEST_SEGMENT_S = 6;
/** The finest stretch that a run is kept by. */
const STRETCH_S = 10;
/** An order fills the cart and pays. */
const CALLS_PER_ORDER = 2;
const HOUR_MS = 3_600_000;

export function exemptRows(
  profile: Profile,
  plan: Plan,
  planned: Planned,
  cartOffset: number,
  /** How often the platform's own meters are read; absent = they are not. */
  meterEveryMs?: number,
): Partial<Record<KpiId, string>> {
  const windows = new Map<Window, Expected>();
  const expectedIn = (window: Window): Expected => {
    const known =
      windows.get(window) ?? expectedOf(profile, plan, planned, { cartOffset, window, meterEveryMs });
    windows.set(window, known);
    return known;
  };
  const exempt: Partial<Record<KpiId, string>> = {};
  for (const id of profile.judges) {
    if (!isKpiId(id)) continue;
    const kpi: Kpi = KPIS[id];
    const samplesOf = SAMPLES[kpi.sampleOf];
    const samples = samplesOf?.(expectedIn(kpi.window), kpi);
    const needed = neededSamples(kpi.minSamples, planned);
    // The writes are planned one by one, nothing about their number is chance.
    const wanted = id.startsWith('api_write') || kpi.source === 'collector' ? needed : needed * MARGIN;
    if (samples !== undefined && samples < wanted) {
      exempt[id] = why(samples, needed, kpi);
    }
  }
  return exempt;
}

function why(samples: number, needed: number, { sampleOf }: Kpi): string {
  // The strategy draws a spike after which nobody comes: no length or number of viewers would help.
  if (samples === 0 && sampleOf === JOINS_AFTER)
    return 'nobody comes in the recovery as it is drawn: only a profile whose recovery brings viewers shows it';
  return `too small or short a run: about ${Math.floor(samples)} ${sampleOf} planned, ${needed} needed`;
}

type SamplesOf = (expected: Expected, kpi: Kpi) => number | undefined;

/** Samples that the plan brings, by what a row counts; what is not here is brought by every viewer, whatever the plan. */
const SAMPLES: Readonly<Record<string, SamplesOf>> = {
  'seconds watched': ({ seconds }) => seconds.hls + seconds.flv,
  'seconds played': ({ seconds }) => seconds.hls + seconds.flv,
  segments: ({ seconds }) => seconds.hls + seconds.flv,
  frames: ({ seconds }) => (seconds.hls + seconds.flv) * FRAMES_PER_S,
  'viewer-seconds with a known capture time': ({ seconds }, kpi) => ofProtocol(seconds, kpi),
  // Over the whole run it is a share of the viewers, who all come.
  'first frames': ({ joins }, kpi) => (isWhole(kpi) ? undefined : ofProtocol(joins, kpi)),
  attempts: ({ joins }, kpi) => (isWhole(kpi) ? undefined : ofProtocol(joins, kpi)),
  [JOINS_AFTER]: ({ joins }) => joins.hls + joins.flv,
  'reads in the recovery': ({ reads }) => reads,
  answers: ({ reads, writes, seconds }) => reads + writes + seconds.hls,
  'segments, once per worker': ({ wallSeconds, seconds }) =>
    seconds.hls > 0 ? wallSeconds / LONGEST_SEGMENT_S : undefined,
  'stretches of the hold': ({ wallSeconds }) => wallSeconds / STRETCH_S - 2,
  'messages sent': ({ messages }) => messages,
  'expected arrivals': ({ arrivals }) => arrivals,
  arrivals: ({ arrivals }) => arrivals,
  'calls without business refusals and those renewed': ({ reads, writes }) => reads + writes,
  calls: ({ reads, writes }) => reads + writes,
  'readings of each source': ({ readings }) => readings,
  'reads answered or timed out': ({ reads }) => reads,
  'writes answered or timed out': ({ writes }) => writes,
};

/** Whether every viewer that comes at all comes in the window. */
function isWhole({ window }: Kpi): boolean {
  return window === 'run' || window === 'calm';
}

/** Of the protocol that a row is about; of both when it is about none. */
function ofProtocol(count: Readonly<Record<'hls' | 'flv', number>>, { needs }: Kpi): number {
  const { hls, flv } = count;
  if (needs.includes('hls')) return hls;
  return needs.includes('flv') ? flv : hls + flv;
}

interface Over {
  readonly cartOffset: number;
  readonly meterEveryMs?: number | undefined;
  readonly window: Window;
}

function expectedOf(
  profile: Profile,
  plan: Plan,
  planned: Planned,
  { cartOffset, window, meterEveryMs }: Over,
): Expected {
  const { rates } = profile;
  const phases = phasesIn(window, plan.phases) as readonly Phase[];
  const paces = phases.map((phase) => ({ phase, pace: paceIn(profile, plan, phase, planned.users) }));
  const seconds = { hls: 0, flv: 0 };
  const joins = { hls: 0, flv: 0 };
  const withAccount = plan.vus === 0 ? 0 : planned.users / plan.vus;
  const sums = { messages: 0, reads: 0, carts: 0, presentMs: 0 };
  for (let vu = 0; vu < plan.vus; vu++) {
    const protocol = plan.protocolOf(vu);
    const stays = plan.staysOf(vu);
    for (const stay of stays) {
      const { joinAtMs, leaveAtMs } = stay;
      if (phases.some(({ fromMs, toMs }) => joinAtMs >= fromMs && joinAtMs < toMs)) joins[protocol]++;
      for (const { phase, pace } of paces) {
        seconds[protocol] += overlapMs(phase, joinAtMs + START_S * 1000, leaveAtMs) / 1000;
        const presentMs = overlapMs(phase, joinAtMs, leaveAtMs);
        sums.presentMs += presentMs;
        sums.reads += presentMs * (pace.reads + pace.ownReads * withAccount);
        sums.messages +=
          pace.chat * withAccount * overlapMs(phase, joinAtMs + CHAT_SETTLE_MS, leaveAtMs - CHAT_SETTLE_MS);
      }
    }
    const usesCart = addsToCart(rates.cartAddShare ?? 0, vu, cartOffset);
    if (usesCart) sums.carts += stays.filter((stay) => hasCartIn(phases, plan, stay)).length;
  }
  const orders = (sums.presentMs / HOUR_MS) * (rates.ordersPerHourShare ?? 0);
  // How many carts is planned, how many orders is chance.
  const writes = sums.carts + (orders * CALLS_PER_ORDER) / MARGIN;
  return {
    wallSeconds: spanMs(phases) / 1000,
    readings: meterEveryMs === undefined ? undefined : spanMs(phases) / meterEveryMs,
    ...{ seconds, joins, messages: sums.messages, reads: sums.reads },
    arrivals: sums.messages * Math.max(0, planned.users - 1),
    writes: planned.writes ? writes * withAccount : 0,
  };
}

/** Whether the phase in which a stay uses its cart is one of these: the first hold, or step, that it sees. */
function hasCartIn(phases: readonly Phase[], plan: Plan, { joinAtMs, leaveAtMs }: Stay): boolean {
  const cart = plan.phases.find(({ role, toMs }) => (role === 'hold' || role === 'step') && toMs > joinAtMs);
  return cart !== undefined && cart.fromMs < leaveAtMs && phases.includes(cart);
}

/** How often one viewer acts in a phase, per ms. */
interface Pace {
  readonly chat: number;
  readonly reads: number;
  /** What only a viewer with an account reads. */
  readonly ownReads: number;
}

function paceIn(profile: Profile, plan: Plan, phase: Phase, users: number): Pace {
  const span = rateSpans(profile, plan.phases, users).find(({ fromMs }) => fromMs === phase.fromMs);
  const per = (rate: keyof StageRates): number => perMs(span?.rates[rate] ?? profile.rates[rate]);
  return {
    chat: per('chatEveryMs'),
    reads: per('productsEveryMs') + per('statusEveryMs') + per('noticesEveryMs'),
    ownReads: per('cartEveryMs'),
  };
}

function perMs(everyMs: Rates['chatEveryMs'] | 'off'): number {
  return everyMs === undefined || everyMs === 'off' ? 0 : 1 / everyMs;
}

function overlapMs(phase: Phase, fromMs: number, toMs: number): number {
  return Math.max(0, Math.min(toMs, phase.toMs) - Math.max(fromMs, phase.fromMs));
}
