import { formatBytes, formatClock, formatNumber, formatValue, wrap } from './figures.js';
import type { KpiSummary, MetricSummary, Summary } from './summary-schema.js';

const WIDTH = 80;
const INDENT = '     ';
const MARKS: Readonly<Record<KpiSummary['status'], string>> = {
  pass: '✓',
  fail: '✗',
  no_data: '?',
  not_judged: '–',
};
const COLORS: Readonly<Record<string, number>> = {
  pass: 32,
  fail: 31,
  no_data: 33,
  invalid: 35,
  not_judged: 90,
};
const WORDS: Readonly<Record<Summary['verdict'], string>> = {
  pass: 'PASS',
  fail: 'FAIL',
  invalid: 'INVALID',
  no_data: 'NO DATA',
};

type Paint = (text: string, as: string) => string;

/** The end-of-run text, at most 80 columns wide, without a trailing newline. */
export function formatSummary(summary: Summary, options: { readonly color: boolean }): string {
  const paint: Paint = (text, as) => (options.color ? `\u001b[${COLORS[as] ?? 0}m${text}\u001b[0m` : text);
  const lines = [paint(headline(summary), summary.verdict)];
  for (const { text } of summary.invalidReasons) lines.push(...note(`invalid: ${text}`));
  for (const text of summary.notes) lines.push(...note(`note: ${text}`));
  lines.push('', ...gateLines(summary.kpis, paint), '', ...figureLines(summary));
  return lines.join('\n');
}

/** Why the verdict is what it is, in one sentence: what stands behind `exit N: ` on stderr. */
export function formatVerdictLine(summary: Summary): string {
  const title = headline(summary);
  if (summary.verdict === 'invalid')
    return sentence(
      title,
      summary.invalidReasons.map(({ text }) => text),
    );
  const judged = summary.kpis.filter(({ mandatory, status }) => mandatory && status !== 'not_judged');
  if (summary.verdict === 'pass') {
    const unjudged = summary.kpis.filter(({ mandatory }) => mandatory).length - judged.length;
    return `${title}: all ${judged.length} mandatory rows passed${unjudged > 0 ? `, ${unjudged} not judged` : ''}`;
  }
  if (judged.length === 0) return `${title}: no row was judged`;
  return sentence(title, judged.filter(({ status }) => status === summary.verdict).map(rowSentence));
}

function sentence(title: string, causes: readonly string[]): string {
  const [first = 'nothing was measured', ...more] = causes;
  return `${title}: ${first}${more.length > 0 ? `; and ${more.length} more` : ''}`;
}

function rowSentence(kpi: KpiSummary): string {
  if (kpi.status !== 'fail') return `${kpi.title}: ${kpi.reason}`;
  return `${kpi.title} is ${formatValue(kpi.value, kpi.unit)}, wanted ${boundText(kpi)}`;
}

/** `PASS (viewer, smoke)`: the gate level and the profile are part of the verdict. */
function headline({ verdict, gate, run }: Summary): string {
  return `${WORDS[verdict]} (${gate}, ${run.profile})`;
}

function note(text: string): string[] {
  return wrap(text, WIDTH - 2).map((line) => `  ${line}`);
}

function boundText({ bound, unit }: KpiSummary): string {
  return `${bound.op} ${formatNumber(bound.value)} ${unit}`;
}

function gateLines(kpis: readonly KpiSummary[], paint: Paint): string[] {
  const judged = kpis.filter(({ status }) => status !== 'not_judged');
  const lines = [
    `   ${'gate'.padEnd(31)}${'actual'.padStart(14)}${'bound'.padStart(17)}${'samples'.padStart(9)}`,
  ];
  for (const kpi of judged) {
    const title = `${kpi.title}${kpi.mandatory ? '' : ' *'}`.slice(0, 31).padEnd(31);
    const actual = formatValue(kpi.value, kpi.unit).padStart(14);
    const row = `${title}${actual}${boundText(kpi).padStart(17)}${formatNumber(Math.floor(kpi.samples)).padStart(9)}`;
    lines.push(` ${paint(MARKS[kpi.status], kpi.status)} ${row}`);
    if (kpi.status === 'no_data') lines.push(...reasonLines(kpi.reason));
    if (kpi.status === 'fail') lines.push(...reasonLines(besideText(kpi)));
  }
  if (judged.some(({ mandatory }) => !mandatory)) lines.push(`   * advisory: decides nothing`);
  return [...lines, ...unjudgedLines(kpis, paint)];
}

