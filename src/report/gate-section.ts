import { explainCommand, type Place } from './explain-hint.js';
import { formatClock, formatNumber, formatValue } from './figures.js';
import type { Paint, Tone } from './style.js';
import type { KpiSummary } from './summary-schema.js';
import { padEnd, padStart, printable, shorten, wrap } from './text-width.js';

export const WIDTH = 80;
const INDENT = 5;
const TITLE = 32;
const ACTUAL = 16;
const BOUND = 18;
const SAMPLES = 9;
/** Viewers that are named beneath a row. */
const MAX_VUS = 8;

type Status = KpiSummary['status'];

/** Order, mark and colour of a row by what became of it. */
const STATUS: Readonly<Record<Status, { rank: number; mark: string; tone: Tone; word: string }>> = {
  fail: { rank: 0, mark: '✗', tone: 'bad', word: 'failed' },
  no_data: { rank: 1, mark: '?', tone: 'warn', word: 'no data' },
  pass: { rank: 2, mark: '✓', tone: 'good', word: 'passed' },
  not_judged: { rank: 3, mark: '–', tone: 'dim', word: 'not judged' },
};

/**
 * The gate's rows: mandatory ones first, and what is no pass before what is. A row that is no pass is followed by
 * its reason and, with a `place`, by the command that explains it.
 */
export function gateSection(kpis: readonly KpiSummary[], paint: Paint, place?: Place): string[] {
  const judged = kpis.filter(({ status }) => status !== 'not_judged');
  const rank = ({ mandatory, status }: KpiSummary): number => (mandatory ? 0 : 10) + STATUS[status].rank;
  const lines = [paint(headLine(judged), 'strong')];
  for (const kpi of [...judged].sort((a, b) => rank(a) - rank(b))) {
    lines.push(rowLine(kpi, paint));
    if (kpi.evidence?.doubt !== undefined) lines.push(...indented(kpi.evidence.doubt));
    if (kpi.status === 'pass') continue;
    const why = kpi.status === 'no_data' ? kpi.reason : besideText(kpi);
    lines.push(...indented(why), ...indented(worstText(kpi)));
    if (place) lines.push(...explainCommand(place, kpi.id, INDENT, WIDTH).map((line) => paint(line, 'dim')));
  }
  if (judged.some(({ mandatory }) => !mandatory)) lines.push('   * advisory: decides nothing');
  return [...lines, ...unjudgedLines(kpis, paint)];
}

function headLine(judged: readonly KpiSummary[]): string {
  const counts = (['pass', 'fail', 'no_data'] as const)
    .map((status) => ({ status, count: judged.filter((kpi) => kpi.status === status).length }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${STATUS[status].word}`);
  const title = padEnd(`gate: ${counts.join(', ') || 'no row judged'}`, TITLE + 3);
  return `${title}${'actual'.padStart(ACTUAL)}${'bound'.padStart(BOUND)}${'samples'.padStart(SAMPLES)}`;
}

function rowLine(kpi: KpiSummary, paint: Paint): string {
  const { mark, tone } = STATUS[kpi.status];
  const title = padEnd(shorten(`${printable(kpi.title)}${kpi.mandatory ? '' : ' *'}`, TITLE), TITLE);
  const actual = padStart(cell(kpi.value, kpi.unit, ACTUAL - 1), ACTUAL);
  const limit = padStart(`${kpi.bound.op} ${cell(kpi.bound.value, kpi.unit, BOUND - 4)}`, BOUND);
  const samples = padStart(cell(Math.floor(kpi.samples), '', SAMPLES - 1), SAMPLES);
  const shown = kpi.status === 'pass' ? actual : paint(actual, tone);
  return ` ${paint(mark, tone)} ${title}${shown}${limit}${samples}`;
}

/** A value in a column: without its unit, and then with fewer digits, when it would not fit. */
function cell(value: number | null, unit: string, width: number): string {
  const whole = unit === '' && value !== null ? formatNumber(value) : formatValue(value, unit);
  if (whole.length <= width || value === null) return whole;
  const bare = formatNumber(value);
  return bare.length <= width ? bare : value.toExponential(1);
}

function indented(text: string): string[] {
  return wrap(text, WIDTH - INDENT).map((line) => ' '.repeat(INDENT) + line);
}

/** The worst ten seconds of a row that failed, and who had trouble; empty for others. */
function worstText({ status, unit, evidence }: KpiSummary): string {
  if (status !== 'fail' || evidence === undefined) return '';
  const { worst, vus } = evidence;
  const when = worst
    ? `worst at ${formatClock(worst.fromMs)} (${printable(worst.phase)}): ${formatValue(worst.value, unit)}`
    : '';
  const who =
    vus.length > 0 ? `VU ${vus.slice(0, MAX_VUS).join(', ')}${vus.length > MAX_VUS ? ', ...' : ''}` : '';
  return [when, who].filter((part) => part !== '').join('; ');
}

/** What stands beside a value, in words: often the cause of a failure. `joinP95Ms: 30` is `join p95 30 ms`. */
export function besideText({ beside }: Pick<KpiSummary, 'beside'>): string {
  return Object.entries(beside)
    .map(([name, value]) => {
      const span = /[a-z0-9]Ms$/.test(name);
      const words = (span ? name.slice(0, -2) : name)
        .replace(/[_\s]+/g, ' ')
        .replace(/[A-Z][a-z]*/g, (word) => ` ${word.toLowerCase()}`);
      const shown = typeof value === 'number' ? formatNumber(value) : value;
      return `${words} ${shown}${span && typeof value === 'number' ? ' ms' : ''}`;
    })
    .join(', ');
}

/** Titles that are listed of one reason. */
const MAX_TITLES = 8;

function listed(titles: readonly string[]): string {
  const more = titles.length - MAX_TITLES;
  const shown = titles.slice(0, MAX_TITLES).join('; ');
  return more > 1 ? `${shown}; and ${more} more, see summary.json` : titles.join('; ');
}

/** Rows that were not judged, gathered by reason. */
function unjudgedLines(kpis: readonly KpiSummary[], paint: Paint): string[] {
  const byReason = new Map<string, string[]>();
  for (const { status, reason, title } of kpis) {
    if (status === 'not_judged') byReason.set(reason, [...(byReason.get(reason) ?? []), title]);
  }
  const { mark, tone } = STATUS.not_judged;
  return [...byReason].flatMap(([reason, titles]) => {
    const [first = '', ...rest] = indented(`not judged, ${reason}: ${listed(titles)}`);
    return [` ${paint(mark, tone)} ${first.trimStart()}`, ...rest];
  });
}
