import type { Profile } from '../scenarios/profile.js';
import type { FlagSpec } from './flag-spec.js';
import { RUN_ROWS, type RunFlags } from './flags.js';
import { nameOf, type Origin, type Origins, originOf, type RawValue } from './layer.js';
import { ratePairs } from './rates.js';

/** One key of a run's configuration as it came to be. */
export interface Setting {
  readonly key: string;
  /** As a user would write it; secrets are masked. Absent = not set. */
  readonly value?: RawValue;
  /** Who said it; of pairs that several said, one for each of `value`. */
  readonly source: string | readonly string[];
}

/** What a run made of what was given and what was not. */
export interface Resolved {
  /** With the rates that hold. */
  readonly profile: Profile;
  /** As the profile itself has it. */
  readonly drawn: Profile;
  readonly behaviour: string;
  readonly workers: number;
  readonly writes: boolean;
  readonly annotations: boolean;
}

const MASK = '***';

/** Every key that can be set, in the order of the table, with its value and who said it. */
export function describeSettings(flags: RunFlags, origins: Origins, resolved: Resolved): Setting[] {
  const given = flags as Readonly<Record<string, RawValue | undefined>>;
  return Object.entries(RUN_ROWS)
    .filter(([, spec]) => !isOnce(spec))
    .map(([key, spec]) => {
      if (key === 'rate') return rateSetting(flags.rate ?? [], origins.rate, resolved);
      const seen = given[key];
      if (seen === undefined) return { key, ...unsaid(key, spec, resolved) };
      const source = sourceText(origins[key] ?? { kind: 'flag' });
      if (spec.secret) return { key, value: MASK, source };
      const holds = COMPUTED[key]?.(resolved) ?? seen;
      return { key, value: holds, source: holds === seen ? source : `${source}, lowered from ${seen}` };
    });
}

/** True for what one call is asked to do, which is no setting. */
function isOnce(spec: FlagSpec): boolean {
  return spec.notIn?.includes('env') === true;
}

/** What stands there when nobody said anything. */
function unsaid(key: string, spec: FlagSpec, resolved: Resolved): Omit<Setting, 'key'> {
  const { profile } = resolved;
  if (spec.ofProfile) return { value: spec.ofProfile(profile), source: `profile ${profile.name}` };
  const source = 'default';
  const computed = COMPUTED[key]?.(resolved);
  if (computed !== undefined) return { value: computed, source };
  if (spec.kind === 'switch') return { value: false, source };
  return spec.default === undefined ? { source } : { value: spec.default, source };
}

/** Defaults that depend on the machine or on other values. */
const COMPUTED: Readonly<Record<string, (resolved: Resolved) => string | boolean>> = {
  workers: ({ workers }) => String(workers),
  'allow-writes': ({ writes }) => writes,
  annotations: ({ annotations }) => annotations,
};

/** The rates that hold, each with who said it; those that were switched off as well. */
function rateSetting(given: readonly string[], origin: Origin | undefined, resolved: Resolved): Setting {
  const { profile, drawn, behaviour } = resolved;
  const said = new Map(given.map((pair) => [nameOf(pair), originOf(pair, origin ?? { kind: 'flag' })]));
  const ofProfile = ratePairs(drawn.rates);
  const sourceOf = (pair: string): string => {
    const who = said.get(nameOf(pair));
    if (who !== undefined) return sourceText(who);
    return ofProfile.includes(pair) ? `profile ${profile.name}` : `behaviour ${behaviour}`;
  };
  const holding = ratePairs(profile.rates);
  const off = given.filter((pair) => /=\s*off\s*$/.test(pair));
  const value = [...holding, ...off.map((pair) => `${nameOf(pair)}=off`)];
  return { key: 'rate', value, source: value.map(sourceOf) };
}

/** Who said it, in words: `flag`, `env DORAMI_LOAD_VUS`, `file dorami-load.yaml:3`. */
export function sourceText(origin: Origin): string {
  switch (origin.kind) {
    case 'file':
      return `file ${origin.path}:${origin.line}`;
    case 'found':
      return 'found here';
    case 'several':
      return [...new Set([...origin.byName.values()].map(sourceText))].join(', ');
    case 'env':
    case 'profile':
      return `${origin.kind} ${origin.name}`;
    default:
      return origin.kind;
  }
}

/** The table of `--print-config`. */
export function formatSettings(settings: readonly Setting[]): string {
  const cells = settings.flatMap(cellsOf);
  const widths = [0, 1].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map(
      ([key, value, source]) => `${key.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${source}`,
    )
    .join('\n');
}

/** One line for each entry of a list, the key before the first of them. */
function cellsOf({ key, value, source }: Setting): (readonly [string, string, string])[] {
  if (!Array.isArray(value) || value.length === 0)
    return [[key, valueText(value), [source].flat().join(', ')]];
  const sources = typeof source === 'string' ? value.map(() => source) : source;
  return value.map((entry, index) => [index === 0 ? key : '', entry, sources[index] ?? ''] as const);
}

function valueText(value: Setting['value']): string {
  return value === undefined || Array.isArray(value) ? '-' : String(value);
}

/** The same as data, for `--print-config --json`. */
export function settingsJson(settings: readonly Setting[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    settings.map(({ key, value, source }) => [key, { value: value ?? null, source }]),
  );
}
