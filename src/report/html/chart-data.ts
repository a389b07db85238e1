import { KPIS } from '../../stats/kpis.js';
import { createView } from '../../stats/view.js';
import { formatBytes, formatClock, formatNumber, formatSpan } from '../figures.js';
import type { Mark } from '../marks.js';
import type { OverTime, Stretch } from '../over-time.js';
import type { ReportInput } from '../report-input.js';
import { type ChartSpec, type ChartUnit, windowOf } from '../run-curves.js';
import { signText } from './bound-text.js';

/** How one line looks; the page's own script knows the names. */
export interface CurveStyle {
  /** Number of a colour of the page's palette. */
  readonly color: number;
  readonly dash?: 'long' | 'short';
}

export interface DrawnCurve extends CurveStyle {
  readonly label: string;
  /** One per stretch; null = nothing was measured. */
  readonly values: readonly (number | null)[];
}

export interface DrawnBound {
  readonly label: string;
  readonly value: number;
}

/** One chart as the page's script draws it, and as it is said in words. */
export interface DrawnChart {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly unit: ChartUnit;
  /** Amounts that are put on top of each other. */
  readonly stacked?: true;
  readonly curves: readonly DrawnCurve[];
  readonly bounds: readonly DrawnBound[];
  /** In words, for those who do not see it. */
  readonly said: string;
  readonly numbers: NumberTable;
}

/** The chart's key numbers: a row per curve, a column per phase and one for the whole run. */
export interface NumberTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Everything that the page's script is given. */
export interface PageData {
  /** Middle of each stretch, run seconds. */
  readonly atS: readonly number[];
  /** Where two stretches do not meet, a line ends: index of the first after each gap. */
  readonly gaps: readonly number[];
  readonly endS: number;
  readonly phases: readonly {
    readonly name: string;
    readonly role: string;
    readonly from: number;
    readonly to: number;
  }[];
  readonly marks: readonly {
    readonly label: string;
    readonly kind: string;
    /** Of an alert. */
    readonly critical?: boolean;
    readonly from: number;
    readonly to: number | null;
  }[];
  readonly charts: readonly DrawnChart[];
}

/** Colours by what a curve is of: the same in every chart. */
const FLV = 0;
const HLS = 1;
const THIRD = 2;
const FOURTH = 3;

function styleOf(key: string, index: number): CurveStyle {
  const color = /flv|read/.test(key) ? FLV : /hls|write/.test(key) ? HLS : undefined;
  if (key === 'viewers_planned') return { color: FOURTH, dash: 'long' };
  const dash = /frozen|_p50_/.test(key)
    ? 'short'
    : /_p99_/.test(key) && color !== undefined
      ? 'long'
      : undefined;
  const own = color ?? (index === 1 ? FLV : index === 2 ? HLS : index === 3 ? THIRD : FLV);
  return { color: own, ...(dash === undefined ? {} : { dash }) };
}

/** A chart of curves that every run has. */
export function drawnChart(spec: ChartSpec, over: OverTime, input: ReportInput): DrawnChart {
  const { stretches } = over;
  const curves = spec.curves
    .map((curve, index) => ({
      label: curve.label,
      values: stretches.map(({ values }) => rounded(values[curve.key])),
      ...styleOf(curve.key, index),
    }))
    .filter(({ values }) => values.some((value) => value !== null));
  return {
    ...{ id: spec.id, title: spec.title, about: spec.about, unit: spec.unit, curves },
    bounds: boundsOf(spec),
    said: saidOf(spec.title, spec.unit, curves, stretches),
    numbers: spec.isLevel ? levelTable(spec, over, input) : mergedTable(spec, input),
  };
}

const MAX_KINDS = 6;

/** What went wrong, by kind, in each stretch: the most frequent kinds and all others together. */
export function errorChart(over: OverTime): DrawnChart {
  const { stretches, errorKinds } = over;
  const shown = errorKinds.slice(0, errorKinds.length > MAX_KINDS + 1 ? MAX_KINDS : MAX_KINDS + 1);
  const rest = new Set(errorKinds.slice(shown.length));
  const countOf = ({ errors }: Stretch, has: (words: string) => boolean): number =>
    errors.reduce((sum, { words, count }) => sum + (has(words) ? count : 0), 0);
  const curves = [
    ...shown.map((kind) => ({ label: kind, has: (words: string) => words === kind })),
    ...(rest.size > 0
      ? [{ label: `${rest.size} other kinds`, has: (words: string) => rest.has(words) }]
      : []),
  ].map(({ label, has }, color) => ({
    label,
    color,
    values: stretches.map((stretch) => countOf(stretch, has)),
  }));
  const rows = curves.map(({ label, values }) => {
    const most = Math.max(...values);
    const at = stretches[values.indexOf(most)]?.fromMs ?? 0;
    const total = values.reduce((sum, value) => sum + value, 0);
    return [label, formatNumber(total), `${formatNumber(most)} at ${formatClock(at)}`];
  });
  return {
    ...{ id: 'errors', title: 'Errors by kind', unit: 'count', stacked: true, curves, bounds: [] },
    about:
      'What went wrong, counted in each stretch. One fault may be seen by two kinds: a start that failed kills the player.',
    said: curves.length === 0 ? 'No errors.' : saidOf('Errors by kind', 'count', curves, stretches),
    numbers: { head: ['kind', 'whole run', 'most in one stretch'], rows },
  };
}

