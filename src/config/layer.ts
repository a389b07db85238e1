import type { ConfigIssue } from '../errors.js';
import type { FlagSpec } from './flag-spec.js';

/** One value as somebody wrote it, not yet checked. */
export type RawValue = string | boolean | readonly string[];

/** Who said a value. */
export type Origin =
  | { readonly kind: 'default' }
  /** Nobody: it was there. */
  | { readonly kind: 'found' }
  | { readonly kind: 'profile'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string; readonly line: number }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'flag' }
  /** NAME=VALUE pairs of several places, by name. */
  | { readonly kind: 'several'; readonly byName: ReadonlyMap<string, Origin> };

export type Origins = Readonly<Record<string, Origin>>;

/** What one place says: values and where each stands, by key. */
export interface Layer {
  readonly values: Readonly<Record<string, RawValue>>;
  readonly origins: Origins;
}

/** Every key that a run knows, with its row. */
export type Rows = Readonly<Record<string, FlagSpec>>;

/**
 * The value of each key from the last layer that says one. A list is replaced as a whole; NAME=VALUE pairs are
 * replaced by name, as if each were a key of its own.
 */
export function mergeLayers(lowToHigh: readonly Layer[], rows: Rows): Layer {
  const values: Record<string, RawValue> = {};
  const origins: Record<string, Origin> = {};
  for (const layer of lowToHigh) {
    for (const [key, value] of Object.entries(layer.values)) {
      const origin = layer.origins[key] ?? { kind: 'flag' };
      const below = Object.hasOwn(values, key) ? values[key] : undefined;
      const isMerged = rows[key]?.pairs === true && Array.isArray(value) && Array.isArray(below);
      const said = { pairs: value as readonly string[], origin };
      const merged = isMerged
        ? mergePairs({ pairs: below, origin: origins[key] ?? { kind: 'default' } }, said)
        : undefined;
      values[key] = merged?.pairs ?? value;
      origins[key] = merged?.origin ?? origin;
    }
  }
  return { values, origins };
}

interface SaidPairs {
  readonly pairs: readonly string[];
  readonly origin: Origin;
}

function mergePairs(below: SaidPairs, above: SaidPairs): SaidPairs {
  const names = new Set(above.pairs.map(nameOf));
  const kept = below.pairs.filter((pair) => !names.has(nameOf(pair)));
  const byName = new Map([
    ...kept.map((pair) => [nameOf(pair), originOf(pair, below.origin)] as const),
    ...above.pairs.map((pair) => [nameOf(pair), originOf(pair, above.origin)] as const),
  ]);
  return { pairs: [...kept, ...above.pairs], origin: { kind: 'several', byName } };
}

/** Who said one NAME=VALUE pair of a key. */
export function originOf(pair: string, origin: Origin): Origin {
  return origin.kind === 'several' ? (origin.byName.get(nameOf(pair)) ?? { kind: 'flag' }) : origin;
}

/** The NAME of a NAME=VALUE pair. */
export function nameOf(pair: string): string {
  return (pair.split('=')[0] ?? '').trim();
}

/** The layer of the command line. */
export function flagLayer(values: Layer['values']): Layer {
  const origins = Object.fromEntries(Object.keys(values).map((key) => [key, { kind: 'flag' } as const]));
  return { values, origins };
}

/** Where a value stands, as a message names it: `--vus`, `DORAMI_LOAD_VUS`, `dorami-load.yaml:3: vus`. */
export function placeOf(key: string, origin: Origin | undefined): string {
  if (origin?.kind === 'env') return origin.name;
  if (origin?.kind === 'file') return `${origin.path}:${origin.line}: ${key}`;
  return `--${key}`;
}

/**
 * The same problems with each named after the place its value came from. Whoever checks a value speaks of it as a
 * flag (`--vus`) and need not know of the other places.
 */
export function placed(issues: readonly ConfigIssue[], origins: Origins): ConfigIssue[] {
  return issues.map((issue) => {
    const key = issue.path.startsWith('--') ? issue.path.slice(2) : '';
    const origin = Object.hasOwn(origins, key) ? origins[key] : undefined;
    return origin ? { ...issue, path: placeOf(key, originOf(issue.seen ?? '', origin)) } : issue;
  });
}
