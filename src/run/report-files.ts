import { join } from 'node:path';
import { reportPage } from '../report/html/page.js';
import { junitXml } from '../report/junit.js';
import { type OverTime, overTime } from '../report/over-time.js';
import type { ReportInput } from '../report/report-input.js';
import { seriesCsv } from '../report/series-csv.js';
import { summaryMarkdown } from '../report/summary-md.js';
import { KPI_IDS } from '../stats/kpis.js';
import { errorCode } from './error-code.js';
import { readAssets } from './report-assets.js';
import { writeWhole } from './write-whole.js';

/** Names of the reports in a run folder, in the order in which they are written. */
export const REPORT_FILES = {
  html: 'report.html',
  markdown: 'summary.md',
  junit: 'junit.xml',
  series: 'series.csv',
} as const;

/** What became of the reports. */
export interface ReportOutcome {
  /** Paths of those that are on disk. */
  readonly written: readonly string[];
  /** Why one is not, in one sentence: it never changes a verdict. */
  readonly failure?: string;
}

/** Writes the reports of a run into `folder`. A disk that fails costs the reports that it fails for, and nothing else. */
export async function writeReports(folder: string, input: ReportInput): Promise<ReportOutcome> {
  const written: string[] = [];
  let failure: string | undefined;
  let over: OverTime | undefined;
  for (const [name, make] of Object.entries(TEXTS)) {
    const path = join(folder, name);
    try {
      over ??= overTimeOf(input);
      await writeWhole(path, await make(input, over));
      written.push(path);
    } catch (error) {
      failure ??= `cannot write ${path}: ${errorCode(error)}`;
    }
  }
  return { written, ...(failure === undefined ? {} : { failure }) };
}

type MakeText = (input: ReportInput, over: OverTime) => string | Promise<string>;

const TEXTS: Readonly<Record<string, MakeText>> = {
  [REPORT_FILES.html]: async (input, over) => reportPage(input, over, await readAssets()),
  [REPORT_FILES.markdown]: ({ summary, place }) => summaryMarkdown(summary, place),
  [REPORT_FILES.junit]: ({ summary }) => junitXml(summary),
  [REPORT_FILES.series]: (_, over) => seriesCsv(over),
};

/** Rows that the run judges, or tried to, are wanted over time. */
function overTimeOf({ summary, record, ticks }: ReportInput): OverTime {
  const judged = new Set(summary.kpis.filter(({ status }) => status !== 'not_judged').map(({ id }) => id));
  const { phases, line, planned } = record;
  return overTime({ ticks, phases, line, planned, rows: KPI_IDS.filter((id) => judged.has(id)) });
}