/** Upper bounds of the rows that are in the chart's own unit; rows with the same one share it. A bound of 0 is the axis. */
function boundsOf({ rows, unit }: ChartSpec): DrawnBound[] {
  const titles = new Map<string, { value: number; text: string; titles: string[] }>();
  for (const id of rows) {
    const { bound, title, unit: own } = KPIS[id];
    if (own !== unit || bound.op.startsWith('>') || bound.value === 0) continue;
    const text = `${signText(bound.op)} ${unitText(bound.value, unit)}`;
    const known = titles.get(text) ?? { value: bound.value, text, titles: [] };
    known.titles.push(title);
    titles.set(text, known);
  }
  return [...titles.values()].map(({ value, text, titles: names }) => ({
    value,
    label: `${names.join(' and ')} ${text}`,
  }));
}

/** The numbers of a phase by its own merged histograms: percentiles of stretches have no mean. */
function mergedTable({ curves, unit }: ChartSpec, { totals, record }: ReportInput): NumberTable {
  const windows = [
    ...record.phases.map(({ name, fromMs, toMs }) => ({
      name,
      phases: [name],
      spanMs: Math.max(0, Math.min(toMs, totals.toMs) - fromMs),
    })),
    { name: 'whole run', phases: undefined, spanMs: totals.toMs },
  ].map(({ name, phases, spanMs }) => {
    const window = windowOf(totals, spanMs);
    return { name, window: phases ? { ...window, view: createView(totals, phases) } : window };
  });
  return {
    head: ['', ...windows.map(({ name }) => name)],
    rows: curves.map(({ label, value }) => [
      label,
      ...windows.map(({ window }) => unitText(value(window), unit)),
    ]),
  };
}

/** The highest of each phase, of curves that are drawn already. */
export function highestTable(
  curves: readonly Pick<DrawnCurve, 'label' | 'values'>[],
  unit: ChartUnit,
  { stretches }: OverTime,
  { phases }: Pick<ReportInput['record'], 'phases'>,
): NumberTable {
  const names = phases.map(({ name }) => name);
  const most = (values: readonly (number | null)[], phase?: string): number | undefined => {
    const own = values.filter((value, i) => {
      return value !== null && (phase === undefined || stretches[i]?.phase === phase);
    }) as number[];
    return own.length === 0 ? undefined : Math.max(...own);
  };
  return {
    head: ['most', ...names, 'whole run'],
    rows: curves.map(({ label, values }) => [
      label,
      ...names.map((name) => unitText(most(values, name), unit)),
      unitText(most(values), unit),
    ]),
  };
}

/** The highest level of each phase. */
function levelTable(
  { curves, unit }: ChartSpec,
  { stretches }: OverTime,
  { record }: ReportInput,
): NumberTable {
  const most = (key: string, phase?: string): number | undefined => {
    const values = stretches.flatMap(({ phase: own, values: all }) =>
      phase === undefined || own === phase ? (all[key] ?? []) : [],
    );
    return values.length === 0 ? undefined : Math.max(...values);
  };
  const names = record.phases.map(({ name }) => name);
  return {
    head: ['most', ...names, 'whole run'],
    rows: curves.map(({ key, label }) => [
      label,
      ...names.map((name) => unitText(most(key, name), unit)),
      unitText(most(key), unit),
    ]),
  };
}

/** A chart in words, for those who do not see it. */
export function saidOf(
  title: string,
  unit: ChartUnit,
  curves: readonly Pick<DrawnCurve, 'label' | 'values'>[],
  stretches: readonly Stretch[],
): string {
  const parts = curves.map(({ label, values }) => {
    const known = values.filter((value) => value !== null);
    const high = Math.max(...known);
    const at = stretches[values.indexOf(high)];
    const where =
      at === undefined ? '' : ` at ${formatClock(at.fromMs)}${at.phase === '' ? '' : ` (${at.phase})`}`;
    return `${label || title} from ${unitText(Math.min(...known), unit)} to ${unitText(high, unit)}, highest${where}`;
  });
  return `${title} over time. ${parts.length === 0 ? 'Nothing was measured.' : `${parts.join('; ')}.`}`;
}

/** A value of a chart as it is read. */
export function unitText(value: number | undefined, unit: ChartUnit): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  if (unit === 'ms') return formatSpan(value);
  if (unit === 'bytes') return formatBytes(value);
  const number = formatNumber(Math.round(value * 100) / 100);
  return unit === '%' ? `${number} %` : unit === 'cores' ? `${number} cores` : number;
}

/** What the page's script needs to draw. */
export function pageData(
  charts: readonly DrawnChart[],
  over: OverTime,
  input: ReportInput,
  marks: readonly Mark[],
): PageData {
  const { stretches } = over;
  const { totals, record } = input;
  const s = (ms: number): number => Math.round(ms) / 1000;
  const endMs = Math.max(totals.toMs, ...stretches.map(({ toMs }) => toMs));
  return {
    atS: stretches.map(({ fromMs, toMs }) => s((fromMs + toMs) / 2)),
    gaps: stretches.flatMap(({ fromMs }, index) =>
      index > 0 && fromMs > (stretches[index - 1]?.toMs ?? 0) ? [index] : [],
    ),
    endS: s(endMs),
    phases: record.phases
      .filter(({ fromMs }) => fromMs < endMs)
      .map(({ name, role, fromMs, toMs }) => ({ name, role, from: s(fromMs), to: s(Math.min(toMs, endMs)) })),
    marks: marks.map(({ label, kind, isCritical, fromMs, toMs }) => ({
      label,
      kind,
      ...(isCritical === undefined ? {} : { critical: isCritical }),
      from: s(fromMs),
      to: toMs === undefined ? null : s(toMs),
    })),
    charts,
  };
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toPrecision(5));
}
