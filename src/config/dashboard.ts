import type { ConfigIssue } from '../errors.js';
import { parseWhole } from './values.js';

/** Where a dashboard is when nobody says (strategy 3.8). */
export const DASHBOARD_PORT = 9090;
const MOST_PORT = 65_535;

/** The port of a dashboard; the flag without one means the usual, and absent none. What is wrong is added to `issues`. */
export function resolveDashboard(
  path: string,
  seen: string | undefined,
  issues: ConfigIssue[],
): number | undefined {
  if (seen === undefined) return undefined;
  if (seen === '') return DASHBOARD_PORT;
  const port = parseWhole(seen, 0, MOST_PORT);
  if (port === undefined) issues.push({ path, problem: 'not a port', seen, wanted: `0 to ${MOST_PORT}` });
  return port;
}
