import type { PhaseSpan } from '../../stats/windows.js';
import { formatClock } from '../figures.js';
import type { Mark } from '../marks.js';
import type { DrawnChart, NumberTable } from './chart-data.js';
import { type Html, html } from './html.js';
import { rangeText } from './range-text.js';

/** The charts, each with its key numbers beside it as a table; the page's script draws them. */
export function chartsSection(id: string, title: string, about: string, charts: readonly DrawnChart[]): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
<p class="soft">${about}</p>
<div class="charts">${charts.map(figure)}</div>
</section>`;
}

function figure({ id, title, about, curves, said, numbers, bounds }: DrawnChart): Html {
  const empty = curves.length === 0;
  const far = bounds.map(({ label }) => label).join('; ');
  return html`<figure id="chart-${id}">
<figcaption><h3>${title}</h3><p class="soft">${about}${far === '' ? undefined : html` Bounds of the gate: ${far}.`}</p></figcaption>
${
  empty
    ? html`<p class="empty">${id === 'errors' ? 'No errors.' : 'Nothing was measured.'}</p>`
    : html`<div class="legend" data-legend="${id}"></div>
<div class="plot" data-chart="${id}" tabindex="0" role="img" aria-label="${said} Arrow keys read it out."></div>
<p class="readout" data-readout="${id}" aria-live="polite"></p>
<details class="numbers"><summary>Numbers</summary>${numberTable(numbers)}</details>`
}
</figure>`;
}

function numberTable({ head, rows }: NumberTable): Html {
  return html`<div class="scroll"><table><thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows.map(([first, ...cells]) => html`<tr><th scope="row">${first}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

const ROLES: Readonly<Record<string, string>> = {
  ramp: 'viewers come',
  hold: 'ordinary watching',
  spike: 'many come at once',
  burst: 'a much busier chat',
  fault: 'something is broken on purpose, and the 10 s after it',
  step: 'one level of an escalation',
  recovery: 'after the crowd has gone',
  drain: 'viewers go, or are gone',
};

/** What happened when: phases, faults and what befell the run itself, by time. */
export function storySection(phases: readonly PhaseSpan[], marks: readonly Mark[], endMs: number): Html {
  const entries = [
    ...phases
      .filter(({ fromMs, toMs }) => fromMs <= endMs && toMs > fromMs)
      .map(({ name, role, fromMs, toMs }) => ({
        fromMs,
        toMs,
        kind: 'phase',
        text: html`phase <b>${name}</b>, ${ROLES[role] ?? role}`,
      })),
    ...marks.map(({ fromMs, toMs, words, kind }) => ({ fromMs, toMs, kind, text: html`${words}` })),
  ].sort((a, b) => a.fromMs - b.fromMs);
  return html`<section id="story" aria-labelledby="story-title">
<h2 id="story-title">What happened when</h2>
<ol class="story">${entries.map(({ fromMs, toMs, kind, text }) => html`<li class="${kind}"><time>${rangeText(fromMs, toMs)}</time> <span>${text}</span></li>`)}
<li class="phase"><time>${formatClock(endMs)}</time> <span>the last that was measured</span></li></ol>
</section>`;
}
