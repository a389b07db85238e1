import { KPIS } from '../stats/kpis.js';
import { phasesIn } from '../stats/windows.js';
import { type Curve, curveOf, isBad, type OwnLag, type Point, worstPoint } from './explanation.js';
import { type Mark, marksIn } from './marks.js';
import type { OverTime, Stretch } from './over-time.js';
import { decidingRows } from './ranked-rows.js';
import type { ReportEvent, ReportInput } from './report-input.js';
import type { KpiSummary } from './summary-schema.js';

/** A piece of a run, run ms. */
type Span = Pick<Stretch, 'fromMs' | 'toMs' | 'phase'>;

/** A row that is no pass, and when it was at its worst. */
export interface BadRow {
  readonly row: KpiSummary;
  /** Its evidence says when; absent = nothing was measured. */
  readonly worst?: Span;
  readonly worstValue?: number;
  /** Begin of the first stretch in which it was bad, run ms. */
  readonly badFromMs?: number;
}

/** Rows that went wrong together, and what else was there then. */
export interface Moment {
  /**
   * `lasting`: bad in more than half of the time in which there was anything to see, from `fromMs` on. `never`: there is
   * no data to be bad.
   */
  readonly when: 'moment' | 'lasting' | 'never';
  readonly fromMs: number;
  readonly toMs: number;
  readonly phase: string;
  readonly rows: readonly BadRow[];
  readonly marks: readonly Mark[];
  /** Kinds of errors within it, most frequent first. */
  readonly errors: readonly { readonly words: string; readonly count: number }[];
  /** Events of the run near it, one of each kind with how many there were. */
  readonly events: readonly (ReportEvent & { readonly count: number })[];
  /** Viewers that had trouble in the worst ten seconds of its rows, by number. */
  readonly vus: readonly number[];
  /** Our own machine at its worst within it; absent = nothing was measured. */
  readonly own?: OwnLag;
}

/** Worst moments that are no farther from the first of them are one. */
const TOGETHER_MS = 4000;
/** What happened this long before the worst stretch may have made it. */
const BEFORE_MS = 10_000;
const LASTING = 0.5;
/** Fewer stretches do not tell a moment from all of the time. */
const FEW = 4;

/** The rows that decide a bad verdict, gathered by when they were at their worst: what went wrong, and when. */
export function momentsOf(
  { summary, record, events }: Pick<ReportInput, 'summary' | 'record' | 'events'>,
  over: OverTime,
  marks: readonly Mark[],
): Moment[] {
  const found = decidingRows(summary).map((row) => {
    const { phases } = record;
    const window =
      row.window === 'run' ? undefined : new Set(phasesIn(row.window, phases).map(({ name }) => name));
    const inWindow = (stretch: Stretch): boolean => window === undefined || window.has(stretch.phase);
    return worstOf(row, over, inWindow);
  });
  const moments: Moment[] = [];
  for (const group of grouped(found)) moments.push(describe(group, over, marks, events));
  const rank = { moment: 0, lasting: 1, never: 2 } as const;
  return moments.sort(
    (a, b) => rank[a.when] - rank[b.when] || b.rows.length - a.rows.length || a.fromMs - b.fromMs,
  );
}

interface Found extends BadRow {
  readonly when: Moment['when'];
}

function worstOf(row: KpiSummary, over: OverTime, inWindow: (stretch: Stretch) => boolean): Found {
  if (row.status === 'no_data') return { row, when: 'never' };
  const curve = curveOf(KPIS[row.id]);
  const points = over.rows.get(row.id) ?? [];
  const stretchOf = new Map(points.map((point, index) => [point, over.stretches[index]]));
  const isIn = (point: Point): boolean => {
    const stretch = stretchOf.get(point);
    return stretch !== undefined && inWindow(stretch);
  };
  const worst = row.evidence?.worst ?? worstDrawn(curve, points, isIn, stretchOf);
  if (worst === undefined) return { row, when: 'never' };
  const measured = points.filter((point) => isIn(point) && curve.value(point) !== undefined);
  const bad = measured.filter((point) => isBad(curve, curve.value(point)));
  const always = measured.length >= FEW && bad.length / measured.length > LASTING;
  return {
    row,
    worst,
    ...(worst.value === undefined ? {} : { worstValue: worst.value }),
    ...(bad[0] === undefined ? {} : { badFromMs: bad[0].fromMs }),
    when: always ? 'lasting' : 'moment',
  };
}

