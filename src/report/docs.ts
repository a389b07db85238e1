import { alertLineJsonSchema } from '../collect/alert-schema.js';
import { collectConfigJsonSchema } from '../collect/config.js';
import { systemLineJsonSchema } from '../collect/line-schema.js';
import { configJsonSchema } from '../config/json-schema.js';
import { profileJsonSchema } from '../config/profile-schema.js';
import { dashboardDoc } from '../dashboard/dashboard-docs.js';
import { grafanaDashboard } from '../dashboard/grafana.js';
import { parityConfigJsonSchema } from '../parity/config.js';
import { parityJsonSchema } from '../parity/parity-schema.js';
import type { Kpi, MinSamples, Need } from '../stats/kpi.js';
import { KPI_IDS, KPIS } from '../stats/kpis.js';
import { HISTOGRAM_MAX_MS, METRIC_NAMES, METRICS, type MetricSpec } from '../stats/metrics.js';
import { WINDOW_NAMES, WINDOWS } from '../stats/windows.js';
import { alertsDoc } from './alerts-docs.js';
import { collectDoc } from './collect-docs.js';
import { EXIT_CODES } from './exit-codes.js';
import { parityDoc } from './parity-docs.js';
import { summaryJsonSchema } from './summary-schema.js';
import { traceDoc, traceJsonSchema } from './trace-docs.js';

/** Files that are printed from tables in the code, by path from the project's root. */
export function printedFiles(): Readonly<Record<string, string>> {
  return {
    'docs/kpi.md': kpiDoc(),
    'docs/metrics.md': metricsDoc(),
    'docs/exit-codes.md': exitCodesDoc(),
    'docs/trace.md': traceDoc(PRINTED, table),
    'docs/collect.md': collectDoc(PRINTED, table),
    'docs/alerts.md': alertsDoc(PRINTED, table),
    'docs/dashboard.md': dashboardDoc(PRINTED, table),
    'docs/grafana/dorami-load.json': `${JSON.stringify(grafanaDashboard(), null, 2)}\n`,
    'schema/alerts.schema.json': `${JSON.stringify(alertLineJsonSchema(), null, 2)}\n`,
    'schema/collect-config.schema.json': `${JSON.stringify(collectConfigJsonSchema(), null, 2)}\n`,
    'docs/parity.md': parityDoc(PRINTED, table),
    'schema/parity-config.schema.json': `${JSON.stringify(parityConfigJsonSchema(), null, 2)}\n`,
    'schema/parity.schema.json': `${JSON.stringify(parityJsonSchema(), null, 2)}\n`,
    'schema/config.schema.json': `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
    'schema/profile.schema.json': `${JSON.stringify(profileJsonSchema(), null, 2)}\n`,
    'schema/system.schema.json': `${JSON.stringify(systemLineJsonSchema(), null, 2)}\n`,
    'schema/summary.schema.json': `${JSON.stringify(summaryJsonSchema(), null, 2)}\n`,
    'schema/trace.schema.json': `${JSON.stringify(traceJsonSchema(), null, 2)}\n`,
  };
}

const PRINTED = 'Printed from the tables in the code by `node dist/report/print-docs.js`; edit those.';

function kpiDoc(): string {
  const rows = KPI_IDS.map((id) => [
    `\`${id}\``,
    KPIS[id].title + (KPIS[id].mandatory ? '' : ' (advisory)'),
    `${KPIS[id].bound.op} ${KPIS[id].bound.value} ${KPIS[id].unit}`,
    KPIS[id].window,
    minimumText(KPIS[id].minSamples, KPIS[id].sampleOf),
    KPIS[id].section,
  ]);
  const formulas = KPI_IDS.map((id) => formulaText(id, KPIS[id]));
  return `# The gate's rows

${PRINTED}

A run judges the rows its profile names; every other row is \`not_judged\`, with the reason. A row that should have
been filled and was not is \`no_data\`, which is no pass. A rebuffer that our own event-loop lag may have made is
judged both ways: if that decides the row, the run is invalid. Percentiles are nearest-rank, at most 0.1 % above the
true sample. A window is a set of the plan's phases, see below; what was begun counts in the phase of its begin.

A rate near its bound stands with the interval of Wilson, where chance alone may have put it at 95 %. When the bound lies
inside, the row says that it cannot be told from its bound; the verdict stays what the value says, so that a fail is never
weakened, and only more samples or more runs tell. Growth is another matter: a row of growth passes only when the whole
interval of its slope (Theil and Sen, first tenth left out) lies on the good side; else it has no data. A frame is missing
where the frame numbers of the capture stamps leave a gap or the timestamps do: both are counted, of each viewer's second
the larger is judged, and both stand beside the row. "API
success" counts a 4xx against the platform but for business refusals ("sold out"), which are answers.
 Latencies of actions count from when they
were due; what it took since it was sent stands beside. Sections are those of the performance testing strategy; \`own\` rows close a
hole that it leaves.

${table(['id', 'row', 'bound', 'window', 'at least', 'section'], rows)}

## Windows

${table(
  ['window', 'what is looked at'],
  WINDOW_NAMES.map((name) => [`\`${name}\``, WINDOWS[name].words]),
)}

