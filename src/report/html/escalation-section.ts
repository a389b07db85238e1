import { formatClock, formatNumber } from '../figures.js';
import { type Html, html } from './html.js';

/** What a run that looks for the breaking point has in its summary. */
export interface Escalation {
  readonly sentence: string;
  /** false = cut short: the breaking point is not known to 5 %. */
  readonly finished: boolean;
  readonly targetVus: number;
  readonly holds: number;
  readonly breaksAt: number | null;
  readonly headroomPct: number | null;
  /** Phase of the step whose rows are the gate's. */
  readonly decidingStep: string | null;
  readonly steps: readonly EscalationStep[];
}

interface EscalationStep {
  readonly vus: number;
  readonly outcome: 'held' | 'broke' | 'generator' | 'unknown';
  readonly phase: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly failed: readonly { readonly words: string }[];
  readonly reason: string;
}

const OUTCOMES: Readonly<Record<EscalationStep['outcome'], readonly [string, string, string]>> = {
  held: ['✓', 'pass', 'held'],
  broke: ['✗', 'fail', 'broke'],
  generator: ['!', 'invalid', 'the generator gave way first'],
  unknown: ['?', 'no_data', 'no data'],
};

/** What an escalation found, and its steps by the number of viewers; undefined where nobody looked for it. */
export function escalationSection(escalation: Escalation | undefined): Html | undefined {
  if (escalation === undefined) return undefined;
  const { sentence, finished, targetVus, holds, breaksAt, headroomPct, decidingStep, steps } = escalation;
  const most = Math.max(targetVus, ...steps.map(({ vus }) => vus), 1);
  const headroom = headroomPct === null ? '–' : `${formatNumber(Math.round(headroomPct))} %`;
  return html`<section id="escalation" aria-labelledby="escalation-title">
<h2 id="escalation-title">How many viewers it carries</h2>
<p class="sentence">${sentence}</p>
<p class="soft">Held ${holds}, broke at ${breaksAt ?? '–'}, target ${targetVus}, headroom over it ${headroom}. ${finished ? 'The breaking point is known to 5 %.' : 'Cut short: the breaking point is not known to 5 %.'}${decidingStep === null ? '' : ` The gate below shows the rows of ${decidingStep}.`}</p>
<div class="scroll"><table class="steps"><thead><tr><th scope="col">viewers</th><th scope="col"></th><th scope="col">outcome</th><th scope="col">measured at</th><th scope="col">because</th></tr></thead>
<tbody>${[...steps].sort((a, b) => a.vus - b.vus).map((step) => stepRow(step, most))}</tbody></table></div>
</section>`;
}

function stepRow({ vus, outcome, fromMs, toMs, phase, failed, reason }: EscalationStep, most: number): Html {
  const [mark, tone, word] = OUTCOMES[outcome];
  const why = failed.length > 0 ? failed.map(({ words }) => words).join('; ') : reason;
  const width = Math.round((vus / most) * 160);
  return html`<tr class="${tone}"><th scope="row">${vus}</th><td><svg class="bar" width="160" height="10" aria-hidden="true"><rect width="${width}" height="10"/></svg></td><td class="outcome">${mark} ${word}</td><td>${formatClock(fromMs)}–${formatClock(toMs)} <small>${phase}</small></td><td>${why}</td></tr>`;
}
