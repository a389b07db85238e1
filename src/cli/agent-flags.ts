import { hostname } from 'node:os';
import { isName } from '../cluster/agent-messages.js';
import { resolveBroker } from '../config/broker.js';
import { variableOf } from '../config/env-layer.js';
import { AGENT_FLAGS, type AgentFlags } from '../config/flags.js';
import { resolveLocalIps } from '../config/local-ips.js';
import { allowListOf } from '../config/target.js';
import { parseDuration, parseWhole } from '../config/values.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import type { AgentOptions } from '../run/agent-command.js';

const MAX_WORKERS = 256;
const MAX_VUS = 100_000;
/** A shorter silence is no reason: the broker may be begun anew. */
const DEAD_MAN = { leastMs: 5000, mostMs: 600_000, usualMs: 15_000 } as const;

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The flags of `dorami-load agent` as options; what is not given as a flag is taken from the environment
 * (`--nats` is DORAMI_LOAD_NATS), where a password belongs.
 * @param cores that this process may use
 * @throws {ConfigError} with every problem
 */
export function resolveAgentFlags(
  line: AgentFlags,
  before: readonly ConfigIssue[],
  env: Env,
  cores: number,
): AgentOptions {
  const issues: ConfigIssue[] = [...before];
  const flags = withEnv(line, env);
  const known = issues.length;
  const broker = resolveBroker(flags, issues);
  if (broker === undefined && issues.length === known)
    issues.push({ path: '--nats', problem: 'missing', wanted: 'nats://USER:PASSWORD@HOST:4222' });
  const name = flags.name ?? nameOf(hostname());
  if (!isName(name)) {
    const wanted = 'letters, digits, _ and -, at most 63';
    issues.push({ path: '--name', problem: 'not a name', seen: name, wanted });
  }
  const allowTargets = flags['allow-target'] ?? [];
  allowListOf(allowTargets, issues);
  const whole = (flag: 'workers' | 'weight' | 'max-vus', most: number): number | undefined => {
    const seen = flags[flag];
    if (seen === undefined) return undefined;
    const value = parseWhole(seen, 1, most);
    if (value === undefined)
      issues.push({
        path: `--${flag}`,
        problem: 'not a whole number in range',
        seen,
        wanted: `1 to ${most}`,
      });
    return value;
  };
  const workers = whole('workers', MAX_WORKERS) ?? Math.max(1, Math.floor(cores) - 1);
  const weight = whole('weight', MAX_VUS) ?? Math.max(1, cores);
  const maxVus = whole('max-vus', MAX_VUS);
  const localIps = resolveLocalIps(flags['local-ips'] ?? [], { kind: 'stage', faults: [] }, issues);
  const deadManMs = deadManOf(flags['dead-man'], issues);
  if (flags.dir === '') issues.push({ path: '--dir', problem: 'no folder given' });
  if (issues.length > 0 || broker === undefined) throw new ConfigError(issues);
  return {
    ...{ broker, name, workers, weight, allowTargets, localIps, deadManMs },
    ...(maxVus === undefined ? {} : { maxVus }),
    ...(flags.dir === undefined ? {} : { dir: flags.dir }),
    once: flags.once === true,
    quiet: flags.quiet === true,
    json: flags.json === true,
  };
}

function withEnv(line: AgentFlags, env: Env): AgentFlags {
  const given: Record<string, string | boolean | readonly string[]> = {};
  for (const [name, { kind }] of Object.entries(AGENT_FLAGS)) {
    const value = env[variableOf(name)];
    if (value === undefined || value === '') continue;
    if (kind === 'text') given[name] = value;
    else if (kind === 'list') given[name] = value.split(',').map((one) => one.trim());
    else given[name] = value === 'true';
  }
  return { ...(given as AgentFlags), ...line };
}

/** What of a machine's name may be a box's name. */
function nameOf(host: string): string {
  return (
    host
      .replace(/[^A-Za-z0-9_-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 63) || 'box'
  );
}

function deadManOf(seen: string | undefined, issues: ConfigIssue[]): number {
  const { leastMs, mostMs, usualMs } = DEAD_MAN;
  if (seen === undefined) return usualMs;
  const ms = parseDuration(seen);
  if (ms !== undefined && ms >= leastMs && ms <= mostMs) return ms;
  issues.push({ path: '--dead-man', problem: 'not a time in range', seen, wanted: '5s to 10m' });
  return usualMs;
}
