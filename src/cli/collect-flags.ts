import type { CollectOptions } from '../collect/collect-command.js';
import { readCollectConfig } from '../collect/config.js';
import { collectSecrets } from '../collect/make-sources.js';
import { COLLECT_FLAGS, type CollectFlags } from '../config/flags.js';
import { allowListOf } from '../config/target.js';
import { parseDuration } from '../config/values.js';
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

function spanOf(name: 'interval' | 'duration', seen: string, issues: ConfigIssue[]): number {
  const ms = parseDuration(seen);
  if (ms !== undefined && ms >= MIN_INTERVAL_MS) return ms;
  const problem = ms === undefined ? 'not a span of time' : 'too short';
  issues.push({ path: `--${name}`, problem, seen, wanted: '1s or more, e.g. 5s, 10m' });
  return MIN_INTERVAL_MS;
}
