import type { AlertStories } from '../alert-stories.js';
import { formatClock } from '../figures.js';
import { type Html, html } from './html.js';

/** The log of alerts; undefined when the platform was not watched. */
export function alertsSection(alerts: AlertStories | undefined): Html | undefined {
  if (alerts === undefined) return undefined;
  const { list, raised } = alerts;
  const at = (ms: number): string => (ms < 0 ? 'before the first viewer' : formatClock(ms));
  const rows = list.map(
    ({ words, severity, raisedAtMs, clearedAtMs }) =>
      html`<tr><td>${at(raisedAtMs)}</td><td>${clearedAtMs === undefined ? 'never' : at(clearedAtMs)}</td><td>${severity}</td><td>${words}</td></tr>`,
  );
  const head = ['raised', 'cleared', 'severity', 'what was seen, and the threshold'];
  const table = html`<div class="scroll"><table><thead><tr>${head.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
  return html`<section id="alerts" aria-labelledby="alerts-title">
<h2 id="alerts-title">Alerts</h2>
<p class="soft">${raised === 0 ? 'None was raised.' : 'Thresholds of the platform’s own meters that were crossed. They decide nothing: the gate does. One that was never cleared held at the end, or nothing was known of it any more.'}</p>
${raised === 0 ? undefined : table}
${raised > list.length ? html`<p class="soft">And ${raised - list.length} more, in alerts.ndjson.</p>` : undefined}
</section>`;
}
