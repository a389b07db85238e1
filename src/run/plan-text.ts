import { formatArrivals } from '../config/arrivals.js';
import { formatRates, formatStageRates } from '../config/rates.js';
import { formatDuration } from '../config/values.js';
import type { RunConfig } from '../config.js';
import { PLAYER_PROFILES } from '../players/page-profiles.js';
import { wrap } from '../report/text-width.js';
import { planFaults } from '../scenarios/fault-plan.js';
import { faultWords } from '../scenarios/fault-step.js';
import { type Phase, type Plan, share } from '../scenarios/plan.js';
import type { Stage } from '../scenarios/profile.js';
import { plannedOf } from './run-record.js';

/** What a run would do, as text for `--print-plan`. */
export function formatPlan(config: RunConfig, plan: Plan): string {
  const planned = plannedOf(config, plan, config.vus);
  const widest = Math.max(10, ...plan.phases.map(({ name }) => name.length));
  const phases = plan.phases.map(
    ({ name, role, fromMs, toMs }) =>
      `  ${clock(fromMs)} - ${clock(toMs)}  ${name.padEnd(widest)} ${role.padEnd(8)} ${levels(plan, { name, role, fromMs, toMs })}`,
  );
  const workers = Array.from({ length: config.workers }, (_, i) => share(plan.vus, i, config.workers));
  return [
    `${config.profile.name}: ${config.profile.title}`,
    `  ${crowdText(plan)} (${planned.byProtocol.hls} HLS, ${planned.byProtocol.flv} FLV) in ${formatDuration(plan.totalMs)}`,
    ...arrivalsText(config, plan),
    ...phases,
    ...faultsText(config, plan),
    ...scaleText(config),
    ...escalationText(config),
    ...faultLines(config, plan),
    `target   ${targetText(config)}`,
    `acting   ${actingText(config)}`,
    ...playersText(config),
    ...fromText(config.localIps),
    `rates    ${formatRates(config.profile.rates)}`,
    ...stageRatesText(config.profile.stages),
    `workers  ${config.workers} (${workers.join(' + ')} viewers)`,
    `seed     ${config.seed}`,
    ...wrap(config.profile.judges.join(', '), 80 - 9).map(
      (line, index) => `${index === 0 ? 'judges' : ''}`.padEnd(9) + line,
    ),
  ].join('\n');
}

/** The same as data, for `--print-plan --json`. */
export function planJson(config: RunConfig, plan: Plan): unknown {
  return {
    profile: config.profile.name,
    vus: plan.vus,
    byProtocol: plannedOf(config, plan, config.vus).byProtocol,
    ...(plan.visits === undefined ? {} : { visits: plan.visits, arrivals: config.profile.arrivals }),
    totalMs: plan.totalMs,
    timeScale: config.timeScale ?? 1,
    ...(config.escalation === undefined ? {} : { escalation: config.escalation }),
    phases: plan.phases,
    behaviour: config.behaviour,
    playerProfile: config.playerProfile,
    rates: config.profile.rates,
    workers: config.workers,
    seed: config.seed,
    writes: config.writes,
    insecure: config.insecure,
    localIps: config.localIps,
    judges: config.profile.judges,
  };
}

function faultsText({ profile }: RunConfig, { phases }: Plan): readonly string[] {
  return planFaults(profile.faults ?? [], phases).map(({ step, fromMs }, index) => {
    return (
      `${index === 0 ? 'breaks' : ''}`.padEnd(9) +
      `${clock(fromMs).trim()}  ${step.name}: ${faultWords(step)}`
    );
  });
}

/** How many come. */
export function crowdText({ vus, visits }: Pick<Plan, 'vus' | 'visits'>): string {
  return visits === undefined ? `${vus} viewers` : `${visits.count} viewers at ${vus} places`;
}

