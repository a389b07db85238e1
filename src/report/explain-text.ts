import type { Kpi } from '../stats/kpi.js';
import { WINDOWS } from '../stats/windows.js';
import { hintsOf, VALIDITY_HINTS } from './explain-hints.js';
import {
  type Curve,
  curveOf,
  isBad,
  OWN_CURVES,
  ownFault,
  POINT_MS,
  type Point,
  worstPoint,
} from './explanation.js';
import { formatClock, formatMoreKinds, formatNumber, formatValue } from './figures.js';
import { besideText, WIDTH } from './gate-section.js';
import { chart } from './series-chart.js';
import { createPaint, type Paint, type Tone } from './style.js';
import type { KpiSummary, Summary } from './summary-schema.js';
import { padEnd, padStart, printable, shorten, wrap } from './text-width.js';
import { headline, VERDICTS } from './verdict-line.js';

/** What stands in events.ndjson near an instant: see run/events-near.ts. */
export interface NearEvent {
  readonly kind: string;
  readonly detail: string;
  readonly firstAtMs: number;
  readonly count: number;
}

export interface PhaseValue {
  readonly name: string;
  readonly value: number | undefined;
  readonly samples: number;
  /** Whether the row is judged by it. */
  readonly judged: boolean;
}

/** What both kinds of explanation are made of. */
interface Explained {
  readonly summary: Summary;
  readonly points: readonly Point[];
  /** Near the worst moment. */
  readonly events: readonly NearEvent[];
  /** Run time 0 on the wall clock, ms. */
  readonly startEpochMs: number;
  phaseAt(atMs: number): string;
}

export interface RowExplained extends Explained {
  readonly kpi: Kpi;
  readonly row: KpiSummary;
  /** Fewest samples to judge by in this run. */
  readonly needed: number;
  /** The value if all that our own lag put in doubt was the platform's. */
  readonly valueWithDoubt: number | undefined;
  readonly phases: readonly PhaseValue[];
  readonly worst: Point | undefined;
}

const STATUS: Readonly<Record<KpiSummary['status'], { word: string; tone: Tone }>> = {
  pass: { word: 'passed', tone: 'good' },
  fail: { word: 'failed', tone: 'bad' },
  no_data: { word: 'no data', tone: 'warn' },
  not_judged: { word: 'not judged', tone: 'dim' },
};

/** Where that counts which began in one interval and ended in a later one. */
function borderText({ comesLater }: Pick<Kpi, 'comesLater'>): string {
  return comesLater
    ? 'What was under way at a border counts where it began.'
    : 'What was under way at a border counts on its later side.';
}

/** Why a row of the gate is what it is; at most 80 columns, without a trailing newline. */
export function formatRowExplanation(explained: RowExplained, options: { readonly color: boolean }): string {
  const { kpi, row, points, phaseAt, worst } = explained;
  const paint = createPaint(options.color);
  const { word, tone } = STATUS[row.status];
  const curve = curveOf(kpi);
  return [
    paint(`${row.title}: ${word}${row.mandatory ? '' : ' (advisory: decides nothing)'}`, tone),
    ...about(explained),
    '',
    ...phaseLines(explained, paint),
    '',
    ...chart(curve, points, phaseAt, paint),
    ...text(borderText(kpi), 2).map((line) => paint(line, 'dim')),
    '',
    ...(worst ? worstLines(curve, worst, explained) : ['worst moment  nothing was measured']),
    ...labelled('points to', sideOf(explained)),
    ...(row.status === 'pass' || row.status === 'not_judged' ? [] : hintsOf(row.id)).flatMap((hint, index) =>
      labelled(index === 0 ? 'look next' : '', hint),
    ),
  ].join('\n');
}

function about(explained: RowExplained): string[] {
  const { kpi, row, needed, valueWithDoubt } = explained;
  const bound = `${row.bound.op} ${formatValue(row.bound.value, row.unit)}`;
  const window = WINDOWS[row.window].words;
  const section = row.section.startsWith('own') ? row.section : `strategy ${row.section}`;
  const doubt =
    valueWithDoubt !== undefined && valueWithDoubt !== row.value
      ? ` (${formatValue(valueWithDoubt, row.unit)} with what our own lag may have made)`
      : '';
  const beside = besideText(row);
  return [
    ...labelled('value', `${formatValue(row.value ?? undefined, row.unit)}${doubt}, wanted ${bound}`),
    ...labelled('samples', `${formatNumber(row.samples)} ${kpi.sampleOf}, at least ${needed} needed`),
    ...(row.reason === '' ? [] : labelled('because', row.reason)),
    ...(beside === '' ? [] : labelled('beside it', beside)),
    ...chanceLines(row),
    ...viewerLines(row),
    ...labelled('formula', kpi.formula),
    ...labelled('from', `${[...kpi.metrics, ...(kpi.platform ?? [])].join(', ')}, over ${window}`),
    ...labelled('source', section),
  ];
}

function chanceLines({ evidence, unit }: KpiSummary): string[] {
  if (evidence?.interval === undefined) return [];
  const { low, high } = evidence.interval;
  const range = `${formatValue(low, unit)} to ${formatValue(high, unit)}, 95 of 100 times`;
  return labelled('by chance', evidence.doubt ?? range);
}

function viewerLines({ evidence }: KpiSummary): string[] {
  if (evidence === undefined || evidence.vus.length === 0) return [];
  return labelled('viewers', `VU ${evidence.vus.join(', ')} (in the worst ten seconds of its window)`);
}