function reasonLines(text: string): string[] {
  return wrap(text, WIDTH - INDENT.length).map((line) => INDENT + line);
}

/** What stands beside a failed row: often its cause. */
function besideText({ beside }: KpiSummary): string {
  return Object.entries(beside)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? formatNumber(value) : value}`)
    .join(', ');
}

/** Rows that were not judged, gathered by reason. */
function unjudgedLines(kpis: readonly KpiSummary[], paint: Paint): string[] {
  const byReason = new Map<string, string[]>();
  for (const { status, reason, title } of kpis) {
    if (status === 'not_judged') byReason.set(reason, [...(byReason.get(reason) ?? []), title]);
  }
  return [...byReason].flatMap(([reason, titles]) => {
    const [first = '', ...rest] = wrap(`not judged, ${reason}: ${titles.join('; ')}`, WIDTH - INDENT.length);
    return [` ${paint(MARKS.not_judged, 'not_judged')} ${first}`, ...rest.map((line) => INDENT + line)];
  });
}

function figureLines(summary: Summary): string[] {
  const { metrics, vus, generator, run } = summary;
  const total = (name: string): number => totalOf(metrics[name]);
  const p95 = (name: string, part: string): string => formatValue(p95Of(metrics[name], part), 'ms');
  const rows: [string, string][] = [
    [
      'media',
      `${formatBytes(total('received_bytes'))}, ${total('segment_count')} segments, ${total('tag_count')} FLV tags`,
    ],
    [
      '',
      `watched ${formatClock(total('played_ms') + total('stalled_ms'))} in sum, ${total('rebuffer_count')} rebuffers, ${total('media_error_count') + total('playlist_error_count')} media errors`,
    ],
    ['', `first frame p95 ${p95('first_frame_ms', 'flv')} FLV, ${p95('first_frame_ms', 'hls')} HLS`],
    ['', `glass to glass p95 ${p95('latency_ms', 'flv')} FLV, ${p95('latency_ms', 'hls')} HLS`],
    [
      'sockets',
      `${total('socket_ready_count')} ready, ${total('join_confirmed_count')} joined, ${total('socket_disconnected_count')} disconnects`,
    ],
    [
      '',
      `chat ${total('chat_sent_count')} sent, ${total('chat_delivered_count')} of ${total('chat_expected_count')} arrived at others`,
    ],
    ['api', `${total('api_call_count')} calls, ${total('api_failed_call_count')} failed`],
    [
      'run',
      `${vus.joined} of ${vus.planned} viewers joined, ${vus.maxConcurrent} at once, ${vus.lost} lost; ${formatClock(run.measuredMs)}`,
    ],
    ['generator', generatorText(generator)],
  ];
  return rows.map(([name, text]) => `   ${name.padEnd(11)}${text}`);
}

function generatorText({
  cpuMsPerViewerSecond,
  eventLoopDelayP99Ms,
  rssBytes,
}: Summary['generator']): string {
  const rss = rssBytes === null ? '-' : formatBytes(rssBytes);
  const delay = formatValue(eventLoopDelayP99Ms, 'ms');
  return `${formatValue(cpuMsPerViewerSecond, 'ms')} CPU per viewer-second, loop delay p99 ${delay}, ${rss}`;
}

function totalOf(metric: MetricSummary | undefined): number {
  return metric?.kind === 'counter' ? metric.total : 0;
}

function p95Of(metric: MetricSummary | undefined, part: string): number | undefined {
  return metric?.kind === 'histogram' ? metric.parts?.[part]?.p95 : undefined;
}
