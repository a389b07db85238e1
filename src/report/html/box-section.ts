import { BOX_COLUMNS, lossTexts } from '../box-words.js';
import type { Summary } from '../summary-schema.js';
import { type Html, html } from './html.js';

/** The load boxes of a run over many, one a row; undefined = it went on one machine. */
export function boxSection({ boxes }: Pick<Summary, 'boxes'>): Html | undefined {
  if (boxes === undefined) return undefined;
  const lost = lossTexts(boxes);
  return html`<h3>Load boxes</h3>
<div class="scroll" tabindex="0" role="region" aria-label="Load boxes"><table class="boxes"><thead><tr>${BOX_COLUMNS.map(({ title }) => html`<th scope="col">${title}</th>`)}</tr></thead><tbody>${boxes.map(
    (box) =>
      html`<tr>${BOX_COLUMNS.map(({ text }, i) => (i === 0 ? html`<th scope="row">${text(box)}</th>` : html`<td>${text(box)}</td>`))}</tr>`,
  )}</tbody></table></div>
${lost.length === 0 ? undefined : html`<ul class="lost-boxes">${lost.map((words) => html`<li>${words}</li>`)}</ul>`}
<p class="soft">The clock of a box is compared with the coordinator's all the time; ± is its greatest error, and part of the error of every latency that it measured.</p>`;
}
