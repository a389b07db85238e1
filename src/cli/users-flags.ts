import { USERS_FLAGS, type UsersFlags } from '../config/flags.js';
import { allowListOf } from '../config/target.js';
import { hostOf, isLoopbackHost, parseBaseUrl, parseWhole } from '../config/values.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import type { UsersCommandOptions } from '../run/users-command.js';

const MAX_COUNT = 100_000;
const MAX_CONCURRENCY = 32;

/**
 * The words and flags of `dorami-load users create` as options.
 * @throws {ConfigError} with every problem
 */
export function resolveUsersFlags(
  action: string,
  flags: UsersFlags,
  before: readonly ConfigIssue[] = [],
): UsersCommandOptions {
  const issues: ConfigIssue[] = [...before];
  if (action !== '' && action !== 'create')
    issues.push({ path: 'users', problem: 'no such action', seen: action, wanted: 'create' });
  const whole = (name: 'count' | 'concurrency', most: number): number => {
    const seen = flags[name] ?? USERS_FLAGS[name].default ?? '';
    const value = parseWhole(seen, 1, most);
    if (value === undefined) {
      issues.push({
        path: `--${name}`,
        problem: 'not a whole number in range',
        seen,
        wanted: `1 to ${most}`,
      });
    }
    return value ?? 1;
  };
  const prefix = flags.prefix ?? USERS_FLAGS.prefix.default ?? '';
  if (!/^[a-z][a-z0-9-]{0,29}$/.test(prefix)) {
    const wanted = 'a to z first, then also 0 to 9 and -, at most 30';
    issues.push({ path: '--prefix', problem: 'not a prefix', seen: prefix, wanted });
  }
  const out = flags.out ?? USERS_FLAGS.out.default ?? '';
  if (out === '') issues.push({ path: '--out', problem: 'no file given' });
  const allowTargets = flags['allow-target'] ?? [];
  const { apiUrl, loopback } = resolveApi(flags.target, allowTargets, issues);
  const options = {
    ...{ apiUrl, loopback, allowTargets, prefix, out },
    count: whole('count', MAX_COUNT),
    concurrency: whole('concurrency', MAX_CONCURRENCY),
    force: flags.force === true,
    insecure: flags.insecure === true,
    quiet: flags.quiet === true,
  };
  if (issues.length > 0) throw new ConfigError(issues);
  return options;
}

function resolveApi(
  target: string | undefined,
  allowTargets: readonly string[],
  issues: ConfigIssue[],
): Pick<UsersCommandOptions, 'apiUrl' | 'loopback'> {
  const allowed = allowListOf(allowTargets, issues);
  const apiUrl = target === undefined ? undefined : parseBaseUrl(target);
  if (apiUrl === undefined) {
    const problem = target === undefined ? 'missing' : 'not a base URL';
    const wanted = 'http(s)://host[:port][/path], without credentials or query';
    issues.push({ path: '--target', problem, wanted });
    return { apiUrl: '', loopback: false };
  }
  const host = hostOf(apiUrl);
  const loopback = isLoopbackHost(host);
  if (!loopback && allowed.check(host) !== 'allowed') {
    issues.push({
      path: '--target',
      problem: `${host} is not on this machine and not allowed as a target`,
      wanted: `--allow-target ${host}, and only for a staging platform of yours`,
    });
  }
  return { apiUrl, loopback };
}
