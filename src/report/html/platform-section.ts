import { formatClock } from '../figures.js';
import type { PlatformCurves } from '../platform-curves.js';
import type { DrawnChart } from './chart-data.js';
import { chartsSection } from './charts-section.js';
import { type Html, html } from './html.js';
import { rangeText } from './range-text.js';

const MAX_TOLD = 30;

/** What the platform's own parts said meanwhile, and when they said nothing. */
export function platformSection(
  curves: PlatformCurves | undefined,
  charts: readonly DrawnChart[],
  endMs: number,
): Html | undefined {
  if (curves === undefined || curves.lines === 0) return undefined;
  return html`${chartsSection('platform', 'The platform', 'What its own parts said, on the same axis. Where a source said nothing a line ends: nobody knows what was there. Phases and faults are marked as above.', charts)}
${silence(curves, endMs)}`;
}

function silence(curves: PlatformCurves, endMs: number): Html | undefined {
  const silent = curves.silent().map(({ source, fromMs, toMs, why }) => ({
    atMs: fromMs,
    when: rangeText(Math.max(0, fromMs), Math.max(0, toMs ?? endMs)),
    words: html`<b>${source}</b> said nothing: ${why}`,
  }));
  const anew = curves.restarts().map(({ source, atMs }) => ({
    atMs,
    when: formatClock(Math.max(0, atMs)),
    words: html`<b>${source}</b> began anew: what it counted just before is not known`,
  }));
  const all = [...silent, ...anew].sort((a, b) => a.atMs - b.atMs);
  if (all.length === 0) return undefined;
  const more = all.length - MAX_TOLD;
  return html`<section id="platform-gaps" aria-labelledby="platform-gaps-title">
<h2 id="platform-gaps-title">What the platform did not say</h2>
<ol class="story">${all.slice(0, MAX_TOLD).map(({ when, words }) => html`<li class="own"><time>${when}</time> <span>${words}</span></li>`)}</ol>
${more > 0 ? html`<p class="soft">And ${more} more, in system.ndjson.</p>` : undefined}
</section>`;
}
