import { plannedAt } from '../report/planned-levels.js';
import type { Rates } from '../scenarios/agenda.js';
import { type Profile, profileFor } from '../scenarios/profile.js';
import type { RunRecord } from './run-record.js';

/** What of a run is compared with the scenario of its name. */
export type Loaded = Pick<RunRecord, 'phases' | 'line' | 'mix' | 'rates' | 'behaviour' | 'planned'>;

/** A stretch of the plan, or a level, may be that much less than it is drawn: whole numbers that were rounded. */
const NEARLY = 0.99;
/** Percentage points by which a mix may differ. */
const MIX_POINTS = 1;

/** What of the scenario as it is drawn a run's load lacks, in words; empty = nothing. What is more than drawn proves it, too. */
export function scenarioDoubts(profile: Profile, load: Loaded): string[] {
  const { vus, users, writes } = load.planned;
  const { mix } = profile.defaults;
  return [
    ...(vus < profile.defaults.vus ? [`${vus} viewers of ${profile.defaults.vus}`] : []),
    ...named('shorter than drawn', shorter(profile, load)),
    ...named('fewer viewers than drawn', fewer(profile, load)),
    ...named('acts less than drawn', lessOften(profileFor(profile, vus).rates, load.rates)),
    ...(Math.abs(shareOfHls(load.mix) - shareOfHls(mix)) > MIX_POINTS
      ? [`mix ${mixText(load.mix)}, drawn ${mixText(mix)}`]
      : []),
    ...(load.behaviour === 'page' ? ['behaviour page, which is not what the scenario says'] : []),
    ...(users < vus ? [`${users} accounts for ${vus} viewers: the others are guests and write nothing`] : []),
    ...(writes ? [] : ['no chat, cart or orders were allowed']),
  ];
}

function named(what: string, parts: readonly string[]): string[] {
  return parts.length > 0 ? [`${what}: ${parts.join(', ')}`] : [];
}

/** Stretches that are to last, and are cut: who comes faster makes the load harder, not easier. */
function shorter({ stages }: Profile, { phases }: Loaded): string[] {
  return stages
    .filter(({ role }) => role !== 'ramp' && role !== 'spike' && role !== 'drain')
    .filter(({ name, durationMs }) => {
      const phase = phases.find((one) => one.name === name);
      return phase === undefined || phase.toMs - phase.fromMs < durationMs * NEARLY;
    })
    .map(({ name }) => name);
}

/** Stretches at whose begin or end fewer viewers are wanted than the scenario has there by itself. */
function fewer({ stages, defaults }: Profile, { phases, line }: Loaded): string[] {
  if (line === undefined) return [];
  return stages.flatMap(({ name, role, fromShare, toShare }) => {
    const phase = phases.find((one) => one.name === name);
    if (phase === undefined || role === 'ramp' || role === 'drain') return [];
    const middleMs = (phase.fromMs + phase.toMs) / 2;
    const drawn = ((fromShare + toShare) / 2) * defaults.vus;
    const wanted = plannedAt(line, middleMs) ?? drawn;
    // Of a run that is small as a whole that is said once.
    const size = Math.min(1, Math.max(0, ...line.map(({ level }) => level)) / defaults.vus);
    return wanted < drawn * size * NEARLY
      ? [`${name} (${Math.round(wanted)} of ${Math.round(drawn * size)})`]
      : [];
  });
}

const WORDS: Readonly<Record<keyof Rates, string>> = {
  chatEveryMs: 'chat',
  productsEveryMs: 'products',
  statusEveryMs: 'status',
  noticesEveryMs: 'notices',
  cartEveryMs: 'cart',
  cartAddShare: 'viewers with a cart',
  ordersPerHourShare: 'orders',
};

function lessOften(drawn: Rates, rates: Readonly<Record<string, number>>): string[] {
  return (Object.keys(drawn) as (keyof Rates)[]).flatMap((name) => {
    const wanted = drawn[name];
    const is = rates[name];
    if (wanted === undefined) return [];
    if (is === undefined) return [`no ${WORDS[name]}`];
    const every = name.endsWith('EveryMs');
    const less = every ? is * NEARLY > wanted : is < wanted * NEARLY;
    if (!less) return [];
    const text = (value: number): string =>
      every ? `every ${value / 1000} s` : `${Number((value * 100).toPrecision(3))} %`;
    return [`${WORDS[name]} ${text(is)}, drawn ${text(wanted)}`];
  });
}

function shareOfHls({ hls, flv }: RunRecord['mix']): number {
  return hls + flv > 0 ? (hls / (hls + flv)) * 100 : 0;
}

function mixText({ hls, flv }: RunRecord['mix']): string {
  return `hls=${hls},flv=${flv}`;
}