/** Who comes and goes by itself. */
function arrivalsText({ profile }: RunConfig, { visits }: Plan): readonly string[] {
  if (profile.arrivals === undefined || visits === undefined) return [];
  return [`  ${formatArrivals(profile.arrivals)}: ${visits.most} at a time at most`];
}

function scaleText({ timeScale }: RunConfig): readonly string[] {
  if (timeScale === undefined) return [];
  return [`scaled   ${timeScale}: rows that are about real minutes and hours are not judged`];
}

/** Stages in which viewers act otherwise. */
function stageRatesText(stages: readonly Stage[]): readonly string[] {
  return stages.flatMap(({ name, rates, chatPerS }) => {
    const words = [
      ...(rates === undefined ? [] : [formatStageRates(rates)]),
      ...(chatPerS === undefined ? [] : [`${chatPerS} chat messages/s of all together`]),
    ];
    return words.length === 0 ? [] : [`         ${name}: ${words.join(', ')}`];
  });
}

/** What is broken on purpose, commands as they stand. */
function faultLines({ profile }: RunConfig, plan: Plan): readonly string[] {
  return planFaults(profile.faults ?? [], plan.phases).map(
    ({ step, fromMs, toMs }, index) =>
      `${index === 0 ? 'breaks' : ''}`.padEnd(9) +
      `${clock(fromMs).trim()} - ${clock(toMs).trim()}  ${step.name}: ${faultWords(step)}`,
  );
}

function levels(plan: Plan, { role, fromMs, toMs }: Phase): string {
  // The last one of those who go is gone at the end itself.
  const lastMs = role === 'drain' ? toMs : Math.max(fromMs, toMs - 1);
  const [from, to] = [plan.vusAt(fromMs), plan.vusAt(lastMs)];
  return from === to ? `${from} viewers` : `${from} -> ${to} viewers`;
}

function targetText(config: RunConfig): string {
  if (config.target.kind === 'stage') return 'a stage of our own on this machine';
  const { apiUrl, socketUrl, flvUrl, hlsUrl } = config.target.target;
  const urls = [...new Set([apiUrl, socketUrl, flvUrl, hlsUrl])].join(', ');
  const unchecked = config.insecure ? ' (certificates are not checked)' : '';
  return `${urls}${unchecked}${config.writes ? '' : ' (no chat, no cart: --allow-writes is not given)'}`;
}

/** What the drawing of an escalation cannot show: it stops where it breaks. */
function escalationText({ escalation }: RunConfig): readonly string[] {
  if (escalation === undefined) return [];
  const words = `steps until one fails, then halfway between until the breaking point is known to 5 %; target ${escalation.targetVus} viewers`;
  return wrap(words, 80 - 9).map((line, index) => `${index === 0 ? 'breaks' : ''}`.padEnd(9) + line);
}

/** Where viewers come from, unless the system chooses. */
function fromText(localIps: readonly string[]): readonly string[] {
  const [first, second] = localIps;
  if (first === undefined) return [];
  if (second === undefined) return [`from     ${first}`];
  return [`from     ${first} to ${localIps.at(-1)} (${localIps.length} addresses, in turn)`];
}

function actingText({ behaviour }: RunConfig): string {
  if (behaviour === 'strategy') return 'by the strategy: joins wait until the platform is ready';
  return "as the platform's page: its timers, joins that may be lost, HLS only inside of other apps";
}

/** Which players they have, unless it is the page's own. */
function playersText({ playerProfile }: RunConfig): readonly string[] {
  return playerProfile === 'page' ? [] : [`players  ${PLAYER_PROFILES[playerProfile].name}`];
}

/** `1:05.0`: minutes, seconds and tenths; from an hour on `5:50:00.0`. */
function clock(ms: number): string {
  const tenths = Math.round(ms / 100);
  const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, '0');
  const [hours, minutes] = [Math.floor(tenths / 36_000), Math.floor((tenths % 36_000) / 600)];
  const whole = hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}` : String(minutes);
  return `${whole}:${seconds}`.padStart(9);
}
