import { KPIS } from '../../stats/kpis.js';
import { explainCall } from '../explain-hint.js';
import { hintsOf, VALIDITY_HINTS } from '../explain-hints.js';
import type { OwnLag } from '../explanation.js';
import { formatClock, formatMoreKinds, formatNumber, formatSpan, formatValue } from '../figures.js';
import { besideText } from '../gate-section.js';
import type { BadRow, Moment } from '../moments.js';
import type { OverTime } from '../over-time.js';
import type { ReportInput } from '../report-input.js';
import { boundText } from './bound-text.js';
import { type Html, html } from './html.js';
import { rangeText } from './range-text.js';
import { sparkline } from './spark.js';

const MAX_ERRORS = 6;
const MAX_EVENTS = 6;
const MAX_VIEWERS = 20;
/** From here on a stall of ours is as long as a rebuffer, or touches one viewer in ten. */
const LATE_LOOP_MS = 100;
const LATE_LAGGED_PCT = 10;

/** What went wrong and when, with all that was there at that moment: for somebody who was not. Nothing for a pass. */
export function momentsSection(
  moments: readonly Moment[],
  over: OverTime,
  input: ReportInput,
): Html | undefined {
  const { summary } = input;
  if (moments.length === 0) return undefined;
  const invalid = summary.verdict === 'invalid';
  return html`<section id="causes" aria-labelledby="causes-title">
<h2 id="causes-title">What went wrong, and when</h2>
${
  invalid
    ? html`<p class="note">The run is invalid: what follows is what was seen, and says nothing about the platform until it is measured on a machine with room: ${VALIDITY_HINTS[0]}.</p>`
    : undefined
}
${moments.map((moment) => momentCard(moment, over, input))}
</section>`;
}

function momentCard(moment: Moment, over: OverTime, input: ReportInput): Html {
  const { rows, errors, events, vus, own, marks } = moment;
  const hints = [...new Set(rows.flatMap(({ row }) => hintsOf(row.id)))].slice(0, 4);
  const [first] = rows;
  return html`<article class="moment">
<h3>${titleOf(moment)}</h3>
<ul class="bad-rows">${rows.map((bad) => badRow(bad, over, input))}</ul>
<dl class="then">
${row('Faults', markList(marks.filter(({ kind }) => kind !== 'alert')))}
${row('Alerts', markList(marks.filter(({ kind }) => kind === 'alert')))}
${row('Errors', errors.length === 0 ? undefined : list([...errors.slice(0, MAX_ERRORS).map(({ words, count }) => `${words}: ${formatNumber(count)}`), ...more(errors.length - MAX_ERRORS)]))}
${row('Events', events.length === 0 ? undefined : list([...events.slice(0, MAX_EVENTS).map(({ kind, detail, atMs, count }) => `${formatClock(atMs)} ${kind.replaceAll('_', ' ')} ${detail}${count > 1 ? ` (${count} alike)` : ''}`), ...more(events.length - MAX_EVENTS)]))}
${row('Viewers', vus.length === 0 ? undefined : html`${viewersText(vus)}`)}
${row('Generator', own && html`${ownText(own)}`)}
${row('Points to', html`<strong>${sideText(moment, input)}</strong>`)}
${row('Look next', hints.length === 0 ? undefined : list(hints))}
${row('Explain', first && html`<code>${explainCall(input.place, first.row.id)}</code>`)}
</dl>
</article>`;
}

function viewersText(vus: readonly number[]): string {
  const rest = vus.length - MAX_VIEWERS;
  return `VU ${vus.slice(0, MAX_VIEWERS).join(', ')}${rest > 0 ? ` and ${rest} more` : ''} had trouble in the worst ten seconds`;
}

function titleOf({ when, fromMs, toMs, phase }: Moment): string {
  if (when === 'never') return 'Without data';
  if (when === 'lasting')
    return fromMs <= 0 ? 'All the time' : `From ${formatClock(fromMs)} on, and most of the time`;
  return `At ${formatClock(fromMs)} to ${formatClock(toMs)}${phase === '' ? '' : `, in the phase “${phase}”`}`;
}

function badRow({ row: kpi, worst, worstValue }: BadRow, over: OverTime, { totals }: ReportInput): Html {
  const { unit } = kpi;
  const spark = sparkline(KPIS[kpi.id], over.rows.get(kpi.id) ?? [], totals.toMs);
  const beside = besideText(kpi);
  const value =
    kpi.status === 'no_data'
      ? html`no data: ${kpi.reason}`
      : html`<b>${formatValue(kpi.value, unit)}</b>, wanted ${boundText(kpi)}`;
  const at =
    worst === undefined || worstValue === undefined
      ? undefined
      : html` <span class="soft">worst ${formatValue(worstValue, unit)} at ${formatClock(worst.fromMs)}</span>`;
  return html`<li><a href="#row-${kpi.id}">${kpi.title}</a> <span class="value">${value}</span>${at}${beside === '' ? undefined : html` <span class="soft">(${beside})</span>`} ${spark}</li>`;
}

/** Platform or ourselves, as far as it can be told. */
function sideText({ when, own, marks }: Moment, { summary }: ReportInput): string {
  if (summary.verdict === 'invalid') return 'nobody: the run is invalid';
  if (when === 'never' || own === undefined) return 'nobody: there is nothing to judge';
  if (wasLate(own))
    return 'perhaps ourselves: the generator was late at that moment. Measure again with more room';
  const faults = [...new Set(marks.filter(({ kind }) => kind === 'fault').map(({ label }) => `“${label}”`))];
  const planted =
    faults.length === 0
      ? ''
      : `; ${faults.join(', ')} ${faults.length === 1 ? 'was' : 'were'} done to it on purpose then`;
  return `the platform, or the network to it: the generator was on time${planted}`;
}

/**
 * Whether our own machine was so late in one short stretch that a viewer could have seen it. The limits of a valid run
 * hold for all of it, and a stretch of 2 s exceeds them without anybody noticing.
 */
function wasLate({ loopMs = 0, laggedPct = 0, localFailures }: OwnLag): boolean {
  return loopMs > LATE_LOOP_MS || laggedPct > LATE_LAGGED_PCT || localFailures > 0;
}

function ownText({ loopMs, laggedPct, lateActions, localFailures }: OwnLag): string {
  const lagged = laggedPct === undefined ? '–' : `${formatNumber(Math.round(laggedPct * 10) / 10)} %`;
  const room = localFailures > 0 ? `, ${localFailures} sockets that it had no room for` : '';
  return `event loop up to ${formatSpan(loopMs)} late (p99), up to ${lagged} of the viewer-time held up, up to ${lateActions} late actions${room}`;
}

function row(name: string, value: Html | undefined): Html | undefined {
  return value === undefined ? undefined : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function list(lines: readonly string[]): Html {
  return lines.length === 1
    ? html`${lines[0]}`
    : html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}

function more(count: number): string[] {
  return count > 0 ? [`and ${formatMoreKinds(count)}`] : [];
}

function markList(marks: Moment['marks']): Html | undefined {
  return marks.length === 0
    ? undefined
    : list(marks.map(({ fromMs, toMs, words }) => `${rangeText(fromMs, toMs)} ${words}`));
}
