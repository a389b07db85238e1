import type { ConfigIssue } from '../errors.js';
import type { FlagSpec } from './flag-spec.js';

/** One value as somebody wrote it, not yet checked. */
export type RawValue = string | boolean | readonly string[];

/** Who said a value. */
export type Origin =
  | { readonly kind: 'default' }
  | { readonly kind: 'profile'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string; readonly line: number }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'flag' };

export type Origins = Readonly<Record<string, Origin>>;

/** What one place says: values and where each stands, by key. */
export interface Layer {
  readonly values: Readonly<Record<string, RawValue>>;
  readonly origins: Origins;
}

/** Every key that a run knows, with its row. */
export type Rows = Readonly<Record<string, FlagSpec>>;

/** The value of each key from the last layer that says one: lists are replaced, not added to. */
export function mergeLayers(lowToHigh: readonly Layer[]): Layer {
  return {
    values: Object.assign({}, ...lowToHigh.map((layer) => layer.values)),
    origins: Object.assign({}, ...lowToHigh.map((layer) => layer.origins)),
  };
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
    return Object.hasOwn(origins, key) ? { ...issue, path: placeOf(key, origins[key]) } : issue;
  });
}
