import type { ParityRow as CheckedRow, Parity, ParityState } from '../../parity/parity-schema.js';
import { differenceText, paritySentence } from '../../parity/parity-words.js';
import { parityRows } from '../parity.js';
import type { ReportInput } from '../report-input.js';
import { type Html, html } from './html.js';
import { startText } from './verdict-section.js';

/** In the page; parity.json has them all. */
const MAX_SHOWN = 50;
const TONES: Readonly<Record<ParityState, string>> = {
  same: 'met',
  differs: 'differs',
  documented: 'differs',
  open: 'unknown',
};
const WORDS: Readonly<Record<ParityState, string>> = {
  same: 'the same',
  differs: 'differs',
  documented: 'differs, documented',
  open: 'open: nobody said',
};

/** How near to production the platform is: what was compared beforehand, and what the run itself could see. */
export function paritySection(input: ReportInput): Html {
  const { parity } = input.record;
  return html`<h3>How near it is to production</h3>
<p class="soft">The parity checklist of the strategy (4.1, 4.3, 4.4). A verdict on a system that differs says little about the one that matters.</p>
${parity === undefined ? undefined : checkedTable(parity)}
<div class="scroll"><table class="parity"><thead><tr><th scope="col">component</th><th scope="col">production has</th><th scope="col">here</th></tr></thead>
<tbody>${parityRows(input).map(({ component, production, here, state }) => html`<tr class="${state}"><th scope="row">${component}</th><td>${production}</td><td>${here}</td></tr>`)}</tbody></table></div>`;
}

function checkedTable(parity: Parity): Html {
  return html`<p>Compared on ${startText(parity.madeAt)}: ${paritySentence(parity)}.</p>
<div class="scroll"><table class="parity"><thead><tr>${['component', 'production', 'staging', 'result'].map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${parity.rows.map(rowOf)}</tbody></table></div>
${parity.rows.map(differencesOf)}`;
}

function rowOf(row: CheckedRow): Html {
  const { component, production, staging, state, documented, notes } = row;
  const said = [...(documented === undefined ? [] : [documented]), ...notes];
  return html`<tr class="${TONES[state]}"><th scope="row">${component}</th><td>${production?.value ?? 'not known'}</td><td>${staging?.value ?? 'not known'}</td><td>${[WORDS[state], ...said].join('; ')}</td></tr>`;
}

function differencesOf({ component, differences = [], moreDifferences = 0 }: CheckedRow): Html | undefined {
  if (differences.length === 0) return undefined;
  const hidden = Math.max(0, differences.length - MAX_SHOWN) + moreDifferences;
  const all = differences.length + moreDifferences;
  return html`<details><summary>${component}: ${all} ${all === 1 ? 'difference' : 'differences'}</summary><ul>${differences.slice(0, MAX_SHOWN).map((each) => html`<li>${differenceText(each)}</li>`)}${hidden === 0 ? undefined : html`<li>and ${hidden} more</li>`}</ul></details>`;
}
