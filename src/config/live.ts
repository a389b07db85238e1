import type { ConfigIssue } from '../errors.js';
import type { RunFlags } from './flags.js';
import { parseWhole } from './values.js';

/** Most VUs one run may ask for: a typing error should not take the machine down. */
export const MAX_VUS = 100_000;

/** What of a run may change while it goes. */
export interface Live {
  readonly maxVus: number;
  readonly ctl: boolean;
  readonly live: boolean;
}

/** The flags of a run that takes orders; what is wrong with them is added to `issues`. */
export function resolveLive(flags: RunFlags, vus: number, issues: ConfigIssue[]): Live {
  const ctl = flags.ctl === true;
  const seen = flags['max-vus'];
  if (seen === undefined) return { maxVus: vus, ctl, live: ctl };
  const maxVus = parseWhole(seen, 1, MAX_VUS);
  const path = '--max-vus';
  if (maxVus === undefined) {
    issues.push({ path, problem: 'not a whole number in range', seen, wanted: `1 to ${MAX_VUS}` });
  } else if (maxVus < vus) {
    issues.push({ path, problem: 'fewer than the viewers of the run', seen, wanted: `${vus} or more` });
  }
  return { maxVus: maxVus ?? vus, ctl, live: ctl };
}
