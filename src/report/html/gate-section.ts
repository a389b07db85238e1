import { neededSamples } from '../../stats/gate.js';
import type { Kpi } from '../../stats/kpi.js';
import { KPIS, type KpiId } from '../../stats/kpis.js';
import type { Totals } from '../../stats/merge.js';
import { createSight } from '../../stats/sight.js';
import { createView } from '../../stats/view.js';
import { WINDOWS } from '../../stats/windows.js';
import { explainCall } from '../explain-hint.js';
import { hintsOf } from '../explain-hints.js';
import { formatNumber, formatValue } from '../figures.js';
import { besideText } from '../gate-section.js';
import type { OverTime } from '../over-time.js';
import { rankedRows } from '../ranked-rows.js';
import type { ReportInput, ReportRecord } from '../report-input.js';
import { CHARTS } from '../run-curves.js';
import type { KpiSummary } from '../summary-schema.js';
import { boundText } from './bound-text.js';
import { type Html, html } from './html.js';
import { sparkline } from './spark.js';

const MARKS: Readonly<Record<KpiSummary['status'], readonly [string, string]>> = {
  fail: ['✗', 'failed'],
  no_data: ['?', 'no data'],
  pass: ['✓', 'passed'],
  not_judged: ['–', 'not judged'],
};

/** Every row that was judged, what is no pass first; each opens and shows what stands behind it. */
export function gateSection(over: OverTime, input: ReportInput): Html {
  const judged = rankedRows(input.summary.kpis).filter(({ status }) => status !== 'not_judged');
  const counts = (['fail', 'no_data', 'pass'] as const)
    .map((status) => [judged.filter((row) => row.status === status).length, MARKS[status][1]] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`);
  return html`<section id="gate" aria-labelledby="gate-title">
<h2 id="gate-title">The gate: ${counts.join(', ') || 'no row was judged'}</h2>
<p class="soft">Each row opens and shows its formula, its value in each phase, and where it was worst. Advisory rows decide nothing.</p>
<div class="gate">
<div class="gate-head" aria-hidden="true"><span></span><span>row</span><span>measured</span><span>wanted</span><span>samples</span><span>over the run</span></div>
${judged.map((row) => gateRow(row, over, input))}
</div>
</section>`;
}

function gateRow(row: KpiSummary, over: OverTime, input: ReportInput): Html {
  const [mark, word] = MARKS[row.status];
  const { unit, status, mandatory } = row;
  const kpi = KPIS[row.id];
  const spark = sparkline(kpi, over.rows.get(row.id) ?? [], input.totals.toMs, status);
  return html`<details class="row ${status}" id="row-${row.id}">
<summary><span class="mark" role="img" aria-label="${word}">${mark}</span><span class="title">${row.title}${mandatory ? undefined : html` <small>advisory</small>`}</span><span class="value">${formatValue(row.value, unit)}</span><span class="bound">${boundText(row)}</span><span class="samples">${formatNumber(Math.floor(row.samples))}</span><span class="over">${spark}</span></summary>
${evidence(row, kpi, input)}
</details>`;
}

function evidence(row: KpiSummary, kpi: Kpi, input: ReportInput): Html {
  const { record, totals, place } = input;
  const beside = besideText(row);
  const chart = chartOf(row.id);
  const facts: readonly (readonly [string, Html | string | undefined])[] = [
    ['Because', row.reason || undefined],
    ['Beside it', beside || undefined],
    ['Formula', kpi.formula],
    ['Over', WINDOWS[row.window].words],
    [
      'Samples',
      `${formatNumber(Math.floor(row.samples))} ${kpi.sampleOf}, at least ${neededSamples(kpi.minSamples, record.planned)} needed`,
    ],
    ['By phase', phaseTable(row, kpi, totals, record)],
    ['Demanded by', row.section.startsWith('own') ? row.section : `strategy, section ${row.section}`],
    ['Look next', row.status === 'pass' ? undefined : hintsHtml(row.id)],
    ['Chart', chart && html`<a href="#chart-${chart.id}">${chart.title}</a>`],
    ['Explain', html`<code>${explainCall(place, row.id)}</code>`],
  ];
  return html`<dl class="evidence">${facts.map(([name, value]) => (value === undefined ? undefined : html`<div><dt>${name}</dt><dd>${value}</dd></div>`))}</dl>`;
}

function hintsHtml(id: KpiId): Html | undefined {
  const hints = hintsOf(id);
  return hints.length === 0 ? undefined : html`<ul>${hints.map((hint) => html`<li>${hint}</li>`)}</ul>`;
}

/** The chart in which a row is to be seen. */
function chartOf(id: KpiId): (typeof CHARTS)[number] | undefined {
  return CHARTS.find(({ rows }) => rows.includes(id));
}

/** The row's formula over each phase by itself. */
function phaseTable(row: KpiSummary, kpi: Kpi, totals: Totals, record: ReportRecord): Html {
  const { has } = WINDOWS[row.window];
  const values = record.phases.map((phase) => {
    const sight = createSight(totals, { ...record, phases: [phase] });
    const view = createView(totals, [phase.name]);
    const { value, samples } = kpi.compute(view, view, sight);
    const known = value !== undefined && Number.isFinite(value) && samples > 0 ? value : undefined;
    return { phase, value: known, samples };
  });
  return html`<div class="scroll"><table><thead><tr>${values.map(({ phase }) => html`<th scope="col">${phase.name}${has(phase.role) ? undefined : html` <small>not in the window</small>`}</th>`)}</tr></thead>
<tbody><tr>${values.map(({ value, samples }) => html`<td>${formatValue(value, row.unit)} <small>n ${formatNumber(Math.floor(samples))}</small></td>`)}</tr></tbody></table></div>`;
}
