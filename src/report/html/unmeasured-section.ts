import { formatValue } from '../figures.js';
import { rowCounts, unjudgedByReason } from '../ranked-rows.js';
import type { ReportInput } from '../report-input.js';
import { boundText } from './bound-text.js';
import { type Html, html } from './html.js';

/** What this run says nothing about, and why: a verdict is read wrong where that is not said. */
export function unmeasuredSection({ summary: { kpis, notes } }: ReportInput): Html {
  const reasons = [...unjudgedByReason(kpis)];
  const noData = kpis.filter(({ status }) => status === 'no_data');
  const { unjudged: count } = rowCounts(kpis);
  return html`<section id="unmeasured" aria-labelledby="unmeasured-title">
<h2 id="unmeasured-title">What was not measured</h2>
${count === 0 && noData.length === 0 ? html`<p>Every row of the gate was judged.</p>` : html`<p class="soft">${count} of ${kpis.length} rows were not judged. This run neither passed nor failed them.</p>`}
${noData.length === 0 ? undefined : html`<h3>Should have been measured, and could not</h3><ul>${noData.map(({ title, reason }) => html`<li><b>${title}</b>: ${reason}</li>`)}</ul>`}
${reasons.map(
  ([reason, rows]) => html`<h3>${reason.charAt(0).toUpperCase()}${reason.slice(1)}</h3>
<ul class="columns">${rows.map((row) => html`<li>${row.title} <span class="soft">${boundText(row)}${row.mandatory ? '' : ', advisory'}${row.value === null ? '' : `; seen: ${formatValue(row.value, row.unit)}`}</span></li>`)}</ul>`,
)}
${notes.length === 0 ? undefined : html`<h3>Notes</h3><ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`}
</section>`;
}
