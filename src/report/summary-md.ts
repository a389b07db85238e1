import { alertsText } from './alert-words.js';
import { boxesText, lossTexts, lostText } from './box-words.js';
import { explainCall, type Place } from './explain-hint.js';
import { formatClock, formatJoined, formatNumber, formatValue } from './figures.js';
import { besideText } from './gate-section.js';
import { decidingRows, rankedRows, rowCounts, unjudgedByReason } from './ranked-rows.js';
import type { KpiSummary, Summary } from './summary-schema.js';
import { printable } from './text-width.js';
import { formatVerdictLine } from './verdict-line.js';

/** GitHub's limit for a comment is 65,536 characters; more than this nobody reads in one anyway. */
const MAX_NOTES = 12;
const MAX_CHARS = 400;

const MARKS: Readonly<Record<Summary['verdict'], string>> = {
  pass: '✅',
  fail: '❌',
  invalid: '⚠️',
  no_data: '❔',
};
const ROW_MARKS: Readonly<Record<KpiSummary['status'], string>> = {
  pass: '✅',
  fail: '❌',
  no_data: '❔',
  not_judged: '–',
};

/**
 * The result as `summary.md`, for a comment on a pull request (GitHub Flavored Markdown): verdict, the rows that are no
 * pass, then what passed and what was not judged, folded. Whatever others wrote is text in it and nothing else.
 */
export function summaryMarkdown(summary: Summary, place: Place): string {
  const { kpis, notes, verdict } = summary;
  const rows = rankedRows(kpis);
  const open = rows.filter(({ status }) => status === 'fail' || status === 'no_data');
  const passed = rows.filter(({ status }) => status === 'pass');
  const [worst] = decidingRows(summary);
  return [
    `## ${MARKS[verdict]} ${text(formatVerdictLine(summary))}`,
    '',
    factsLine(summary),
    '',
    ...boxLines(summary),
    ...(summary.alerts === undefined
      ? []
      : [`Alerts of the platform: ${text(alertsText(summary.alerts))}.`, '']),
    ...(verdict === 'invalid' ? invalidLines(summary) : []),
    ...stepLines(summary),
    ...(open.length === 0 ? [] : [...table(open), '']),
    ...(worst === undefined
      ? []
      : ['Why, from the folder of the run:', '', ...code(explainCall(place, worst.id)), '']),
    ...folded(`${passed.length} passed`, table(passed), passed.length),
    ...unjudged(kpis),
    ...folded(`${notes.length} ${notes.length === 1 ? 'note' : 'notes'}`, noteLines(notes), notes.length),
    'The whole of it: `report.html` in the folder of the run (one file, opens anywhere), `junit.xml`, `series.csv`.',
    '',
  ].join('\n');
}

function factsLine(summary: Summary): string {
  const { run, vus, exitCode } = summary;
  const facts = [
    `${formatJoined(vus)}, ${vus.maxConcurrent} watched at once, ${lostText(summary)}`,
    `${formatClock(run.measuredMs)} of ${formatClock(run.plannedMs)}`,
    `target ${text(run.target)}`,
    `${text(run.startedAt)}, version ${text(run.version)}, exit ${exitCode}`,
  ];
  return facts.join(' · ');
}

/** Which load boxes took part, and which were lost and when. */
function boxLines({ boxes }: Summary): string[] {
  if (boxes === undefined) return [];
  const lost = lossTexts(boxes).map((words) => `- ${text(words)}`);
  return [`Load boxes: ${text(boxesText(boxes))}.`, '', ...(lost.length === 0 ? [] : [...lost, ''])];
}

function invalidLines({ invalidReasons }: Summary): string[] {
  return [
    'The run says nothing about the platform, whatever the rows show:',
    '',
    ...invalidReasons.map(({ text: why }) => `- ${text(why)}`),
    '',
  ];
}

const OUTCOMES: Readonly<Record<NonNullable<Summary['escalation']>['steps'][number]['outcome'], string>> = {
  held: '✅ held',
  broke: '❌ broke',
  generator: '⚠️ the generator gave way first',
  unknown: '❔ no data',
};

/** The levels of an escalation in the order in which they were measured. */
function stepLines({ escalation }: Summary): string[] {
  if (escalation === undefined || escalation.steps.length === 0) return [];
  const rows = escalation.steps.map(({ vus, outcome, failed, reason, fromMs }) => {
    const why = failed[0]?.words ?? reason;
    return `| ${vus} | ${formatClock(fromMs)} | ${OUTCOMES[outcome]} | ${text(why)} |`;
  });
  return ['| viewers | from | outcome | because |', '|--:|--:|---|---|', ...rows, ''];
}

function table(rows: readonly KpiSummary[]): string[] {
  return [
    '| | KPI | measured | wanted | samples | |',
    '|---|---|--:|--:|--:|---|',
    ...rows.map((row) => {
      const { bound, unit, mandatory, status } = row;
      const why = status === 'pass' ? '' : status === 'fail' ? besideText(row) : row.reason;
      const cells = [
        ROW_MARKS[status],
        `${text(row.title)}${mandatory ? '' : ' (advisory)'}`,
        text(formatValue(row.value, unit)),
        text(`${bound.op} ${formatValue(bound.value, unit)}`),
        formatNumber(Math.floor(row.samples)),
        text(why),
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  ];
}

function unjudged(kpis: readonly KpiSummary[]): string[] {
  const reasons = [...unjudgedByReason(kpis)];
  const { unjudged: count } = rowCounts(kpis);
  const lines = reasons.map(
    ([reason, rows]) => `- ${text(reason)}: ${rows.map(({ title }) => text(title)).join('; ')}`,
  );
  return folded(`${count} not judged`, lines, count);
}

function noteLines(notes: readonly string[]): string[] {
  const lines = notes.slice(0, MAX_NOTES).map((note) => `- ${text(note)}`);
  return notes.length > MAX_NOTES ? [...lines, `- and ${notes.length - MAX_NOTES} more`] : lines;
}

function folded(title: string, lines: readonly string[], count: number): string[] {
  return count === 0 ? [] : [`<details><summary>${title}</summary>`, '', ...lines, '', '</details>', ''];
}

function code(line: string): string[] {
  const fence = '`'.repeat(Math.max(3, ...[...line.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return [`${fence}sh`, printable(line), fence];
}

/** Words of anybody as one line of plain text: no markup, no link, nobody called by `@name`. */
function text(words: string): string {
  const line = printable(words);
  const short = line.length > MAX_CHARS ? `${line.slice(0, MAX_CHARS)}…` : line;
  return short
    .replace(/[\\`*_{}[\]()#+!|~$]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '@\u200b')
    .replace(/:\/\//g, ':&#8203;//');
}
