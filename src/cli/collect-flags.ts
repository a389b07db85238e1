import type { CollectOptions } from '../collect/collect-command.js';
import { readCollectConfig } from '../collect/config.js';
import { collectSecrets } from '../collect/make-sources.js';
import { COLLECT_FLAGS, type CollectFlags, type RunFlags } from '../config/flags.js';
import { Secret } from '../config/jwt-secret.js';
import { allowListOf } from '../config/target.js';
import { parseDuration } from '../config/values.js';
import type { RunCollect } from '../config.js';
import { ConfigError, type ConfigIssue } from '../errors.js';

const USUAL_INTERVAL = '5s';
const MIN_INTERVAL_MS = 1000;

/**
 * The flags of `dorami-load collect` as options.
 * @throws {ConfigError} with every problem, those of its file too
 */
export function resolveCollectFlags(
  flags: CollectFlags,
  before: readonly ConfigIssue[],
  env: Readonly<Record<string, string | undefined>>,
): CollectOptions {
  const issues: ConfigIssue[] = [...before];
  const allowTargets = flags['allow-target'] ?? [];
  const known = issues.length;
  allowListOf(allowTargets, issues);
  const allowed = issues.length > known ? [] : allowTargets;
  if (flags.config === undefined)
    issues.push({ path: '--config', problem: 'missing', wanted: 'a file of sources, see docs/collect.md' });
  const config = flags.config === undefined ? undefined : readCollectConfig(flags.config, allowed, issues);
  const secrets = config === undefined ? [] : collectSecrets(config, env, issues);
  const intervalMs = spanOf('interval', flags.interval ?? config?.interval ?? USUAL_INTERVAL, issues);
  const durationMs = flags.duration === undefined ? undefined : spanOf('duration', flags.duration, issues);
  const out = flags.out ?? COLLECT_FLAGS.out.default ?? '.';
  if (out === '') issues.push({ path: '--out', problem: 'no folder given' });
  if (issues.length > 0 || config === undefined) throw new ConfigError(issues);
  return {
    ...{ config, intervalMs, out, allowTargets, secrets },
    ...(durationMs === undefined ? {} : { durationMs }),
    insecure: flags.insecure === true,
    quiet: flags.quiet === true,
  };
}

/**
 * The file that `--collect` of a run names; every problem of it is added to `issues`, with file and line.
 * @param place how a message calls the one who named it
 */
export function readRunCollect(
  file: string,
  place: string,
  { 'allow-target': allowTargets = [] }: Pick<RunFlags, 'allow-target'>,
  env: Readonly<Record<string, string | undefined>>,
  issues: ConfigIssue[],
): RunCollect | undefined {
  // What is wrong with the list of targets is told with the flags.
  const unread: ConfigIssue[] = [];
  allowListOf(allowTargets, unread);
  const config = readCollectConfig(file, unread.length > 0 ? [] : allowTargets, issues, place);
  if (config === undefined) return undefined;
  const secrets = collectSecrets(config, env, issues).map((value) => new Secret(place, value));
  const intervalMs = spanOf('interval', config.interval ?? USUAL_INTERVAL, issues);
  return { file, config, intervalMs, secrets };
}

function spanOf(name: 'interval' | 'duration', seen: string, issues: ConfigIssue[]): number {
  const ms = parseDuration(seen);
  if (ms !== undefined && ms >= MIN_INTERVAL_MS) return ms;
  const problem = ms === undefined ? 'not a span of time' : 'too short';
  issues.push({ path: `--${name}`, problem, seen, wanted: '1s or more, e.g. 5s, 10m' });
  return MIN_INTERVAL_MS;
}
