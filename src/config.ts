import type { CollectConfig } from './collect/config.js';
import { type AbortRule, resolveAbortOn } from './config/abort-on.js';
import { parseArrivals } from './config/arrivals.js';
import { type BoxesSetting, resolveBoxes } from './config/boxes.js';
import { type CaptureClockSetting, resolveCaptureClock } from './config/capture-clock.js';
import { resolveDashboard } from './config/dashboard.js';
import { unknownName } from './config/did-you-mean.js';
import { resolveSteps, resolveTargetVus } from './config/escalation.js';
import { type FaultControls, resolveControls } from './config/fault-controls.js';
import { DEFAULTS, type RunFlags } from './config/flags.js';
import { resolveJwtSecret, type Secret } from './config/jwt-secret.js';
import { type Origins, placed } from './config/layer.js';
import { MAX_VUS, resolveLive } from './config/live.js';
import { resolveLocalIps } from './config/local-ips.js';
import { isProfileFile } from './config/profile-file.js';
import { resolveRates } from './config/rates.js';
import { describeSettings, type Setting } from './config/settings.js';
import { allowListOf, type RunTarget, resolveTarget } from './config/target.js';
import { resolveTiming } from './config/timing.js';
import { resolveTraceVus } from './config/trace-vus.js';
import { parseMix, parseWhole } from './config/values.js';
import { ConfigError, type ConfigIssue } from './errors.js';
import type { Parity } from './parity/parity-schema.js';
import { PLAYER_PROFILE_NAMES, type PlayerProfileName } from './players/page-profiles.js';
import { visitsOf } from './scenarios/arrivals.js';
import { BEHAVIOURS, type Behaviour, ratesOf } from './scenarios/behaviour.js';
import { type EscalationSpec, escalationSpec } from './scenarios/escalation-plan.js';
import { runsCommands, withRealCuts } from './scenarios/fault-step.js';
import { type Mix, type Profile, profileFor } from './scenarios/profile.js';
import { arrivalsProfile } from './scenarios/profiles/arrivals.js';
import { DEFAULT_PROFILE, findProfile, profileNames } from './scenarios/profiles.js';
import { timed } from './scenarios/timing.js';

/** Everything a run was asked to do. Made once by `resolveConfig`, frozen, passed whole, never re-defaulted. */
export interface RunConfig {
  /** With the rates and lengths that were asked for in place of its own. */
  readonly profile: Profile;
  readonly vus: number;
  /** Below 1 = holds and ramps are that much shorter than their profile means them. Absent = real time. */
  readonly timeScale?: number;
  /** Rows that end the run when they have failed for so long. */
  readonly abortOn: readonly AbortRule[];
  /** Viewers that the run has threads and accounts for: it can be scaled up to them while it goes. */
  readonly maxVus: number;
  /** Takes orders while it runs (`dorami-load ctl`). */
  readonly ctl: boolean;
  /** The plan may change while the run goes. */
  readonly live: boolean;
  /** The run looks for the breaking point. */
  readonly escalation?: EscalationSpec;
  /** Protocols that viewers start with; in page behaviour HLS's part are those inside of other apps. */
  readonly mix: Mix;
  readonly behaviour: Behaviour;
  /** The rules of the libraries that the page has, or of their newest versions. */
  readonly playerProfile: PlayerProfileName;
  readonly seed: number;
  readonly workers: number;
  readonly target: RunTarget;
  /** The load boxes that the run is over; absent = this machine. */
  readonly boxes?: BoxesSetting;
  readonly captureClock: CaptureClockSetting;
  /** Where faults can be made, beside an embedded stage. */
  readonly controls: FaultControls;
  /** Faults may change this machine itself: its network, processes and containers. */
  readonly allowNetworkFaults: boolean;
  /** Where such changes are written down first; absent = the usual place. */
  readonly journal?: string;
  /** What is asked of the platform's own parts while the run goes; absent = nothing. */
  readonly collect?: RunCollect;
  /** How like production the platform is, as somebody found out before; absent = nobody said. */
  readonly parity?: Parity;
  readonly usersFile?: string;
  /** Access tokens are made with it; absent = those of the users file. Never written anywhere. */
  readonly jwtSecret?: Secret;
  /** Hosts beyond loopback that a socket may be opened to: entries of `createAllowList`. */
  readonly allowTargets: readonly string[];
  /** Any TLS certificate is accepted, of hosts that may be loaded at all. */
  readonly insecure: boolean;
  /** Addresses of this machine that viewers connect from, in turn; empty = the system chooses. */
  readonly localIps: readonly string[];
  /** Chat and cart (orders in profiles that have them) may be used. */
  readonly writes: boolean;
  /** A short look at the platform comes before the run. */
  readonly preflight: boolean;
  /** Viewers whose every step is written down, from 0; at most `MAX_TRACED`. */
  readonly traceVus: readonly number[];
  readonly outDir: string;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Port of the page that shows the run; 0 = any free one, absent = there is none. */
  readonly dashboard?: number;
  /** Reports are written into the run folder at the end. */
  readonly report: boolean;
  /** Workflow commands of GitHub Actions follow the summary on stdout. */
  readonly annotations: boolean;
  /** How often the load is run, one after the other. */
  readonly runs: number;
  readonly printPlan: boolean;
  readonly printConfig: boolean;
  /** Every key with its value and who said it, secrets masked. */
  readonly settings: readonly Setting[];
}

