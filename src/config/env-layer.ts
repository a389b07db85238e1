import type { ConfigIssue } from '../errors.js';
import { nearest } from './did-you-mean.js';
import type { FlagSpec } from './flag-spec.js';
import type { Layer, Origin, RawValue, Rows } from './layer.js';

/** Every variable that begins so is ours, and refused when it means nothing. */
export const VARIABLE_PREFIX = 'DORAMI_LOAD_';
/** Variables of ours that are no settings of a run. */
const OTHER_VARIABLES: readonly string[] = ['DORAMI_LOAD_DEBUG'];

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that stands for a key: `allow-target` -> `DORAMI_LOAD_ALLOW_TARGET`. */
export function variableOf(key: string): string {
  return `${VARIABLE_PREFIX}${key.toUpperCase().replaceAll('-', '_')}`;
}

/**
 * The layer of the environment. A variable that is there and empty counts as absent, as an unset input of a CI job
 * arrives. What cannot be read is added to `issues`.
 */
export function envLayer(env: Environment, rows: Rows, issues: ConfigIssue[]): Layer {
  const values: Record<string, RawValue> = {};
  const origins: Record<string, Origin> = {};
  for (const [key, spec] of Object.entries(rows)) {
    const name = variableOf(key);
    const seen = env[name];
    if (seen === undefined || seen === '') continue;
    if (spec.notIn?.includes('env')) {
      issues.push({ path: name, problem: 'cannot be set from the environment', wanted: `the flag --${key}` });
      continue;
    }
    const value = rawValue(seen, spec);
    if (value === undefined) {
      issues.push({ path: name, problem: 'not a switch', seen, wanted: 'true, false, 1 or 0' });
      continue;
    }
    values[key] = value;
    origins[key] = { kind: 'env', name };
  }
  return { values, origins };
}

const SWITCHED: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

function rawValue(seen: string, spec: FlagSpec): RawValue | undefined {
  switch (spec.kind) {
    case 'text':
      return seen;
    case 'list':
      return seen.split(spec.separator ?? ',').map((entry) => entry.trim());
    case 'switch':
      return SWITCHED.get(seen.trim().toLowerCase());
  }
}

/**
 * Variables that begin as ours do and mean nothing: a mistyped one would go unnoticed. `named` are those that a
 * setting names (a secret's place). Values are not shown: they may be secrets.
 */
export function unknownVariables(env: Environment, rows: Rows, named: readonly string[]): ConfigIssue[] {
  const known = [...Object.keys(rows).map(variableOf), ...OTHER_VARIABLES];
  // Compared without what they all begin with, or each would be near to each.
  const ends = known.map((name) => name.slice(VARIABLE_PREFIX.length));
  return Object.keys(env)
    .filter((name) => name.startsWith(VARIABLE_PREFIX) && env[name] !== undefined)
    .filter((name) => !known.includes(name) && !named.includes(name))
    .map((name) => {
      const near = nearest(name.slice(VARIABLE_PREFIX.length), ends);
      if (near !== undefined) {
        return { path: name, problem: `no such variable, did you mean ${VARIABLE_PREFIX}${near}?` };
      }
      return { path: name, problem: 'no such variable', wanted: 'a flag of --help as a variable' };
    });
}

/** The variables that settings name, e.g. the one that holds a signing secret. */
export function namedVariables(values: Layer['values'], rows: Rows): string[] {
  return Object.entries(rows).flatMap(([key, spec]) => {
    const name = values[key];
    return spec.namesVariable === true && typeof name === 'string' ? [name] : [];
  });
}
