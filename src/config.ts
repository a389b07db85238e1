import { type CaptureClockSetting, resolveCaptureClock } from './config/capture-clock.js';
import { unknownName } from './config/did-you-mean.js';
import { DEFAULTS, type RunFlags } from './config/flags.js';
import { resolveJwtSecret, type Secret } from './config/jwt-secret.js';
import { type Origins, placed } from './config/layer.js';
import { MAX_VUS, resolveLive } from './config/live.js';
import { resolveLocalIps } from './config/local-ips.js';
import { resolveRates } from './config/rates.js';
import { describeSettings, type Setting } from './config/settings.js';
import { allowListOf, type RunTarget, resolveTarget } from './config/target.js';
import { resolveTiming } from './config/timing.js';
import { resolveTraceVus } from './config/trace-vus.js';
import { parseMix, parseWhole } from './config/values.js';
import { ConfigError, type ConfigIssue } from './errors.js';
import { PLAYER_PROFILE_NAMES, type PlayerProfileName } from './players/page-profiles.js';
import { BEHAVIOURS, type Behaviour, ratesOf } from './scenarios/behaviour.js';
import { type Mix, type Profile, profileFor } from './scenarios/profile.js';
import { DEFAULT_PROFILE, findProfile, profileNames } from './scenarios/profiles.js';
import { timed } from './scenarios/timing.js';

/** Everything a run was asked to do. Made once by `resolveConfig`, frozen, passed whole, never re-defaulted. */
export interface RunConfig {
  /** With the rates and lengths that were asked for in place of its own. */
  readonly profile: Profile;
  readonly vus: number;
  /** Below 1 = holds and ramps are that much shorter than their profile means them. Absent = real time. */
  readonly timeScale?: number;
  /** Viewers that the run has threads and accounts for: it can be scaled up to them while it goes. */
  readonly maxVus: number;
  /** Takes orders while it runs (`dorami-load ctl`). */
  readonly ctl: boolean;
  /** The plan may change while the run goes. */
  readonly live: boolean;
  /** Protocols that viewers start with; in page behaviour HLS's part are those inside of other apps. */
  readonly mix: Mix;
  readonly behaviour: Behaviour;
  /** The rules of the libraries that the page has, or of their newest versions. */
  readonly playerProfile: PlayerProfileName;
  readonly seed: number;
  readonly workers: number;
  readonly target: RunTarget;
  readonly captureClock: CaptureClockSetting;
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
  /** Reports are written into the run folder at the end. */
  readonly report: boolean;
  /** Workflow commands of GitHub Actions follow the summary on stdout. */
  readonly annotations: boolean;
  readonly printPlan: boolean;
  readonly printConfig: boolean;
  /** Every key with its value and who said it, secrets masked. */
  readonly settings: readonly Setting[];
}

/** What `resolveConfig` must know of the machine. */
export interface HostFacts {
  /** The environment, for settings that name a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Cores this process may use. */
  readonly cores: number;
}

const VUS_PER_WORKER = 100;
const MAX_WORKERS = 256;

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
  const named = resolveProfile(flags, issues);
  const vus = whole(flags, 'vus', 1, MAX_VUS, issues) ?? named.defaults.vus;
  const drawn = profileFor(named, vus);
  const behaviour = oneOf('behaviour', flags.behaviour, BEHAVIOURS, 'strategy', issues);
  const rates = resolveRates(flags.rate ?? [], ratesOf(behaviour, drawn.rates), issues);
  const timing = timed({ ...drawn, rates }, vus, resolveTiming(flags, issues), issues);
  const { profile, timeScale } = timing;
  const live = resolveLive(flags, vus, issues);
  const usersFile = flags.users;
  const allowTargets = flags['allow-target'] ?? [];
  const target = resolveTarget(flags, issues);
  const jwtSecret = resolveJwtSecret(flags['jwt-secret-env'], host.env ?? {}, issues);
  if (flags['jwt-secret-env'] !== undefined && usersFile === undefined) {
    const wanted = '--target and --users with a column userId';
    issues.push({ path: '--jwt-secret-env', problem: 'whose tokens it should make is not said', wanted });
  }
  const config: Omit<RunConfig, 'settings'> = {
    profile,
    vus,
    ...(timeScale !== undefined ? { timeScale } : {}),
    ...live,
    behaviour,
    playerProfile: oneOf('player-profile', flags['player-profile'], PLAYER_PROFILE_NAMES, 'page', issues),
    mix: resolveMix(flags, issues) ?? profile.defaults.mix,
    seed: whole(flags, 'seed', 0, Number.MAX_SAFE_INTEGER, issues) ?? Number(DEFAULTS.seed),
    workers: Math.min(
      live.maxVus,
      whole(flags, 'workers', 1, MAX_WORKERS, issues) ?? defaultWorkers(live.maxVus, host.cores),
    ),
    target,
    captureClock: resolveCaptureClock(flags['capture-clock'], allowListOf(allowTargets, []), issues),
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
    report: flags['no-report'] !== true,
    annotations: flags.annotations ?? host.env?.GITHUB_ACTIONS === 'true',
    printPlan: flags['print-plan'] === true,
    printConfig: flags['print-config'] === true,
  };
  if (usersFile === '') issues.push({ path: '--users', problem: 'no file given' });
  if (flags.out === '') issues.push({ path: '--out', problem: 'no folder given' });
  if (before.length + issues.length > 0) throw new ConfigError([...before, ...placed(issues, origins)]);
  const settings = describeSettings(flags, origins, { ...config, drawn });
  return deepFreeze({ ...config, settings });
}

/** One core stays free: for the main thread and, with the embedded stage, for the stage. */
function defaultWorkers(vus: number, cores: number): number {
  return Math.max(1, Math.min(Math.ceil(vus / VUS_PER_WORKER), cores - 1));
}

function resolveProfile(flags: RunFlags, issues: ConfigIssue[]): Profile {
  const name = flags.profile;
  if (name === undefined) return DEFAULT_PROFILE;
  const profile = findProfile(name);
  if (profile) return profile;
  issues.push({
    path: '--profile',
    seen: name,
    ...unknownName('profile', name, profileNames(), profileNames().join(' or ')),
  });
  return DEFAULT_PROFILE;
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
  name: 'vus' | 'seed' | 'workers',
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
