import type { Summary } from '../../src/report/summary.js';

/** Every way out of the place that a text stands in, of all the formats that a report has. */
export const HOSTILE =
  '</script><img src="http://192.0.2.1/x" onerror="document.title=\'broken\'">|`]]>\r\n::error::planted @everyone \u0000\u001b[31m"&\'';

/** A summary in which everything that others may have written tries to get out. */
export function hostile(summary: Summary): Summary {
  return {
    ...summary,
    notes: [HOSTILE, HOSTILE],
    invalidReasons: summary.invalidReasons.map((reason) => ({ ...reason, text: HOSTILE })),
    kpis: summary.kpis.map((row) => ({ ...row, reason: HOSTILE, beside: { [HOSTILE]: HOSTILE, count: 3 } })),
    orders: { created: 1, ids: [HOSTILE] },
    run: { ...summary.run, id: HOSTILE, profile: HOSTILE, target: HOSTILE, version: HOSTILE, host: HOSTILE },
  };
}