function phaseLines({ phases, row }: RowExplained, paint: Paint): string[] {
  return [
    paint('by phase', 'strong'),
    ...phases.map(({ name, value, samples, judged }) => {
      const shown = formatValue(value, row.unit);
      return `  ${padEnd(shorten(printable(name), 16), 16)}${padStart(shown, 18)}  n ${formatNumber(Math.floor(samples))}${judged ? '' : '  (not in the window)'}`;
    }),
  ];
}

function worstLines(curve: Curve, worst: Point, explained: Explained): string[] {
  const { startEpochMs, phaseAt } = explained;
  const toMs = worst.fromMs + POINT_MS;
  const utc = new Date(startEpochMs + worst.fromMs).toISOString().slice(11, 19);
  const value = curve.value(worst);
  const samples = curve.samples ? ` of ${formatNumber(curve.samples(worst))} samples` : '';
  const bad = isBad(curve, value) ? 'beyond the bound' : 'within the bound';
  const when = `${formatClock(worst.fromMs)} to ${formatClock(toMs)} (from ${utc} UTC), ${phaseAt(worst.fromMs) || 'outside of the phases'}`;
  return [
    ...labelled(
      'worst moment',
      `${when}: ${formatValue(value, curve.unit)}${samples}, ${bad}; ${worst.watching} viewers watched`,
    ),
    ...eventLines(explained.events),
  ];
}

const MAX_EVENTS = 8;

function eventLines(events: readonly NearEvent[]): string[] {
  if (events.length === 0) {
    return labelled('near it', 'nothing in events.ndjson (it keeps the first 100 events of each kind)');
  }
  const lines = events.slice(0, MAX_EVENTS).map(({ kind, detail, firstAtMs, count }) => {
    const times = count > 1 ? `, ${count} alike` : '';
    return `${formatClock(firstAtMs)} ${kind} ${detail}`.trimEnd() + times;
  });
  const more = events.length - lines.length;
  if (more > 0) lines.push(`and ${formatMoreKinds(more)}`);
  return lines.flatMap((line, index) => labelled(index === 0 ? 'near it' : '', line));
}

/** Platform or ourselves, as far as it can be told. */
function sideOf({ summary, row, worst, valueWithDoubt }: RowExplained): string {
  const [invalid] = summary.invalidReasons;
  if (invalid) {
    return `nobody: the run is invalid (${invalid.text}). See --explain validity before this row means anything`;
  }
  if (worst === undefined) return 'nobody: there is nothing to judge';
  if (row.status === 'not_judged') return 'nobody: this run does not judge the row';
  const own = ownText(worst);
  if (ownFault(worst)) {
    return `perhaps ourselves: our own machine was late at the worst moment (${own}). Measure again with more room`;
  }
  const doubted =
    valueWithDoubt !== undefined && valueWithDoubt !== row.value
      ? '; a part of it is in doubt, and is judged both ways'
      : '';
  const calm = `our own machine was on time at the worst moment (${own})${doubted}`;
  return row.status === 'pass' ? `nothing to blame; ${calm}` : `the platform, or the network to it: ${calm}`;
}

function ownText({ own }: Point): string {
  const lagged = own.laggedPct === undefined ? '-' : `${formatNumber(Math.round(own.laggedPct * 10) / 10)} %`;
  return `loop delay p99 ${formatValue(own.loopMs, 'ms')}, lagged ${lagged}, ${own.lateActions} late actions, ${own.localFailures} sockets without room`;
}

export interface ValidityExplained extends Explained {
  /** The curve that looks worst against its bound, and its worst interval. */
  readonly worst: { readonly curve: Curve; readonly point: Point } | undefined;
}

/** Why a run is invalid, or that it is not; when our own machine was late. */
export function formatValidityExplanation(
  explained: ValidityExplained,
  options: { readonly color: boolean },
): string {
  const { summary, points, phaseAt, worst } = explained;
  const paint = createPaint(options.color);
  const reasons = summary.invalidReasons;
  const word =
    reasons.length > 0 ? 'the run is invalid' : 'the run is valid: our own machine decides nothing';
  const measured = OWN_CURVES.filter((curve) => points.some((point) => curve.value(point) !== undefined));
  return [
    paint(`validity: ${word}`, reasons.length > 0 ? 'invalid' : 'good'),
    ...reasons.flatMap(({ code, text: why }) => labelled('because', `${why} (${code})`)),
    ...labelled('verdict', headline(summary)).map((line) => paint(line, VERDICTS[summary.verdict].tone)),
    ...labelled('limits', 'the bounds below hold for the run as a whole; a single interval may exceed them'),
    ...measured.flatMap((curve) => ['', ...chart(curve, points, phaseAt, paint)]),
    '',
    ...(worst ? worstLines(worst.curve, worst.point, explained) : ['worst moment  nothing was measured']),
    ...(reasons.length === 0
      ? []
      : VALIDITY_HINTS.flatMap((hint, i) => labelled(i === 0 ? 'look next' : '', hint))),
  ].join('\n');
}

/** The curve whose worst interval is farthest beyond its bound. */
export function worstOwn(points: readonly Point[]): ValidityExplained['worst'] {
  let worst: ValidityExplained['worst'];
  let mostShare = Number.NEGATIVE_INFINITY;
  for (const curve of OWN_CURVES) {
    const point = worstPoint(curve, points);
    if (point === undefined) continue;
    const value = curve.value(point) ?? 0;
    const share = curve.bound.value === 0 ? value : value / curve.bound.value;
    if (share > mostShare) [worst, mostShare] = [{ curve, point }, share];
  }
  return worst;
}

const LABEL = 14;

function labelled(label: string, words: string): string[] {
  return wrap(words, WIDTH - LABEL).map((line, index) => padEnd(index === 0 ? label : '', LABEL) + line);
}

function text(words: string, indent: number): string[] {
  return wrap(words, WIDTH - indent).map((line) => ' '.repeat(indent) + line);
}
