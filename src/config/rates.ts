import type { ConfigIssue } from '../errors.js';
import type { Rates, StageRates } from '../scenarios/agenda.js';
import { formatDuration, parseDuration } from './values.js';

/** One action whose rate can be set: by the span between two of it, or by the share of viewers that do it. */
interface RateSpec {
  readonly rate: keyof Rates;
  readonly kind: 'span' | 'share';
  /** In words, with `#` for the value. */
  readonly shown: string;
}

/** Names as they are given in `--rate NAME=VALUE`. */
const RATE_SPECS: Readonly<Record<string, RateSpec>> = {
  chat: { rate: 'chatEveryMs', kind: 'span', shown: 'chat every #' },
  products: { rate: 'productsEveryMs', kind: 'span', shown: 'products every #' },
  status: { rate: 'statusEveryMs', kind: 'span', shown: 'stream status every #' },
  notices: { rate: 'noticesEveryMs', kind: 'span', shown: 'notices every #' },
  cart: { rate: 'cartEveryMs', kind: 'span', shown: 'own cart every #' },
  'cart-add': { rate: 'cartAddShare', kind: 'share', shown: '# use the cart' },
  orders: { rate: 'ordersPerHourShare', kind: 'share', shown: '# order within an hour' },
};

export const RATE_NAMES: readonly string[] = Object.keys(RATE_SPECS);

const SHORTEST_SPAN_MS = 100;
const LONGEST_SPAN_MS = 24 * 3_600_000;

/**
 * The rates of a run: `base` with what `entries` (`NAME=VALUE`, e.g. `chat=30s`, `orders=2%`, `notices=off`) set
 * in its place. Every entry that cannot be used is one of `issues`.
 */
export function resolveRates(entries: readonly string[], base: Rates, issues: ConfigIssue[]): Rates {
  const rates: { -readonly [K in keyof Rates]: Rates[K] } = { ...base };
  const seen = new Set<string>();
  const refuse = (problem: string, entry: string, wanted?: string): void => {
    issues.push({ path: '--rate', problem, seen: entry, ...(wanted === undefined ? {} : { wanted }) });
  };
  for (const entry of entries) {
    const [, name = '', text = ''] = /^\s*([^=]*?)\s*=\s*(.*?)\s*$/s.exec(entry) ?? [];
    const spec = Object.hasOwn(RATE_SPECS, name) ? RATE_SPECS[name] : undefined;
    if (!entry.includes('=')) refuse('not NAME=VALUE', entry, 'e.g. chat=30s');
    else if (spec === undefined) refuse('no such action', entry, RATE_NAMES.join(', '));
    else if (seen.has(name)) refuse(`${name} is given more than once`, entry);
    else {
      seen.add(name);
      const value = text === 'off' ? 'off' : parseRate(spec, text);
      if (value === undefined) refuse(PROBLEM[spec.kind], entry, WANTED[spec.kind]);
      else if (value === 'off') delete rates[spec.rate];
      else rates[spec.rate] = value;
    }
  }
  return rates;
}

/** Names of the rates that a stage may have of its own. */
export const STAGE_RATE_NAMES: readonly string[] = RATE_NAMES.filter(
  (name) => RATE_SPECS[name]?.kind === 'span',
);

/** What one stage of a profile file says of rates: `{ chat: 10s, products: off }`. */
export function parseStageRates(
  value: Readonly<Record<string, unknown>>,
  path: string,
  issues: ConfigIssue[],
): StageRates {
  const rates: Record<string, number | 'off'> = {};
  for (const [name, text] of Object.entries(value)) {
    const spec = STAGE_RATE_NAMES.includes(name) ? RATE_SPECS[name] : undefined;
    const parsed =
      spec && typeof text === 'string' ? (text === 'off' ? text : parseRate(spec, text)) : undefined;
    const at = `${path}.${name}`;
    if (spec === undefined)
      issues.push({ path: at, problem: 'no such rate of a stage', wanted: STAGE_RATE_NAMES.join(', ') });
    else if (parsed === undefined)
      issues.push({ path: at, problem: PROBLEM.span, seen: JSON.stringify(text) ?? '', wanted: WANTED.span });
    else rates[spec.rate] = parsed;
  }
  return rates;
}

/** Rates in words, for people: `chat every 30s, 5 % use the cart`. */
export function formatRates(rates: Rates): string {
  const parts = Object.values(RATE_SPECS).flatMap(({ rate, kind, shown }) => {
    const value = rates[rate];
    if (value === undefined) return [];
    const text = kind === 'span' ? formatDuration(value) : `${Number((value * 100).toFixed(4))} %`;
    return [shown.replace('#', text)];
  });
  return parts.length === 0 ? 'viewers only watch' : parts.join(', ');
}

/** What a stage says of rates, in words; `no chat` for one that is off. */
export function formatStageRates(rates: StageRates): string {
  return Object.entries(RATE_SPECS)
    .flatMap(([name, { rate, shown }]) => {
      const value = rates[rate as keyof StageRates];
      if (value === undefined) return [];
      return [value === 'off' ? `no ${name}` : shown.replace('#', formatDuration(value))];
    })
    .join(', ');
}

/** The rates of a stage as a file has them: `chat: 10s`, `products: off`. */
export function stageRatePairs(rates: StageRates): string[] {
  return Object.entries(RATE_SPECS).flatMap(([name, { rate }]) => {
    const value = rates[rate as keyof StageRates];
    return value === undefined ? [] : [`${name}: ${value === 'off' ? value : exactSpan(value)}`];
  });
}

/** Rates as they are given, exactly: `chat=30s`, `cart-add=5%`. */
export function ratePairs(rates: Rates): string[] {
  return Object.entries(RATE_SPECS).flatMap(([name, { rate, kind }]) => {
    const value = rates[rate];
    if (value === undefined) return [];
    return [`${name}=${kind === 'span' ? exactSpan(value) : `${Number((value * 100).toFixed(10))}%`}`];
  });
}

/** `formatDuration` rounds to tenths of a second. */
export function exactSpan(ms: number): string {
  return ms % 100 === 0 ? formatDuration(ms) : `${ms}ms`;
}

const PROBLEM = { span: 'not a span', share: 'not a share of the viewers' } as const;
const WANTED = { span: 'e.g. 30s, from 100ms to 24h, or off', share: '0% to 100%, or off' } as const;

function parseRate({ kind }: RateSpec, text: string): number | undefined {
  if (kind === 'share') {
    const percent = /^(\d{1,3}(?:\.\d+)?)\s*%$/.exec(text)?.[1];
    return percent !== undefined && Number(percent) <= 100 ? Number(percent) / 100 : undefined;
  }
  const spanMs = parseDuration(text);
  return spanMs !== undefined && spanMs >= SHORTEST_SPAN_MS && spanMs <= LONGEST_SPAN_MS ? spanMs : undefined;
}