/** A file of sources as it was read and checked. */
export interface RunCollect {
  readonly file: string;
  readonly config: CollectConfig;
  readonly intervalMs: number;
  /** Values of the variables that it names. Never written anywhere. */
  readonly secrets: readonly Secret[];
}

/** What `resolveConfig` must know of the machine. */
export interface HostFacts {
  /** The environment, for settings that name a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Cores this process may use. */
  readonly cores: number;
  /** What `--profile` names, when it names a file that could be read. */
  readonly profile?: Profile | undefined;
  /** What `--collect` names, when it could be read. */
  readonly collect?: RunCollect | undefined;
  /** What `--parity` names, when it could be read. */
  readonly parity?: Parity | undefined;
}

const VUS_PER_WORKER = 100;
const MAX_WORKERS = 256;
const MAX_RUNS = 100;

/**
 * Turns what was given into a frozen `RunConfig`: defaults and the profile's own values come in below it, and
 * every value is checked. `before` are problems that were found when it was read; `origins` say who gave what, so
 * that a problem is named after the place where it stands. Without an origin a value counts as a flag.
 * @throws {ConfigError} with every problem found, not only the first
 */
export function resolveConfig(
  flags: RunFlags,
  host: HostFacts,
  before: readonly ConfigIssue[] = [],
  origins: Origins = {},
): RunConfig {
  const issues: ConfigIssue[] = [];
  const seed = whole(flags, 'seed', 0, Number.MAX_SAFE_INTEGER, issues) ?? Number(DEFAULTS.seed);
  const named = resolveSteps(resolveProfile(flags, host, issues), flags, issues);
  const vus = resolveVus(flags, named, seed, issues);
  const drawn = profileFor(withPlaces(named, vus), vus);
  const behaviour = oneOf('behaviour', flags.behaviour, BEHAVIOURS, 'strategy', issues);
  const rates = resolveRates(flags.rate ?? [], ratesOf(behaviour, drawn.rates), issues);
  const timing = timed({ ...drawn, rates }, vus, resolveTiming(flags, issues), issues);
  const { profile, timeScale } = timing;
  const live = resolveLive(flags, vus, issues);
  const escalation = escalationSpec(profile, vus, resolveTargetVus(flags, issues));
  const usersFile = flags.users;
  const dashboard = resolveDashboard('--dashboard', flags.dashboard, issues);
  const allowTargets = flags['allow-target'] ?? [];
  const target = resolveTarget(flags, issues);
  const boxes = resolveBoxes(flags, issues);
  const jwtSecret = resolveJwtSecret(flags['jwt-secret-env'], host.env ?? {}, issues);
  if (flags['jwt-secret-env'] !== undefined && usersFile === undefined) {
    const wanted = '--target and --users with a column userId';
    issues.push({ path: '--jwt-secret-env', problem: 'whose tokens it should make is not said', wanted });
  }
  const allowNetworkFaults = flags['allow-network-faults'] === true;
  // Viewers of other boxes are not behind this machine's network.
  const mayCut = allowNetworkFaults && target.kind === 'platform' && boxes === undefined;
  const config: Omit<RunConfig, 'settings'> = {
    profile: mayCut && profile.faults ? { ...profile, faults: withRealCuts(profile.faults) } : profile,
    vus,
    ...(timeScale !== undefined ? { timeScale } : {}),
    ...live,
    ...(escalation === undefined ? {} : { escalation, live: true }),
    abortOn: resolveAbortOn(flags['abort-on'] ?? [], flags['abort-after'], profile, issues),
    behaviour,
    playerProfile: oneOf('player-profile', flags['player-profile'], PLAYER_PROFILE_NAMES, 'page', issues),
    mix: resolveMix(flags, issues) ?? profile.defaults.mix,
    seed,
    workers: Math.min(
      live.maxVus,
      whole(flags, 'workers', 1, MAX_WORKERS, issues) ?? defaultWorkers(live.maxVus, host.cores),
    ),
    target,
    ...(boxes === undefined ? {} : { boxes }),
    controls: resolveControls(flags, allowListOf(allowTargets, []), issues),
    allowNetworkFaults,
    ...(flags.journal !== undefined ? { journal: flags.journal } : {}),
    captureClock: resolveCaptureClock(flags['capture-clock'], allowListOf(allowTargets, []), issues),
    ...(host.collect !== undefined ? { collect: host.collect } : {}),
    ...(host.parity !== undefined ? { parity: host.parity } : {}),
    ...(usersFile !== undefined ? { usersFile } : {}),
    ...(jwtSecret !== undefined ? { jwtSecret } : {}),
    allowTargets,
    insecure: flags.insecure === true,
    localIps: resolveLocalIps(flags['local-ips'] ?? [], target, issues),
    writes: flags['allow-writes'] ?? (target.kind === 'stage' || target.loopback),
    preflight: flags['no-preflight'] !== true,
    traceVus: resolveTraceVus(flags['trace-vu'] ?? [], vus, issues),
    outDir: flags.out ?? DEFAULTS.out,
    json: flags.json === true,
    quiet: flags.quiet === true,
    ...(dashboard !== undefined ? { dashboard } : {}),
    report: flags['no-report'] !== true,
    annotations: flags.annotations ?? host.env?.GITHUB_ACTIONS === 'true',
    runs: whole(flags, 'runs', 1, MAX_RUNS, issues) ?? 1,
    printPlan: flags['print-plan'] === true,
    printConfig: flags['print-config'] === true,
  };
  if (isUnasked(origins) && runsCommands(profile.faults ?? [])) {
    issues.push({
      path: '--profile',
      problem:
        'its faults run commands of this machine or change it, and only a settings file that lay here names it',
      wanted: '--profile FILE, or --config FILE',
    });
  }
  if (escalation !== undefined && boxes !== undefined && boxes.tolerated > 0) {
    const problem = 'an escalation measures so many viewers: with a box less it would be another level';
    issues.push({ path: '--on-agent-loss', problem, wanted: 'fail' });
  }
  if (flags.parity !== undefined && target.kind === 'stage') {
    const problem = 'goes with --target: the own stage is no platform';
    issues.push({ path: '--parity', problem });
  }
  if (usersFile === '') issues.push({ path: '--users', problem: 'no file given' });
  if (flags.journal === '') issues.push({ path: '--journal', problem: 'no folder given' });
  if (flags.out === '') issues.push({ path: '--out', problem: 'no folder given' });
  if (before.length + issues.length > 0) throw new ConfigError([...before, ...placed(issues, origins)]);
  const settings = describeSettings(flags, origins, { ...config, drawn });
  return deepFreeze({ ...config, settings });
}

