import { createHash } from 'node:crypto';
import { jsonForHtml } from '../../trace/timeline-page.js';
import { marksOf } from '../marks.js';
import { momentsOf } from '../moments.js';
import type { OverTime } from '../over-time.js';
import type { ReportInput } from '../report-input.js';
import { CHARTS, GENERATOR_CHARTS } from '../run-curves.js';
import { headline } from '../verdict-line.js';
import { alertsSection } from './alerts-section.js';
import { drawnChart, errorChart, pageData } from './chart-data.js';
import { chartsSection, storySection } from './charts-section.js';
import { environmentSection } from './environment-section.js';
import { type Escalation, escalationSection } from './escalation-section.js';
import { faultsSection } from './faults-section.js';
import { gateSection } from './gate-section.js';
import { Html, html } from './html.js';
import { momentsSection } from './moments-section.js';
import { platformCharts } from './platform-charts.js';
import { platformSection } from './platform-section.js';
import { unmeasuredSection } from './unmeasured-section.js';
import { verdictSection } from './verdict-section.js';

/** What the page brings with it, as text: it loads nothing. */
export interface PageAssets {
  /** In this order. */
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
}

/**
 * The report of a run as one HTML file that needs nothing else: no other file, no network. What anybody wrote stands in
 * it as text; only the scripts and styles that it was made with may run, by their hashes (CSP 3, 8.3).
 */
export function reportPage(input: ReportInput, over: OverTime, assets: PageAssets): string {
  const { summary, record, totals, events } = input;
  const marks = marksOf(record, events, input.alerts);
  const charts = [...CHARTS.map((spec) => drawnChart(spec, over, input)), errorChart(over)];
  const own = GENERATOR_CHARTS.map((spec) => drawnChart(spec, over, input));
  const { platform: curves } = input;
  const meters = curves === undefined ? [] : platformCharts(curves, over, input);
  const platform = platformSection(curves, meters, totals.toMs);
  const alerts = alertsSection(input.alerts);
  const moments = momentsSection(momentsOf(input, over, marks), over, input);
  const escalation = escalationSection((summary as { readonly escalation?: Escalation }).escalation);
  const faults = faultsSection(summary);
  const nav = [
    ...(escalation ? [['escalation', 'Breaking point']] : []),
    ...(moments ? [['causes', 'What went wrong']] : []),
    ...(faults ? [['faults', 'Faults']] : []),
    ...[
      ['gate', 'Gate'],
      ['story', 'What happened'],
      ['charts', 'Charts'],
      ...(platform ? [['platform', 'Platform']] : []),
      ...(alerts ? [['alerts', 'Alerts']] : []),
      ['machine', 'Generator'],
      ['environment', 'Environment'],
      ['unmeasured', 'Not measured'],
    ],
  ];
  const body = html`<header><p class="brand">dorami-load <span>${summary.run.id}</span></p>
<nav aria-label="Parts of the report">${nav.map(([id, title]) => html`<a href="#${id}">${title}</a>`)}</nav></header>
<main>
${verdictSection(input, marks)}
${escalation}
${moments}
${faults}
${gateSection(over, input)}
${storySection(record.phases, marks, totals.toMs)}
${chartsSection('charts', 'The run over time', `Bands are the phases of the plan, hatched ones are faults, dashed red lines are bounds of the gate${input.alerts === undefined || input.alerts.raised === 0 ? '' : ', bars at the foot are alerts of the platform, thick ones critical'}. ${widthText(over)} Drag to look closer, double-click to see all again; arrow keys read a chart out.`, charts)}
${platform}
${alerts}
${chartsSection('machine', 'What made the load', 'Whether what was measured can be believed.', own)}
${environmentSection(input)}
${unmeasuredSection(input)}
</main>
<footer><p>Made by dorami-load ${summary.run.version} from the folder of the run. Beside it: summary.md, junit.xml, series.csv, summary.json.</p></footer>`;
  return pageText(
    `${headline(summary)} · ${summary.run.id}`,
    body,
    pageData([...charts, ...meters, ...own], over, input, marks),
    assets,
  );
}

function widthText({ stretches }: OverTime): string {
  const [first] = stretches;
  if (first === undefined) return 'Nothing was measured.';
  return `One point is ${Math.round((first.toMs - first.fromMs) / 1000)} s.`;
}

function pageText(title: string, body: Html, data: unknown, { scripts, styles }: PageAssets): string {
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(' ')}`,
    `style-src ${styles.map(hashOf).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const raw = (text: string): Html => new Html(text);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
${styles.map((style) => html`<style>${raw(style)}</style>\n`)}</head>
<body>
<noscript><p class="noscript">The charts are drawn with JavaScript, which is off here; their numbers stand below each.</p></noscript>
${body}
<script type="application/json" id="run-data">${raw(jsonForHtml(data))}</script>
${scripts.map((script) => html`<script>${raw(script)}</script>\n`)}</body>
</html>
`.markup;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
