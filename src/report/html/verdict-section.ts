import { boxesText, lostText } from '../box-words.js';
import { EXIT } from '../exit-codes.js';
import { formatClock, formatJoined, formatNumber, formatValue } from '../figures.js';
import type { Mark } from '../marks.js';
import { rowCounts } from '../ranked-rows.js';
import type { ReportInput } from '../report-input.js';
import type { Summary } from '../summary-schema.js';
import { formatVerdictLine, headline } from '../verdict-line.js';
import { type Html, html } from './html.js';
import { rangeText } from './range-text.js';

const MARKS: Readonly<Record<Summary['verdict'], string>> = {
  pass: '✓',
  fail: '✗',
  invalid: '!',
  no_data: '?',
};

const MEANINGS: Readonly<Record<Summary['verdict'], string>> = {
  pass: 'Every mandatory row that was judged passed.',
  fail: 'The platform did not hold what is asked of it.',
  invalid:
    'The run says nothing about the platform: what made the load was its own bottleneck. Measure again with more room.',
  no_data: 'Something that this run should have measured could not be measured. That is no pass.',
};

/** Faults that are named at the top. */
const MAX_FAULTS = 6;

/** The verdict, why, and what kind of run it was: the first thing on the page. */
export function verdictSection({ summary, record }: ReportInput, marks: readonly Mark[]): Html {
  const { verdict, exitCode, run, invalidReasons } = summary;
  const line = formatVerdictLine(summary);
  const why = line.slice(headline(summary).length).replace(/^: /, '');
  const cut = exitCode === EXIT.stopped || exitCode === EXIT.internal;
  return html`<section class="verdict ${verdict}" id="verdict" aria-labelledby="title">
<p class="stamp" aria-hidden="true">${MARKS[verdict]}</p>
<div>
<h1 id="title">${headline(summary)}</h1>
<p class="why">${sentence(why)}</p>
<p>${meaningOf(summary)} Exit code ${exitCode}.</p>
${cut ? html`<p class="cut">The run did not come to its end: what was measured until ${formatClock(run.measuredMs)} of ${formatClock(run.plannedMs)} is judged.</p>` : undefined}
${verdict === 'invalid' ? html`<ul>${invalidReasons.map(({ text }) => html`<li>${text}</li>`)}</ul>` : undefined}
</div>
${onPurpose(marks)}<dl class="facts">${facts(summary, record).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</section>`;
}

/** What was done to the platform while it was measured: whoever reads a failure must know of it first. */
function onPurpose(marks: readonly Mark[]): Html | undefined {
  const faults = marks.filter(({ kind }) => kind === 'fault');
  if (faults.length === 0) return undefined;
  const told = faults
    .slice(0, MAX_FAULTS)
    .map(({ fromMs, toMs, label }) => `${label} ${rangeText(fromMs, toMs)}`);
  const more = faults.length - told.length;
  return html`<p class="on-purpose"><b>Broken on purpose while it was measured:</b> ${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}. <a href="#story">What happened when</a></p>`;
}

function facts(summary: Summary, record: ReportInput['record']): (readonly [string, string])[] {
  const { run, vus, kpis, generator, boxes } = summary;
  const { judged, passed, unjudged } = rowCounts(kpis);
  const lagged =
    generator.laggedPct === null ? '-' : `${formatNumber(Math.round(generator.laggedPct * 10) / 10)} %`;
  return [
    ['Load', loadText(run.profile, record)],
    ['Viewers', `${formatJoined(vus)}, ${vus.maxConcurrent} with a picture at once, ${lostText(summary)}`],
    ...(boxes === undefined ? [] : [['Load boxes', boxesText(boxes)] as const]),
    ['Rows', `${passed} of ${judged} judged rows passed; ${unjudged} of ${kpis.length} rows not judged`],
    [
      'Measured',
      `${formatClock(run.measuredMs)} of ${formatClock(run.plannedMs)}, from ${startText(run.startedAt)}`,
    ],
    ['Target', run.target],
    [
      'Generator',
      `${lagged} of the viewer-time held up (1 % is the limit), event loop p99 ${formatValue(generator.eventLoopDelayP99Ms === null ? null : Math.round(generator.eventLoopDelayP99Ms * 10) / 10, 'ms')}`,
    ],
  ];
}

const BOXES_LOST =
  'The run says nothing about the platform: load boxes were lost, and their viewers with them. Measure again when all of them stay.';

/** Of an escalation: what broke beyond the target, or held below it, is no matter of the verdict. */
function meaningOf({ verdict, escalation, invalidReasons }: Summary): string {
  if (verdict === 'invalid' && invalidReasons.every(({ code }) => code === 'box_lost')) return BOXES_LOST;
  if (escalation === undefined || verdict === 'invalid' || verdict === 'no_data') return MEANINGS[verdict];
  const carried = verdict === 'pass' ? 'are carried' : 'are not carried';
  return `The verdict is about the target alone: ${escalation.targetVus} viewers ${carried}.`;
}

/** A profile's title says how it is drawn; a run has its own size and may be scaled. */
function loadText(profile: string, { title, planned }: ReportInput['record']): string {
  const { vus, timeScale = 1 } = planned;
  const scaled = timeScale === 1 ? '' : `, scaled by ${timeScale}`;
  const drawn = title === undefined ? '' : `; drawn as: ${title}`;
  return `${profile} with ${vus} ${vus === 1 ? 'viewer' : 'viewers'}${scaled}${drawn}`;
}

/** `2026-11-22 19:21:08 UTC` */
export function startText(iso: string): string {
  return iso.replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
