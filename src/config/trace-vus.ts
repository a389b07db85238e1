import type { ConfigIssue } from '../errors.js';
import { parseWhole } from './values.js';

/** More viewers than this are followed by nobody, and would cost what is measured. */
export const MAX_TRACED = 20;
const SHOWN_CHARS = 100;

/**
 * `--trace-vu`: numbers of viewers from 0, with commas or several flags; each once, in order. What is wrong is added to
 * `issues`.
 */
export function resolveTraceVus(
  seen: readonly string[],
  vus: number,
  issues: ConfigIssue[],
): readonly number[] {
  const found = new Set<number>();
  for (const part of seen.flatMap((text) => text.split(','))) {
    const vu = parseWhole(part, 0, Number.MAX_SAFE_INTEGER);
    const problem =
      vu === undefined ? 'not the number of a viewer' : vu >= vus ? 'no such viewer' : undefined;
    if (problem !== undefined) {
      const wanted = vus === 1 ? '0: this run has one viewer' : `0 to ${vus - 1}, e.g. 0 or 0,${vus - 1}`;
      issues.push({ path: '--trace-vu', problem, seen: part.slice(0, SHOWN_CHARS), wanted });
    } else if (vu !== undefined) found.add(vu);
    if (issues.length > MAX_TRACED) break;
  }
  if (found.size > MAX_TRACED) {
    const wanted = `at most ${MAX_TRACED}`;
    issues.push({
      path: '--trace-vu',
      problem: 'too many viewers to follow',
      seen: String(found.size),
      wanted,
    });
  }
  return [...found].sort((a, b) => a - b);
}
