import type { ConfigIssue } from '../errors.js';
import { type Environment, variableOf } from './env-layer.js';
import { RUN_ROWS, type RunFlags } from './flags.js';
import type { RawValue } from './layer.js';
import type { Setting } from './settings.js';

/** What nobody said is found again in the same way. */
const UNSAID = /^(default|found here|profile .*|behaviour .*)$/;

/**
 * The flags of a run from the settings that its record keeps. Secrets are not among them: one that is neither in `given`
 * nor in the environment is a problem in `issues`.
 */
export function keptFlags(
  settings: readonly Setting[],
  given: RunFlags,
  env: Environment,
  issues: ConfigIssue[],
): RunFlags {
  // The file that lies here now is not the one of then.
  const flags: Record<string, RawValue> = { config: 'none' };
  for (const { key, value, source } of settings) {
    const row = Object.hasOwn(RUN_ROWS, key) ? RUN_ROWS[key] : undefined;
    const said = saidOf(value, source);
    if (row === undefined || key === 'config' || said === undefined || Object.hasOwn(given, key)) continue;
    if (row.secret !== true) {
      flags[key] = said;
      continue;
    }
    const variable = variableOf(key);
    if (env[variable] !== undefined && env[variable] !== '') continue;
    const problem = 'is kept nowhere, and must be said again';
    issues.push({ path: `--${key}`, problem, wanted: `the environment: ${variable}` });
  }
  return { ...(flags as RunFlags), ...given };
}

function saidOf(value: RawValue | undefined, source: Setting['source']): RawValue | undefined {
  if (value === undefined) return undefined;
  if (typeof source === 'string') return UNSAID.test(source) ? undefined : value;
  if (!Array.isArray(value)) return undefined;
  const said = value.filter((_entry: string, index) => !UNSAID.test(source[index] ?? 'default'));
  return said.length === 0 ? undefined : said;
}