/** Of a row without evidence of it: ten seconds alone have no plan, and some rows are made of it. */
function worstDrawn(
  curve: Curve,
  points: readonly Point[],
  isIn: (point: Point) => boolean,
  stretchOf: ReadonlyMap<Point, Stretch | undefined>,
): (Span & { readonly value: number | undefined }) | undefined {
  const point = worstPoint(curve, points, isIn);
  const stretch = point && stretchOf.get(point);
  return point && stretch && { ...stretch, value: curve.value(point) };
}

function grouped(found: readonly Found[]): Found[][] {
  const groups: Found[][] = [];
  const byTime = [...found].sort((a, b) => (a.worst?.fromMs ?? 0) - (b.worst?.fromMs ?? 0));
  for (const one of byTime) {
    const group = groups.find(([first]) => {
      if (first === undefined || first.when !== one.when) return false;
      if (one.when === 'lasting')
        return Math.abs((one.badFromMs ?? 0) - (first.badFromMs ?? 0)) <= TOGETHER_MS;
      return one.when === 'never' || (one.worst?.fromMs ?? 0) - (first.worst?.toMs ?? 0) <= TOGETHER_MS;
    });
    if (group) group.push(one);
    else groups.push([one]);
  }
  return groups;
}

function describe(
  group: readonly Found[],
  { stretches }: OverTime,
  marks: readonly Mark[],
  events: readonly ReportEvent[],
): Moment {
  const when = group[0]?.when ?? 'never';
  const worst = group.flatMap((found) => found.worst ?? []);
  const begins = group.flatMap((found) => (when === 'lasting' ? found.badFromMs : found.worst?.fromMs) ?? []);
  const fromMs = begins.length === 0 ? 0 : Math.min(...begins);
  const toMs = when === 'never' ? 0 : Math.max(...worst.map((stretch) => stretch.toMs));
  const inside = stretches.filter((stretch) => stretch.fromMs < toMs && stretch.toMs > fromMs);
  const rows = group.map(({ when: _, ...row }) => row);
  const own = worstOwn(inside);
  return {
    ...{ when, fromMs, toMs, rows },
    phase: worst[0]?.phase ?? '',
    // What lasts was begun by what was there when it began.
    marks:
      when === 'never'
        ? [...marks]
        : marksIn(marks, fromMs - BEFORE_MS, when === 'lasting' ? fromMs + 1 : toMs),
    errors: errorsOf(when === 'moment' ? inside : stretches),
    vus: [...new Set(group.flatMap(({ row: { evidence } }) => evidence?.vus ?? []))].sort((a, b) => a - b),
    events: when === 'moment' ? nearby(events, fromMs - BEFORE_MS / 5, toMs) : [],
    ...(own === undefined ? {} : { own }),
  };
}

function errorsOf(stretches: readonly Stretch[]): Moment['errors'] {
  const counts = new Map<string, number>();
  for (const { errors } of stretches) {
    for (const { words, count } of errors) counts.set(words, (counts.get(words) ?? 0) + count);
  }
  return [...counts].map(([words, count]) => ({ words, count })).sort((a, b) => b.count - a.count);
}

function nearby(events: readonly ReportEvent[], fromMs: number, toMs: number): Moment['events'] {
  const groups = new Map<string, ReportEvent & { count: number }>();
  for (const event of events) {
    if (event.atMs < fromMs || event.atMs > toMs) continue;
    const key = `${event.kind} ${event.detail.replace(/\d+/g, '#')}`;
    const known = groups.get(key);
    groups.set(key, known ? { ...known, count: known.count + 1 } : { ...event, count: 1 });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

function worstOwn(stretches: readonly Stretch[]): OwnLag | undefined {
  const most = (pick: (own: OwnLag) => number | undefined): number | undefined => {
    const values = stretches.flatMap(({ own }) => pick(own) ?? []);
    return values.length === 0 ? undefined : Math.max(...values);
  };
  if (stretches.length === 0) return undefined;
  return {
    loopMs: most(({ loopMs }) => loopMs),
    laggedPct: most(({ laggedPct }) => laggedPct),
    latePct: most(({ latePct }) => latePct),
    lateActions: most(({ lateActions }) => lateActions) ?? 0,
    localFailures: most(({ localFailures }) => localFailures) ?? 0,
  };
}
