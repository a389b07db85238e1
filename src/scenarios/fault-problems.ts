import type { ConfigIssue } from '../errors.js';

/** Collects what is wrong with one fault. */
export class Problems {
  readonly #at: string;
  readonly #issues: ConfigIssue[];

  constructor(at: string, issues: ConfigIssue[]) {
    this.#at = at;
    this.#issues = issues;
  }

  add(key: string, problem: string, seen?: string, wanted?: string): void {
    const path = key === '' ? this.#at : `${this.#at}.${key}`;
    this.#issues.push({
      ...{ path, problem },
      ...(seen === undefined ? {} : { seen }),
      ...(wanted === undefined ? {} : { wanted }),
    });
  }

  unknown(key: string, known: readonly string[]): void {
    this.add(key, 'no such key', undefined, known.join(', '));
  }

  text(key: string, value: unknown): string | undefined {
    if (typeof value === 'string' && value.trim() !== '') return value;
    this.add(key, value === undefined ? 'missing' : 'not a text', undefined, 'a text');
    return undefined;
  }

  duration(key: string, value: unknown, otherwise: number): number | undefined {
    if (value === undefined) return otherwise;
    const ms = typeof value === 'string' ? durationMs(value) : value === 0 ? 0 : undefined;
    if (ms === undefined) this.add(key, 'not a duration', shown(value), 'e.g. 10s or 1m30s');
    return ms;
  }

  span(key: string, ms: number, longestMs: number): void {
    if (!(ms >= 0 && ms <= longestMs)) this.add(key, 'out of range', `${ms} ms`, `0 to ${longestMs} ms`);
  }
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `10s`, `1m30s`, `500ms`. */
function durationMs(text: string): number | undefined {
  const whole = text.trim().toLowerCase();
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(whole)) return undefined;
  let ms = 0;
  for (const [, value, unit] of whole.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    ms += Number(value) * (UNITS_MS[unit ?? ''] ?? Number.NaN);
  return Number.isFinite(ms) ? ms : undefined;
}

/** A value of a file as a message quotes it. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}

/** A mapping of a file. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