/** The profile was named by a settings file that nobody named: whoever put it there is not the one who runs it. */
function isUnasked({ profile, config }: Origins): boolean {
  return profile?.kind === 'file' && config?.kind === 'found';
}

/** One core stays free: for the main thread and, with the embedded stage, for the stage. */
function defaultWorkers(vus: number, cores: number): number {
  return Math.max(1, Math.min(Math.ceil(vus / VUS_PER_WORKER), cores - 1));
}

function resolveProfile(flags: RunFlags, host: HostFacts, issues: ConfigIssue[]): Profile {
  const { profile: name, arrivals } = flags;
  if (arrivals !== undefined) return resolveArrivals(arrivals, name, issues);
  if (name === undefined) return DEFAULT_PROFILE;
  // What is wrong with a file has been said when it was read.
  if (isProfileFile(name)) return host.profile ?? DEFAULT_PROFILE;
  const profile = findProfile(name);
  if (profile) return profile;
  issues.push({
    path: '--profile',
    seen: name,
    ...unknownName('profile', name, profileNames(), profileNames().join(' or ')),
  });
  return DEFAULT_PROFILE;
}

/** The profile of `--arrivals`; which profile was asked for beside it is a contradiction. */
function resolveArrivals(text: string, name: string | undefined, issues: ConfigIssue[]): Profile {
  if (name !== undefined) {
    const problem = 'a profile and --arrivals contradict each other';
    issues.push({ path: '--profile', problem, wanted: 'one of the two' });
  }
  const arrivals = parseArrivals(text, '--arrivals', issues);
  return arrivals === undefined ? DEFAULT_PROFILE : arrivalsProfile(arrivals);
}

