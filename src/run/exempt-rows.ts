import { addsToCart, CHAT_SETTLE_MS } from '../scenarios/agenda.js';
import type { Plan } from '../scenarios/plan.js';
import type { Profile } from '../scenarios/profile.js';
import { neededSamples, type Planned } from '../stats/gate.js';
import { isKpiId, KPIS, type KpiId } from '../stats/kpis.js';

/**
 * Which rows a run is too small or too short to fill, by its own plan: they are not judged, and say so. Rows that
 * the plan fills and the run does not are a different thing: those have no data, which is no pass.
 */

/** What a plan brings, counted over the phases that the gate calls the hold. */
interface Expected {
  readonly holdSeconds: Readonly<Record<'hls' | 'flv', number>>;
  readonly messages: number;
  readonly arrivals: number;
  readonly reads: number;
  readonly writes: number;
}

/** Chance may bring fewer samples than the mean: what is expected must be this much more than what is needed. */
const MARGIN = 1.25;
/** A viewer does not watch in its first seconds. */
const START_S = 2;
/** No live stream of this platform has fewer frames (contract 4.1: 30 per second). */
const FRAMES_PER_S = 24;

export function exemptRows(
  profile: Profile,
  plan: Plan,
  planned: Planned,
  cartOffset: number,
): Partial<Record<KpiId, string>> {
  const expected = expectedOf(profile, plan, planned, cartOffset);
  const exempt: Partial<Record<KpiId, string>> = {};
  for (const id of profile.judges) {
    if (!isKpiId(id)) continue;
    const samples = samplesOf(id, expected);
    const needed = neededSamples(KPIS[id].minSamples, planned);
    // The writes are planned one by one, nothing about their number is chance.
    const wanted = id.startsWith('api_write') ? needed : needed * MARGIN;
    if (samples !== undefined && samples < wanted) {
      exempt[id] =
        `too small or short a run: about ${Math.floor(samples)} ${KPIS[id].sampleOf} planned, ${needed} needed`;
    }
  }
  return exempt;
}

/** Samples that the plan brings for a row; undefined where every viewer brings its own. */
function samplesOf(
  id: KpiId,
  { holdSeconds, messages, arrivals, reads, writes }: Expected,
): number | undefined {
  const seconds = holdSeconds.hls + holdSeconds.flv;
  switch (id) {
    case 'rebuffer_rate_per_second':
    case 'rebuffer_ratio':
    case 'frozen_ratio':
    case 'replayed_ratio':
    case 'rebuffer_rate_per_segment':
      return seconds;
    case 'latency_p95_flv':
      return holdSeconds.flv;
    case 'latency_p95_hls':
      return holdSeconds.hls;
    case 'frame_drop_rate':
      return seconds * FRAMES_PER_S;
    case 'chat_echo_ratio':
      return messages;
    case 'chat_delivery_ratio':
    case 'chat_delivery_p95':
      return arrivals;
    case 'api_success':
    case 'api_5xx_rate':
      return reads + writes;
    case 'api_read_p95':
    case 'api_read_p99':
      return reads;
    case 'api_write_p95':
    case 'api_write_p99':
      return writes;
    default:
      return undefined;
  }
}

function expectedOf({ rates }: Profile, plan: Plan, planned: Planned, cartOffset: number): Expected {
  const holds = plan.phases.filter((phase) => phase.role === 'hold');
  const holdSeconds = { hls: 0, flv: 0 };
  let chatMs = 0;
  let presentMs = 0;
  let writes = 0;
  for (let vu = 0; vu < plan.vus; vu++) {
    for (const { joinAtMs, leaveAtMs } of plan.staysOf(vu)) {
      const watchFromMs = joinAtMs + START_S * 1000;
      holdSeconds[plan.protocolOf(vu)] += overlapMs(holds, watchFromMs, leaveAtMs) / 1000;
      chatMs += overlapMs(holds, joinAtMs + CHAT_SETTLE_MS, leaveAtMs - CHAT_SETTLE_MS);
      presentMs += overlapMs(holds, joinAtMs, leaveAtMs);
    }
    if (holds.length > 0 && addsToCart(rates.cartAddShare ?? 0, vu, cartOffset)) writes++;
  }
  const withAccount = plan.vus === 0 ? 0 : planned.users / plan.vus;
  const messages = rates.chatEveryMs === undefined ? 0 : (chatMs * withAccount) / rates.chatEveryMs;
  return {
    holdSeconds,
    messages,
    arrivals: messages * Math.max(0, planned.users - 1),
    reads:
      presentMs * (perMs(rates.productsEveryMs) + perMs(rates.statusEveryMs) + perMs(rates.noticesEveryMs)) +
      presentMs * withAccount * perMs(rates.cartEveryMs),
    writes: planned.writes ? writes * withAccount : 0,
  };
}

function perMs(everyMs: number | undefined): number {
  return everyMs === undefined ? 0 : 1 / everyMs;
}

function overlapMs(phases: Plan['phases'], fromMs: number, toMs: number): number {
  return phases.reduce(
    (total, phase) => total + Math.max(0, Math.min(toMs, phase.toMs) - Math.max(fromMs, phase.fromMs)),
    0,
  );
}
