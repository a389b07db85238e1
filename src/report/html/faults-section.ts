import type { FaultSummary, RecoverySummary } from '../fault-summary.js';
import { formatClock, formatNumber, formatSpan } from '../figures.js';
import type { Summary } from '../summary-schema.js';
import { type Html, html } from './html.js';

const OUTCOMES: Readonly<Record<FaultSummary['outcome'], string>> = {
  not_begun: 'not begun: the run was over before',
  not_made: 'could not be made',
  mended: 'mended',
  mended_early: 'mended early, because the run was stopped',
  undone: 'undone by the supervisor of the run',
  not_mended: 'NOT mended: look after it by hand',
  unknown: 'nobody wrote down that it was mended: look after it by hand',
};

/** What was broken on purpose, what became of it, and how the viewers that faced it came back. Nothing for other runs. */
export function faultsSection({ faults, recovery = [] }: Summary): Html | undefined {
  if (faults === undefined || faults.length === 0) return undefined;
  return html`<section id="faults" aria-labelledby="faults-title">
<h2 id="faults-title">What was broken on purpose</h2>
<div class="scroll"><table><thead><tr>${['fault', 'what', 'done', 'undone', 'what became of it'].map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${faults.map(faultRow)}</tbody></table></div>
${recovery.length === 0 ? undefined : recoveryTable(recovery)}
</section>`;
}

function faultRow({ name, what, atMs, doneAtMs, undoneAtMs, outcome, error }: FaultSummary): Html {
  const done =
    doneAtMs === null ? `– (planned at ${atMs === null ? '?' : formatClock(atMs)})` : exactly(doneAtMs);
  const became = error === undefined ? OUTCOMES[outcome] : `${OUTCOMES[outcome]}: ${error}`;
  return html`<tr><th scope="row">${name}</th><td>${what}</td><td>${done}</td><td>${undoneAtMs === null ? '–' : exactly(undoneAtMs)}</td><td>${became}</td></tr>`;
}

function recoveryTable(recovery: readonly RecoverySummary[]): Html {
  const head = ['fault', 'faced it', 'back in time', 'late', 'missing', 'not told', 'p50', 'p95', 'longest'];
  return html`<h3>The viewers that faced it</h3>
<p class="soft">Back: of a network, the picture moves and the socket answers; of anything else, the picture moves. Times are from the end of the fault; reconnecting, from the loss of a connection or the end of the fault to all rooms joined.</p>
<div class="scroll"><table><thead><tr>${[...head, 'reconnected', 'p95', 'longest'].map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${recovery.map(recoveryRow)}</tbody></table></div>`;
}

function recoveryRow(one: RecoverySummary): Html {
  const { faults, faced, withinMs, inTime, late, missing, untold, back, reconnects } = one;
  const cells = [
    formatNumber(faced),
    `${formatNumber(inTime)} within ${formatSpan(withinMs)}`,
    ...[late, missing, untold].map((count) => formatNumber(count)),
    ...[back?.p50Ms, back?.p95Ms, back?.maxMs].map(spanText),
    formatNumber(reconnects?.count ?? 0),
    ...[reconnects?.p95Ms, reconnects?.maxMs].map(spanText),
  ];
  return html`<tr><th scope="row">${faults.join(', ')}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
}

function spanText(ms: number | undefined): string {
  return ms === undefined ? '–' : formatSpan(ms);
}

/** `5:00.2` */
function exactly(ms: number): string {
  const tenths = Math.round(ms / 100);
  return `${formatClock(Math.floor(tenths / 10) * 1000)}.${tenths % 10}`;
}