/** An open load has as many viewers as places, whatever its mean crowd is. */
function withPlaces(profile: Profile, vus: number): Profile {
  return profile.arrivals === undefined ? profile : { ...profile, defaults: { ...profile.defaults, vus } };
}

/** How many VUs: of an open load as many as there are places to come to. */
function resolveVus(flags: RunFlags, profile: Profile, seed: number, issues: ConfigIssue[]): number {
  const vus = whole(flags, 'vus', 1, MAX_VUS, issues);
  const { arrivals } = profile;
  if (arrivals === undefined) return vus ?? profile.defaults.vus;
  for (const key of ['ctl', 'max-vus'] as const) {
    if (flags[key] === undefined || flags[key] === false) continue;
    const problem = 'viewers that come and go by themselves take no orders';
    issues.push({ path: `--${key}`, problem, wanted: `no --${key}` });
  }
  if (vus !== undefined) {
    const problem = 'how many are there follows from how many come and how long they stay';
    issues.push({ path: '--vus', problem, wanted: 'another rate or stay' });
  }
  const { places } = visitsOf(arrivals, seed);
  if (places > MAX_VUS) {
    const problem = 'more viewers at a time than one run may have';
    issues.push({ path: '--arrivals', problem, seen: String(places), wanted: `at most ${MAX_VUS}` });
  }
  return Math.max(1, Math.min(places, MAX_VUS));
}

/** A value out of a short list; `otherwise` when nobody said anything. */
function oneOf<T extends string>(
  flag: 'behaviour' | 'player-profile',
  seen: string | undefined,
  names: readonly T[],
  otherwise: T,
  issues: ConfigIssue[],
): T {
  if (seen === undefined) return otherwise;
  const found = names.find((name) => name === seen);
  if (found !== undefined) return found;
  const what = flag.replace('-', ' ');
  issues.push({ path: `--${flag}`, seen, ...unknownName(what, seen, names, names.join(' or ')) });
  return otherwise;
}

function whole(
  flags: RunFlags,
  name: 'vus' | 'seed' | 'workers' | 'runs',
  from: number,
  to: number,
  issues: ConfigIssue[],
): number | undefined {
  const seen = flags[name];
  if (seen === undefined) return undefined;
  const value = parseWhole(seen, from, to);
  if (value !== undefined) return value;
  issues.push({
    path: `--${name}`,
    problem: 'not a whole number in range',
    seen,
    wanted: `${from} to ${to}`,
  });
  return undefined;
}

function resolveMix(flags: RunFlags, issues: ConfigIssue[]): Mix | undefined {
  if (flags.mix === undefined) return undefined;
  const mix = parseMix(flags.mix);
  if (!mix)
    issues.push({ path: '--mix', problem: 'not a mix', seen: flags.mix, wanted: 'e.g. hls=70,flv=30' });
  return mix;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
