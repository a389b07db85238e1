import type { ViewerEvent } from '../../src/events.js';
import { type OverTime, overTime } from '../../src/report/over-time.js';
import type { ReportEvent, ReportInput } from '../../src/report/report-input.js';
import { REPORT_METRICS } from '../../src/report/run-curves.js';
import { buildSummary } from '../../src/report/summary.js';
import { evidenceOf } from '../../src/run/evidence.js';
import { judge } from '../../src/stats/gate.js';
import { KPI_IDS } from '../../src/stats/kpis.js';
import { addTick, createTotals, decodeHistograms } from '../../src/stats/merge.js';
import { Moments } from '../../src/stats/moments.js';
import { RunSeries } from '../../src/stats/run-series.js';
import type { TroubledVus } from '../../src/stats/troubled.js';
import { contextOf, END_MS, PHASES, recorderOf, reported } from './measured.js';
import { RUN_FACTS } from './summaries.js';

export interface Told {
  readonly events?: readonly ReportEvent[];
  readonly stageFaults?: readonly string[];
  /** Viewers with trouble in the second from this instant on. */
  readonly named?: Readonly<Record<number, TroubledVus>>;
  /** Event-loop delay of each second, ms. */
  readonly loopMs?: (atMs: number) => number;
}

/** What a report is made of, of a run of a minute in which viewers saw `seen`. */
export function reportInputOf(seen: readonly ViewerEvent[], told: Told = {}): ReportInput {
  const recorder = recorderOf();
  const waiting = [...seen].sort((a, b) => a.atMs - b.atMs);
  const series = new RunSeries(END_MS, REPORT_METRICS);
  const totals = createTotals();
  const moments = new Moments();
  for (let toMs = 1000; toMs <= END_MS; toMs += 1000) {
    while (waiting[0] !== undefined && waiting[0].atMs < toMs)
      recorder.on(reported(waiting.shift() as ViewerEvent));
    recorder.gauge('vus_active_count', 50);
    recorder.gauge('vus_watching_count', 40);
    recorder.gauge('rss_bytes', 300_000_000);
    recorder.count('generator_cpu_ms', 200, toMs - 1);
    // One long delay in a minute makes no run invalid.
    for (let i = 0; i < 20; i++) recorder.observe('event_loop_delay_ms', 3, toMs - 1);
    recorder.observe('event_loop_delay_ms', told.loopMs?.(toMs - 1) ?? 3, toMs - 1);
    moments.name({ fromMs: toMs - 1000, toMs }, told.named?.[toMs - 1000] ?? {});
    for (const tick of recorder.takeTick(toMs, toMs === END_MS)) {
      series.add(tick);
      const decoded = decodeHistograms(tick);
      if (addTick(totals, tick, decoded)) moments.add(tick, decoded);
    }
  }
  const context = contextOf();
  return {
    summary: buildSummary({
      ...{ verdict: judge(totals, context), totals, context, run: RUN_FACTS },
      evidenceOf: (row) => evidenceOf(row, PHASES, moments),
    }),
    record: {
      title: 'one minute, 50 viewers',
      startEpochMs: 1_800_000_000_000,
      phases: PHASES,
      planned: context.planned,
      line: [
        { atMs: 0, level: 0 },
        { atMs: 10_000, level: 50 },
        { atMs: 60_000, level: 50 },
      ],
      embeddedStage: true,
      stageFaults: told.stageFaults ?? [],
      target: { apiUrl: 'http://127.0.0.1:1', socketUrl: '', flvUrl: '', hlsUrl: '', streamKey: '***' },
      host: { name: 'box', os: 'linux 6.1', cpu: 'a CPU', cores: 2, usable: { cores: 2, memoryBytes: 8e9 } },
    },
    totals,
    ticks: series.finish(),
    events: told.events ?? [],
    place: { folder: 'runs/a', tool: 'dorami-load' },
  };
}

/** The same over time, with every row that was judged. */
export function overTimeOf({ summary, record, ticks }: ReportInput): OverTime {
  const judged = new Set(summary.kpis.filter(({ status }) => status !== 'not_judged').map(({ id }) => id));
  const { phases, line, planned } = record;
  return overTime({ ticks, phases, line, planned, rows: KPI_IDS.filter((id) => judged.has(id)) });
}