## Formulas

${formulas.join('\n')}
`;
}

function minimumText({ atLeast, perViewer }: MinSamples, sampleOf: string): string {
  if (perViewer === undefined) return `${atLeast ?? 1} ${sampleOf}`;
  const names = {
    vus: 'planned viewers',
    users: 'planned accounts',
    hls: 'planned HLS viewers',
    flv: 'planned FLV viewers',
  };
  const share = `one per viewer for ${perViewer.share * 100} % of the ${names[perViewer.of]}`;
  return atLeast === undefined ? share : `${share}, or ${atLeast}`;
}

const NEEDS: Readonly<Record<Need, string>> = {
  account: 'viewers with an account',
  two_accounts: 'two viewers with an account',
  writes: 'leave to write on the platform',
  real_duration: 'real time, not a scaled run',
  hls: 'planned HLS viewers',
  flv: 'planned FLV viewers',
};

function formulaText(id: string, kpi: Kpi): string {
  const needs = kpi.needs.length === 0 ? '' : ` Needs ${kpi.needs.map((need) => NEEDS[need]).join(' and ')}.`;
  const from = [...kpi.metrics, ...(kpi.platform ?? []).map((name) => `platform ${name}`)];
  return `- \`${id}\`: ${kpi.formula}. From ${from.map((name) => `\`${name}\``).join(', ')}.${needs}${asksText(kpi)}`;
}

const MIN_MS = 60_000;

function asksText({ asks = {}, window }: Kpi): string {
  const { vus, users, windowMs } = asks;
  const parts = [
    ...(vus === undefined ? [] : [`${vus} viewers`]),
    ...(users === undefined ? [] : [`${users} accounts`]),
    ...(windowMs === undefined ? [] : [`${windowMs / MIN_MS} min of ${window}`]),
  ];
  return parts.length === 0 ? '' : ` Judged from ${parts.join(' and ')} on.`;
}

function metricsDoc(): string {
  const rows = METRIC_NAMES.map((name) => [
    `\`${name}\``,
    METRICS[name].kind,
    METRICS[name].unit,
    dividedText(METRICS[name]),
    METRICS[name].meaning,
    feederText(METRICS[name]),
  ]);
  return `# Metrics

${PRINTED}

Histograms hold spans of 0 to ${HISTOGRAM_MAX_MS} ms as whole microseconds with three significant digits, and exact
count, minimum, maximum and sum. A longer sample is held as the longest and counted in \`clamped_sample_count\`; what
is no number, infinite or negative is refused and counted in \`refused_sample_count\`, and makes the run invalid. In
ticks, counters of spans are whole microseconds. Keys are \`metric|phase|protocol\`, with a fourth part for the label
of a metric that is divided; a value outside of a closed set counts as \`other\`.

${table(['metric', 'kind', 'unit', 'divided by', 'meaning', 'fed by'], rows)}
`;
}

/** Longer label sets are named by their size: the table must stay readable. */
const MAX_LISTED = 12;

function dividedText({ by, labels, across }: MetricSpec): string {
  const parts: string[] = [];
  if (by !== undefined) parts.push(by === 'join' ? 'protocol at join' : 'protocol');
  if (labels !== undefined) {
    parts.push(
      labels.length > MAX_LISTED
        ? `${labels.length} labels`
        : labels.map((label) => `\`${label}\``).join(' '),
    );
  }
  if (across !== undefined) parts.push(`workers: ${across}`);
  return parts.join(', ');
}

function feederText({ fedBy }: MetricSpec): string {
  return typeof fedBy === 'string' ? `the ${fedBy}` : fedBy.map((kind) => `\`${kind}\``).join(', ');
}

function exitCodesDoc(): string {
  const rows = EXIT_CODES.map(({ code, meaning }) => [String(code), meaning]);
  return `# Exit codes

${PRINTED}

The first that applies, from the top. The last line on stderr says why, in words.

${table(['code', 'meaning'], rows)}
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
