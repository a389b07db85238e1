import type { ConfigIssue } from '../errors.js';
import { isKpiId, KPI_IDS, type KpiId } from '../stats/kpis.js';
import { unknownName } from './did-you-mean.js';
import { parseDuration } from './values.js';

/** A row that ends the run when it has failed for so long without a break. */
export interface AbortRule {
  readonly id: KpiId;
  readonly afterMs: number;
}

const DEFAULT_AFTER_MS = 30_000;
const MAX_AFTER_MS = 24 * 3_600_000;
const WANTED = 'a row of the gate, with its own delay if wanted, e.g. rebuffer_ratio or api_success:10s';

/** `--abort-on` with `--abort-after`, of the rows that are judged; what is wrong is added to `issues`. */
export function resolveAbortOn(
  rows: readonly string[],
  after: string | undefined,
  judged: { readonly name: string; readonly judges: readonly string[] },
  issues: ConfigIssue[],
): readonly AbortRule[] {
  const usual = after === undefined ? DEFAULT_AFTER_MS : delay('--abort-after', after, issues);
  return rows
    .flatMap((text) => text.split(','))
    .flatMap((text) => {
      const [id = '', own] = text.trim().split(':', 2);
      if (!isKpiId(id)) {
        const unknown = unknownName('row of the gate', id, KPI_IDS, WANTED);
        issues.push({ path: '--abort-on', seen: text, wanted: WANTED, ...unknown });
        return [];
      }
      if (!judged.judges.includes(id)) {
        const problem = `${judged.name} does not judge this row`;
        issues.push({
          path: '--abort-on',
          problem,
          seen: text,
          wanted: 'a row of the profile, see --print-plan',
        });
        return [];
      }
      const afterMs = own === undefined ? usual : delay('--abort-on', own, issues);
      return afterMs === undefined ? [] : [{ id, afterMs }];
    });
}

function delay(path: string, text: string, issues: ConfigIssue[]): number | undefined {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 0 && ms <= MAX_AFTER_MS) return ms;
  issues.push({ path, problem: 'not a delay', seen: text, wanted: 'e.g. 10s, 30s or 2m, up to 24h' });
  return undefined;
}
