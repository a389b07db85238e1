import { unknownName } from '../config/did-you-mean.js';
import { ConfigError } from '../errors.js';
import {
  formatRowExplanation,
  formatValidityExplanation,
  type PhaseValue,
  worstOwn,
} from '../report/explain-text.js';
import { curveOf, OWN_METRICS, POINT_MS, type Point, pointOf, worstPoint } from '../report/explanation.js';
import { CameIn } from '../stats/came-in.js';
import { neededSamples } from '../stats/gate.js';
import type { Kpi } from '../stats/kpi.js';
import { isKpiId, KPI_IDS, KPIS, type KpiId } from '../stats/kpis.js';
import type { Totals } from '../stats/merge.js';
import { Series } from '../stats/series.js';
import { createSight } from '../stats/sight.js';
import { createView } from '../stats/view.js';
import { phasesIn, WINDOWS } from '../stats/windows.js';
import { type Conclusion, conclude } from './conclude.js';
import { eventsNear } from './events-near.js';
import { readRecord, readRun } from './read-run.js';
import type { RunRecord } from './run-record.js';

/** What `--explain` takes beside the rows of the gate. */
const VALIDITY = ['validity', 'invalid'] as const;

/**
 * What `--explain` asks for.
 * @throws {ConfigError} for a row that does not exist, with the one that was probably meant
 */
export function explainable(id: string): KpiId | 'validity' {
  if (isKpiId(id)) return id;
  if (VALIDITY.some((name) => name === id)) return 'validity';
  const all = `${KPI_IDS.join(', ')}, validity`;
  const unknown = unknownName('row of the gate', id, [...KPI_IDS, ...VALIDITY], all);
  throw new ConfigError([{ path: '--explain', seen: id, wanted: all, ...unknown }]);
}

/** Events this long before and after the worst interval are looked at. */
const NEAR_MS = 2000;

/**
 * Explains a row of a run from its folder: reads the ticks once, in memory that does not grow with the run but for one
 * point per 10 s.
 * @throws {ConfigError} when the folder is not that of a run
 */
export async function explainRun(
  folder: string,
  id: KpiId | 'validity',
  options: { readonly color: boolean },
): Promise<{ readonly text: string; readonly conclusion: Conclusion }> {
  const kpi = id === 'validity' ? undefined : KPIS[id];
  const record = await readRecord(folder);
  const came = kpi?.comesLater ? new CameIn(kpi) : undefined;
  const series = new Series<Point>({
    everyMs: POINT_MS,
    metrics: [...OWN_METRICS, ...(kpi?.metrics ?? [])],
    point(totals, fromMs) {
      const sight = createSight(totals, record);
      came?.add(totals.counters, sight);
      return pointOf(totals, fromMs, sight, kpi);
    },
  });
  const { totals, moments, ending } = await readRun(folder, (tick) => series.add(tick));
  const conclusion = conclude(record, totals, ending, moments);
  const measured = series.finish();
  const shares = came?.shares();
  const points = shares ? measured.map((point, i) => ({ ...point, ...shares[i] })) : measured;
  const { summary } = conclusion;
  const common = { summary, points, startEpochMs: record.startEpochMs, phaseAt: phaseNames(record) };
  if (kpi === undefined || id === 'validity') {
    const worst = worstOwn(points);
    const events = await near(folder, worst?.point);
    return { text: formatValidityExplanation({ ...common, worst, events }, options), conclusion };
  }
  const judged = new Set(phasesIn(kpi.window, record.phases).map(({ name }) => name));
  const inWindow = ({ fromMs }: Point): boolean =>
    kpi.window === 'run' ||
    judged.has(common.phaseAt(fromMs)) ||
    judged.has(common.phaseAt(fromMs + POINT_MS - 1));
  const row = summary.kpis.find((one) => one.id === id);
  if (row === undefined) throw new Error(`the summary has no row ${id}`);
  // The moment whose viewers are named; a row that is not judged, or needs the plan, has no evidence of one.
  const told = points.find(({ fromMs }) => fromMs === row.evidence?.worst?.fromMs);
  const worst = told ?? worstPoint(curveOf(kpi), points, inWindow);
  const text = formatRowExplanation(
    {
      ...{ ...common, kpi, row, worst },
      needed: neededSamples(kpi.minSamples, record.planned),
      valueWithDoubt: measuredWith(kpi, totals, record).valueWithDoubt,
      phases: phaseValues(kpi, totals, record),
      events: await near(folder, worst),
    },
    options,
  );
  return { text, conclusion };
}

function near(folder: string, worst: Point | undefined): ReturnType<typeof eventsNear> {
  if (worst === undefined) return Promise.resolve([]);
  return eventsNear(folder, worst.fromMs - NEAR_MS, worst.fromMs + POINT_MS + NEAR_MS);
}

function phaseNames({ phases }: RunRecord): (atMs: number) => string {
  return (atMs) => phases.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs)?.name ?? '';
}

function measuredWith(kpi: Kpi, totals: Totals, record: RunRecord): ReturnType<Kpi['compute']> {
  const sight = createSight(totals, record);
  return kpi.compute(sight.over(kpi.window), sight.over('run'), sight);
}

/** The row's formula over each phase by itself. */
function phaseValues(kpi: Kpi, totals: Totals, record: RunRecord): PhaseValue[] {
  const { has } = WINDOWS[kpi.window];
  return record.phases.map((phase) => {
    const sight = createSight(totals, { ...record, phases: [phase] });
    const view = createView(totals, [phase.name]);
    const { value, samples } = kpi.compute(view, view, sight);
    const known = value !== undefined && Number.isFinite(value);
    return { name: phase.name, value: known ? value : undefined, samples, judged: has(phase.role) };
  });
}
