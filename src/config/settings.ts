import type { Profile } from '../scenarios/profile.js';
import type { FlagSpec } from './flag-spec.js';
import { RUN_ROWS, type RunFlags } from './flags.js';
import type { Origin, Origins, RawValue } from './layer.js';

/** One key of a run's configuration as it came to be. */
export interface Setting {
  readonly key: string;
  /** As a user would write it; secrets are masked. Absent = not set. */
  readonly value?: string | boolean | readonly string[];
  readonly source: string;
}

/** What a run made of values that nobody gave, or that it had to change. */
export interface Resolved {
  readonly profile: Profile;
  readonly workers: number;
  readonly writes: boolean;
}

const MASK = '***';

/** Every key that can be set, in the order of the table, with its value and who said it. */
export function describeSettings(flags: RunFlags, origins: Origins, resolved: Resolved): Setting[] {
  const given = flags as Readonly<Record<string, RawValue | undefined>>;
  return Object.entries(RUN_ROWS)
    .filter(([, spec]) => !isOnce(spec))
    .map(([key, spec]) => {
      const seen = given[key];
      if (seen !== undefined) {
        const origin = origins[key] ?? { kind: 'flag' };
        return { key, value: spec.secret ? MASK : seen, source: sourceText(origin) };
      }
      return { key, ...unsaid(key, spec, resolved) };
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
};

/** Who said it, in words: `flag`, `env DORAMI_LOAD_VUS`, `file dorami-load.yaml:3`. */
export function sourceText(origin: Origin): string {
  switch (origin.kind) {
    case 'file':
      return `file ${origin.path}:${origin.line}`;
    case 'env':
    case 'profile':
      return `${origin.kind} ${origin.name}`;
    default:
      return origin.kind;
  }
}

/** The table of `--print-config`. */
export function formatSettings(settings: readonly Setting[]): string {
  const cells = settings.map(({ key, value, source }) => [key, valueText(value), source] as const);
  const widths = [0, 1].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly [string, string, string]): string =>
    `${row[0].padEnd(widths[0] ?? 0)}  ${row[1].padEnd(widths[1] ?? 0)}  ${row[2]}`;
  return cells.map(line).join('\n');
}

function valueText(value: Setting['value']): string {
  if (value === undefined) return '-';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** The same as data, for `--print-config --json`. */
export function settingsJson(settings: readonly Setting[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    settings.map(({ key, value, source }) => [key, { value: value ?? null, source }]),
  );
}
