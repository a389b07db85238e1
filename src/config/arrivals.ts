import type { ConfigIssue } from '../errors.js';
import { type Arrivals, LEAST_HOLD_MS, MAX_ARRIVALS, stagesOfArrivals } from '../scenarios/arrivals.js';
import { exactSpan } from './rates.js';
import { formatDuration, parseDuration } from './values.js';

const PER_UNIT_S: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 };
const WANTED = 'RATE for TIME, stay TIME, e.g. 12/s for 5m, stay 3m';
const LONGEST_MS = 24 * 3_600_000;

/**
 * `12/s for 5m, stay 3m`: twelve viewers come in a second, each for itself, for five minutes; each stays three.
 * `12/s paced for ...` = at even distances; `stay about 3m` = so long on average, some shorter, some longer.
 * Undefined when it cannot be used, and `issues` say why.
 */
export function parseArrivals(text: string, path: string, issues: ConfigIssue[]): Arrivals | undefined {
  const refuse = (problem: string, wanted: string): undefined => {
    issues.push({ path, problem, seen: text.slice(0, 80), wanted });
    return undefined;
  };
  const match =
    /^\s*(\d+(?:\.\d+)?)\s*\/\s*(s|m|min|h)(\s+paced)?\s+for\s+(\S+?)\s*,\s*stay\s+(about\s+)?(\S+)\s*$/i.exec(
      text,
    );
  if (!match) return refuse('not arrivals', WANTED);
  const [, rate = '', unit = '', paced, forText = '', about, stayText = ''] = match;
  const perS = Number(rate) / (PER_UNIT_S[unit.toLowerCase()] ?? Number.NaN);
  const [forMs, stayMs] = [parseDuration(forText), parseDuration(stayText)];
  if (forMs === undefined || stayMs === undefined) return refuse('not a duration', WANTED);
  const longest = `1s to ${formatDuration(LONGEST_MS)}`;
  if ([forMs, stayMs].some((ms) => ms < 1000 || ms > LONGEST_MS)) return refuse('out of range', longest);
  if (!(perS > 0)) return refuse('nobody comes', WANTED);
  if ((perS * forMs) / 1000 > MAX_ARRIVALS * 0.95)
    return refuse('more viewers than one run lets come', `at most ${MAX_ARRIVALS} in all`);
  if ((perS * forMs) / 1000 < 1) return refuse('nobody comes in that time', WANTED);
  const arrivals: Arrivals = {
    perS,
    spacing: paced === undefined ? 'poisson' : 'paced',
    forMs: Math.round(forMs),
    stayMs: Math.round(stayMs),
    stay: about === undefined ? 'fixed' : 'exponential',
  };
  const hold = stagesOfArrivals(arrivals).find(({ role }) => role === 'hold');
  if ((hold?.durationMs ?? 0) >= LEAST_HOLD_MS) return arrivals;
  const least = about === undefined ? 'a stay that differs from it by 10s at least' : 'for more than 3 stays';
  return refuse('the crowd never stands still, so there is nothing to judge by', least);
}

/** The same text again: `12/s for 5m, stay 3m`. */
export function formatArrivals({ perS, spacing, forMs, stayMs, stay }: Arrivals): string {
  const [value, unit] =
    perS >= 1 || !Number.isInteger(Number((perS * 60).toFixed(6))) ? [perS, 's'] : [perS * 60, 'm'];
  const paced = spacing === 'paced' ? ' paced' : '';
  const about = stay === 'exponential' ? 'about ' : '';
  return `${Number(value.toFixed(6))}/${unit}${paced} for ${exactSpan(forMs)}, stay ${about}${exactSpan(stayMs)}`;
}
