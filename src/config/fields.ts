import type { ConfigIssue } from '../errors.js';
import { nearest } from './did-you-mean.js';
import { parseDuration } from './values.js';

/** One mapping of a file, read key by key: whatever cannot be used is added to the issues, all at once. */
export class Fields {
  readonly #at: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #issues: ConfigIssue[];

  /** @param at where the mapping stands, e.g. `stages[2]`; empty for that of the whole file */
  constructor(value: unknown, at: string, issues: ConfigIssue[], known: readonly string[]) {
    this.#at = at;
    this.#issues = issues;
    this.#values = isRecord(value) ? value : {};
    if (!isRecord(value)) {
      const path = at === '' ? 'profile' : at;
      issues.push({ path, problem: 'not a mapping', seen: shown(value), wanted: known.join(', ') });
    }
    for (const key of Object.keys(this.#values)) {
      if (known.includes(key)) continue;
      const near = nearest(key, known);
      if (near === undefined) this.refuse(key, 'no such key', undefined, known.join(', '));
      else this.refuse(key, `no such key, did you mean ${near}?`);
    }
  }

  refuse(key: string, problem: string, seen?: string, wanted?: string): void {
    this.#issues.push({
      ...{ path: this.path(key), problem },
      ...(seen === undefined ? {} : { seen }),
      ...(wanted === undefined ? {} : { wanted }),
    });
  }

  path(key: string): string {
    return this.#at === '' ? key : `${this.#at}.${key}`;
  }

  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  /** Absent and empty (`key:`) are the same. */
  raw(key: string): unknown {
    const value = Object.hasOwn(this.#values, key) ? this.#values[key] : undefined;
    return value === null ? undefined : value;
  }

  text(key: string): string | undefined {
    const value = this.raw(key);
    if (value === undefined || typeof value === 'string') return value;
    this.refuse(key, 'not a text', shown(value));
    return undefined;
  }

  /** A span in ms from `leastMs` up to a week. */
  span(key: string, leastMs = 0): number | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    const ms = value === 0 ? 0 : typeof value === 'string' ? parseDuration(value) : undefined;
    if (ms === undefined) this.refuse(key, 'not a duration', shown(value), 'e.g. 90s, 3m or 1h30m');
    else if (ms >= leastMs && ms <= MAX_SPAN_MS) return Math.round(ms);
    else this.refuse(key, 'out of range', shown(value), `${leastMs / 1000}s to 168h`);
    return undefined;
  }

  /** A number from `least` to `most`. */
  number(key: string, least: number, most: number): number | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && value >= least && value <= most) return value;
    const problem = typeof value === 'number' ? 'out of range' : 'not a number';
    this.refuse(key, problem, shown(value), `${least} to ${most}`);
    return undefined;
  }

  /** One word out of a short list. */
  oneOf<T extends string>(key: string, names: readonly T[]): T | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    const found = names.find((name) => name === value);
    if (found !== undefined) return found;
    const near = typeof value === 'string' ? nearest(value, names) : undefined;
    const problem = near === undefined ? 'no such one' : `no such one, did you mean ${near}?`;
    this.refuse(key, problem, shown(value), names.join(', '));
    return undefined;
  }

  /** A list of at most `most` entries; empty when it is none. */
  list(key: string, most: number): readonly unknown[] {
    const value = this.raw(key);
    if (value === undefined) return [];
    if (Array.isArray(value) && value.length > 0 && value.length <= most) return value;
    const problem = !Array.isArray(value) ? 'not a list' : value.length === 0 ? 'empty' : 'too many';
    const seen = Array.isArray(value) ? String(value.length) : shown(value);
    this.refuse(key, problem, seen, `a list of 1 to ${most}`);
    return [];
  }
}

const MAX_SPAN_MS = 7 * 24 * 3_600_000;
const SHOWN_CHARS = 60;

export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}...` : text;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
