import { createHash } from 'node:crypto';
import { Html, html } from '../report/html/html.js';
import type { PageAssets } from '../report/html/page.js';
import { jsonForHtml } from '../trace/timeline-page.js';
import { TREND_CHARTS } from './charts.js';
import { Tones } from './tones.js';

export interface DashboardPage {
  readonly text: string;
  /** Content-Security-Policy (CSP 3) that it is sent with. */
  readonly policy: string;
}

/** The page as it is before anything has come: it loads nothing but its own event stream, and runs nothing but its own scripts. */
export function dashboardPage({ scripts, styles }: PageAssets, tones = new Tones()): DashboardPage {
  const raw = (text: string): Html => new Html(text);
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(' ')}`,
    `style-src ${styles.map(hashOf).join(' ')}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  const charts = TREND_CHARTS.map(({ id, title, unit, curves, perContainer, limit, empty }) => ({
    ...{
      id,
      title,
      unit,
      empty,
      perContainer: perContainer ?? null,
      limit: limit === undefined ? null : (tones.bound(limit) ?? null),
    },
    curves: curves.map(({ key, label, color, dash }) => ({ key, label, color, dash: dash === true })),
  }));
  const text = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>dorami-load</title>
${styles.map((style) => html`<style>${raw(style)}</style>\n`)}</head>
<body>
<noscript><p class="noscript">This page draws what comes over its event stream, with JavaScript, which is off here. Numbers without it: /metrics.</p></noscript>
<a class="skip" href="#main">To the panels</a>
<header>
<div class="head">
<h1><span id="run-profile">dorami-load</span> <span id="run-phase" class="phase"></span></h1>
<p class="status" id="status" data-kind="connecting"><span class="dot" aria-hidden="true"></span><span id="status-words">connecting</span></p>
<p class="clock"><b id="clock">–</b> <span id="clock-rest"></span></p>
<button type="button" id="theme">theme: auto</button>
</div>
<div class="strip" id="strip" role="img" aria-label="The run has not begun"></div>
<p class="where"><span id="run-target"></span> <span id="run-id"></span></p>
</header>
<p id="news" class="unseen" role="status" aria-live="polite"></p>
<main id="main">
<div class="panels">
${card('system', 'System', html`<div class="gauges" id="gauges"></div><ul class="lines" id="gaps"></ul>`)}
${card('streaming', 'Streaming', figures('streaming'))}
${card('api', 'API', figures('api'))}
${card('sockets', 'WebSocket', figures('sockets'))}
${card('generator', 'Generator', figures('generator'))}
${card('alerts', 'Alerts', html`<p class="count" id="alert-count"></p><ol class="alerts" id="alert-list" tabindex="0" aria-label="Alerts, newest first"></ol>`)}
<section class="card wide" id="boxes" aria-labelledby="boxes-title" hidden><h2 id="boxes-title">Load boxes</h2><p class="count" id="box-count"></p><div class="scroll boxes" id="box-rows" tabindex="0" role="region" aria-labelledby="boxes-title"></div></section>
</div>
<section id="trends" aria-labelledby="trends-title"><h2 id="trends-title">Last 5 minutes</h2>
<div class="charts">${charts.map(({ id, title, empty }) => html`<figure data-figure-of="${id}"><figcaption><h3>${title}</h3></figcaption><div class="legend" data-legend="${id}"></div><div class="plot" data-chart="${id}" role="img" aria-label="${title}"></div><p class="empty" data-empty="${id}">${empty}</p></figure>`)}</div></section>
<section id="gate" aria-labelledby="gate-title"><h2 id="gate-title">Gate so far</h2>
<p class="count" id="gate-count">Not judged yet.</p>
<div class="rows" id="gate-rows"></div></section>
</main>
<footer><p>Also here: <a href="/metrics">/metrics</a> for Prometheus, <a href="/healthz">/healthz</a>.</p></footer>
<script type="application/json" id="page-data">${raw(jsonForHtml({ charts }))}</script>
${scripts.map((script) => html`<script>${raw(script)}</script>\n`)}</body>
</html>
`.markup;
  return { text, policy };
}

function card(id: string, title: string, body: Html): Html {
  return html`<section class="card" id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>`;
}

function figures(id: string): Html {
  return html`<div data-panel="${id}"></div><ul class="lines" data-lines="${id}"></ul>`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
