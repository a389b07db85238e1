import { ConfigError, type ConfigIssue } from '../errors.js';
import { type AllowList, createAllowList } from '../net/allow-list.js';
import type { Target } from '../target.js';
import type { RunFlags } from './flags.js';
import { hostOf, isLoopbackHost, parseBaseUrl } from './values.js';

/** Where the viewers go: a stage that the run starts itself, or a platform that is already there. */
export type RunTarget =
  | { readonly kind: 'stage'; readonly streamKey?: string; readonly faults: readonly string[] }
  | { readonly kind: 'platform'; readonly target: Target; readonly loopback: boolean };

/** The stage's own default key, so that a stage started by hand needs no `--stream-key` either. */
export const DEFAULT_STREAM_KEY = 'demo';

/** The list of hosts that may be loaded; with a bad entry its problems are noted and nothing but loopback is. */
export function allowListOf(hosts: readonly string[], issues: ConfigIssue[]): AllowList {
  try {
    return createAllowList(hosts);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    issues.push(...error.issues);
    return createAllowList([]);
  }
}

const PART_FLAGS = ['api-url', 'socket-url', 'flv-url', 'hls-url'] as const;

/** Finds out where a run goes; whatever is wrong with it is added to `issues`. */
export function resolveTarget(flags: RunFlags, issues: ConfigIssue[]): RunTarget {
  const allowed = allowListOf(flags['allow-target'] ?? [], issues);
  const key = resolveKey(flags, issues);
  const named = flags.target !== undefined || PART_FLAGS.some((name) => flags[name] !== undefined);
  if (!named) {
    if (flags.users !== undefined) {
      issues.push({
        path: '--users',
        problem: 'goes with --target; the embedded stage brings its own users',
      });
    }
    return {
      kind: 'stage',
      faults: flags['stage-fault'] ?? [],
      ...(key !== undefined ? { streamKey: key } : {}),
    };
  }
  if (flags['stage-fault'] !== undefined) {
    issues.push({ path: '--stage-fault', problem: 'goes with the embedded stage, not with --target' });
  }
  return platform(flags, key, allowed, issues);
}

function resolveKey(flags: RunFlags, issues: ConfigIssue[]): string | undefined {
  const key = flags['stream-key'];
  if (key === undefined || /^[\w.~-]{1,200}$/.test(key)) return key;
  issues.push({
    path: '--stream-key',
    problem: 'not a stream key',
    wanted: 'letters, digits, and . _ ~ - only',
  });
  return undefined;
}

function platform(
  flags: RunFlags,
  key: string | undefined,
  allowed: AllowList,
  issues: ConfigIssue[],
): RunTarget {
  const base = baseUrl('--target', flags.target, issues);
  const part = (name: (typeof PART_FLAGS)[number]): string => {
    const own = baseUrl(`--${name}`, flags[name], issues);
    if (own === undefined && flags.target === undefined) {
      issues.push({ path: `--${name}`, problem: 'missing', wanted: 'a URL here or with --target' });
    }
    return own ?? base ?? UNKNOWN_URL;
  };
  const [apiUrl, socketUrl, flvUrl, hlsUrl] = PART_FLAGS.map(part) as [string, string, string, string];
  const urls = [apiUrl, socketUrl, flvUrl, hlsUrl];
  const flagOf = new Map<string, string>();
  urls.forEach((url, index) => {
    if (url === UNKNOWN_URL || flagOf.has(hostOf(url))) return;
    flagOf.set(hostOf(url), url === base ? '--target' : `--${PART_FLAGS[index]}`);
  });
  const foreign = [...flagOf.keys()].filter((host) => !isLoopbackHost(host));
  for (const host of foreign.filter((name) => allowed.check(name) !== 'allowed')) {
    issues.push({
      path: flagOf.get(host) ?? '--target',
      problem: `${host} is not on this machine and not allowed as a target`,
      wanted: `--allow-target ${host}, and only if you may load it`,
    });
  }
  if (foreign.length > 0 && key === undefined && flags['stream-key'] === undefined) {
    issues.push({
      path: '--stream-key',
      problem: 'missing',
      wanted: 'the key of the live stream on that platform',
    });
  }
  const target: Target = { apiUrl, socketUrl, flvUrl, hlsUrl, streamKey: key ?? DEFAULT_STREAM_KEY };
  return { kind: 'platform', target, loopback: foreign.length === 0 };
}

/** Stands for a URL that had a problem, so that the other checks can go on; never leaves `resolveConfig`. */
const UNKNOWN_URL = '';

function baseUrl(path: string, seen: string | undefined, issues: ConfigIssue[]): string | undefined {
  if (seen === undefined) return undefined;
  const url = parseBaseUrl(seen);
  if (url !== undefined) return url;
  const wanted = 'http(s)://host[:port][/path], without credentials or query';
  issues.push({ path, problem: 'not a base URL', seen: withoutSecrets(seen), wanted });
  return UNKNOWN_URL;
}

/** A mistyped URL may hold a password or a token: only what stands before them is shown. */
function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//***@').replace(/[?#].*$/, '?***');
}
