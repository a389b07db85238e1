import type { StageFlags } from '../config/flags.js';
import { resolveJwtSecret } from '../config/jwt-secret.js';
import { DEFAULT_STREAM_KEY } from '../config/target.js';
import { parseBitrate, parseDuration, parseWhole } from '../config/values.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { type FaultSpec, parseFaultFlag } from '../stage/fault-spec.js';
import type { StageCommandOptions } from '../stage/stage-command.js';

/** Port of a stage that was started by hand: the same every time, so that it can be written into a command. */
const DEFAULT_PORT = 8080;
const MAX_USERS = 100_000;
const MAX_TTL_MS = 30 * 24 * 3_600_000;

/**
 * The stage's flags as its options.
 * @throws {ConfigError} with every problem
 */
export function resolveStageFlags(
  flags: StageFlags,
  before: readonly ConfigIssue[] = [],
  env: Readonly<Record<string, string | undefined>> = {},
): StageCommandOptions {
  const issues: ConfigIssue[] = [...before];
  const check = <T>(
    path: string,
    seen: string | undefined,
    value: T | undefined,
    wanted: string,
  ): T | undefined => {
    if (seen !== undefined && value === undefined)
      issues.push({ path, problem: 'cannot be used', seen, wanted });
    return value;
  };
  const { port, bitrate, ready, host } = flags;
  const gop = flags['gop-ms'];
  const ttl = flags['token-ttl'];
  const usersCount = flags['users-count'];
  const options: StageCommandOptions = {
    ...(host !== undefined ? { host } : {}),
    port: check('--port', port, wholeOf(port, 0, 65_535), '0 to 65535') ?? DEFAULT_PORT,
    streamKey: flags['stream-key'] ?? DEFAULT_STREAM_KEY,
    ...optional(
      'bitsPerS',
      check('--bitrate', bitrate, bitrateOf(bitrate), 'e.g. 2600000, 2600k or 2.6M, from 100k to 100M'),
    ),
    ...optional(
      'gopMs',
      check('--gop-ms', gop, gop === '1000' || gop === '2000' ? Number(gop) : undefined, '1000 or 2000'),
    ),
    faults: readFaults('--fault', flags.fault ?? [], issues),
    ...optional(
      'authDelayMs',
      check('--auth-ms', flags['auth-ms'], wholeOf(flags['auth-ms'], 0, 60_000), '0 to 60000'),
    ),
    ...optional('usersOut', flags['users-out']),
    ...optional(
      'usersCount',
      check('--users-count', usersCount, wholeOf(usersCount, 1, MAX_USERS), `1 to ${MAX_USERS}`),
    ),
    ...optional(
      'accessTtlS',
      check(
        '--token-ttl',
        ttl,
        ttl === undefined ? undefined : ttlOf(ttl),
        'e.g. 20s or 15m, from 1s to 720h',
      ),
    ),
    ...optional('jwtSecret', resolveJwtSecret(flags['jwt-secret-env'], env, issues)?.reveal()),
    ready:
      check('--ready', ready, ready === 'json' || ready === 'human' ? ready : undefined, 'human or json') ??
      'human',
    exitWithParent: flags['exit-with-parent'] === true,
  };
  if (issues.length > 0) throw new ConfigError(issues);
  return options;
}

/** A length of time in whole seconds, as tokens count it. */
function ttlOf(text: string): number | undefined {
  const ms = parseDuration(text);
  return ms === undefined || ms < 1000 || ms > MAX_TTL_MS ? undefined : Math.round(ms / 1000);
}

function wholeOf(text: string | undefined, from: number, to: number): number | undefined {
  return text === undefined ? undefined : parseWhole(text, from, to);
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

/** Faults as they stand on a command line; what is wrong with them is added to `issues` under the flag's name. */
export function readFaults(flag: string, texts: readonly string[], issues: ConfigIssue[]): FaultSpec[] {
  return texts.flatMap((text) => {
    try {
      return [parseFaultFlag(text)];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      issues.push(...error.issues.map((issue) => ({ ...issue, path: flag })));
      return [];
    }
  });
}

/** Below it would be no picture, beyond more than a machine sends. */
function bitrateOf(text: string | undefined): number | undefined {
  const bitsPerS = text === undefined ? undefined : parseBitrate(text);
  return bitsPerS !== undefined && bitsPerS >= 1e5 && bitsPerS <= 1e8 ? bitsPerS : undefined;
}
