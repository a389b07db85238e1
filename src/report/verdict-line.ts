import { formatValue } from './figures.js';
import { rowCounts } from './ranked-rows.js';
import type { Tone } from './style.js';
import type { KpiSummary, Summary } from './summary-schema.js';

/** How a verdict is said and coloured. */
export const VERDICTS: Readonly<Record<Summary['verdict'], { word: string; tone: Tone }>> = {
  pass: { word: 'PASS', tone: 'good' },
  fail: { word: 'FAIL', tone: 'bad' },
  invalid: { word: 'INVALID', tone: 'invalid' },
  no_data: { word: 'NO DATA', tone: 'warn' },
};

/** `PASS (viewer, smoke)`: the gate level and the profile are part of the verdict, and a scale of time. */
export function headline({ verdict, gate, run }: Summary): string {
  const scaled = run.timeScale === undefined ? '' : `, scaled ${run.timeScale}`;
  return `${VERDICTS[verdict].word} (${gate}, ${run.profile}${scaled})`;
}

/** Why the verdict is what it is, in one sentence: what stands behind `exit N: ` on stderr. */
export function formatVerdictLine(summary: Summary): string {
  const title = headline(summary);
  const { escalation, invalidReasons } = summary;
  // A fault of ours under the run says more than what the run came to.
  if (escalation && invalidReasons[0]?.code !== 'own_fault') return `${title}: ${escalation.sentence}`;
  if (summary.verdict === 'invalid')
    return sentence(
      title,
      summary.invalidReasons.map(({ text }) => text),
    );
  const judged = summary.kpis.filter(({ mandatory, status }) => mandatory && status !== 'not_judged');
  if (summary.verdict === 'pass') {
    const { unjudged } = rowCounts(summary.kpis);
    const left = unjudged > 0 ? `; ${unjudged} of ${summary.kpis.length} rows not judged` : '';
    return `${title}: all ${judged.length} judged mandatory rows passed${left}`;
  }
  if (judged.length === 0) return `${title}: no row was judged`;
  return sentence(title, judged.filter(({ status }) => status === summary.verdict).map(rowSentence));
}

function sentence(title: string, causes: readonly string[]): string {
  const [first = 'nothing was measured', ...more] = causes;
  return `${title}: ${first}${more.length > 0 ? `; and ${more.length} more` : ''}`;
}

function rowSentence(kpi: KpiSummary): string {
  if (kpi.status !== 'fail') return `${kpi.title}: ${kpi.reason}`;
  const { bound, unit } = kpi;
  return `${kpi.title} is ${formatValue(kpi.value, unit)}, wanted ${bound.op} ${formatValue(bound.value, unit)}`;
}
