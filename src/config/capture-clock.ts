import type { ConfigIssue } from '../errors.js';
import type { AllowList } from '../net/allow-list.js';
import { hostOf, isLoopbackHost, parseBaseUrl } from './values.js';

/** Which clock capture times are on, as far as the operator says it. */
export type CaptureClockSetting =
  /** This machine's: the publisher runs on it. */
  | { readonly kind: 'same' }
  /** That of the machine where `/clock` below this URL is answered. */
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'unsaid' };

/** What stands for this machine's clock on the command line. */
export const SAME_CLOCK = 'same';

/** Reads `--capture-clock`: `same`, or a URL on a host that sockets may be opened to. */
export function resolveCaptureClock(
  seen: string | undefined,
  allowed: AllowList,
  issues: ConfigIssue[],
): CaptureClockSetting {
  const path = '--capture-clock';
  if (seen === undefined) return { kind: 'unsaid' };
  if (seen === SAME_CLOCK) return { kind: 'same' };
  const url = parseBaseUrl(seen);
  if (url === undefined) {
    const wanted = `the URL of publish --clock, or ${SAME_CLOCK}`;
    issues.push({ path, problem: 'not the URL of a clock', wanted });
    return { kind: 'unsaid' };
  }
  const host = hostOf(url);
  if (!isLoopbackHost(host) && allowed.check(host) !== 'allowed') {
    issues.push({
      path,
      problem: `${host} is not on this machine and not allowed as a target`,
      wanted: `--allow-target ${host}`,
    });
  }
  return { kind: 'url', url };
}
