import { formatBytes, formatNumber } from '../figures.js';
import { memoryGrowthText } from '../memory-notes.js';
import type { ReportInput, ReportSetting } from '../report-input.js';
import { boxSection } from './box-section.js';
import { type Html, html } from './html.js';
import { paritySection } from './parity-section.js';
import { startText } from './verdict-section.js';

type Fact = readonly [string, string | undefined];

/** What ran where, with what, and how near that is to production: as far as it is known. */
export function environmentSection(input: ReportInput): Html {
  const said = (input.record.settings ?? []).filter(
    ({ source }) => ![source].flat().every((who) => who === 'default'),
  );
  return html`<section id="environment" aria-labelledby="environment-title">
<h2 id="environment-title">Environment</h2>
<div class="two">
${factTable('The run', runFacts(input))}
${input.summary.boxes === undefined ? factTable('This machine', [...hostFacts(input), ...loadFacts(input)]) : html`${factTable('The coordinator', hostFacts(input))}${factTable('The load boxes together', loadFacts(input))}`}
${factTable('The target', targetFacts(input))}
${preflightTable(input)}
</div>
${boxSection(input.summary)}
${paritySection(input)}
${said.length === 0 ? undefined : html`<details><summary>Settings that somebody made (${said.length})</summary>${settingsTable(said)}</details>`}
</section>`;
}

function runFacts({ summary: { run, gate }, record }: ReportInput): Fact[] {
  const { mix, rates, behaviour } = record;
  return [
    ['Id', run.id],
    ['Started', startText(run.startedAt)],
    ['Profile', run.profile],
    ['Viewers planned', mixText(record.planned.vus, record.planned.byProtocol)],
    ['With an account', formatNumber(record.planned.users)],
    [
      'Mix',
      mix &&
        Object.entries(mix)
          .map(([name, weight]) => `${name} ${weight}`)
          .join(', '),
    ],
    ['Rates', rates && ratesText(rates)],
    ['Behaviour', behaviour],
    ['Seed', String(run.seed)],
    [
      'Gate',
      gate === 'viewer'
        ? 'viewer: what viewers see and do; containers and databases are not looked at'
        : gate,
    ],
    ['dorami-load', run.version],
  ];
}

function mixText(vus: number, { hls, flv }: { readonly hls: number; readonly flv: number }): string {
  return `${vus} (${hls} HLS, ${flv} FLV)`;
}

/** `chatEveryMs: 10000` is `chat every 10 s`. */
function ratesText(rates: Readonly<Record<string, unknown>>): string {
  return Object.entries(rates)
    .filter(([, value]) => typeof value === 'number')
    .map(([name, value]) => {
      const words = name.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      const number = value as number;
      return name.endsWith('Ms')
        ? `${words} ${formatNumber(number / 1000)} s`
        : `${words} ${formatNumber(number)}`;
    })
    .join(', ');
}

function hostFacts({ summary: { run }, record: { host } }: ReportInput): Fact[] {
  const { usable } = host;
  return [
    ['Name', host.name],
    ['System', host.os],
    ['CPU', host.cpu === undefined ? undefined : `${host.cpu}, ${host.cores ?? '?'} cores`],
    ['May use', usable && `${formatNumber(usable.cores)} cores, ${formatBytes(usable.memoryBytes)}`],
    ['Node.js', run.nodeVersion],
  ];
}

/** What made the load, wherever it was made. */
function loadFacts({ summary: { run, generator, boxes } }: ReportInput): Fact[] {
  const ofLargest = boxes === undefined ? '' : ' (the largest box)';
  return [
    ['Workers', String(run.workers)],
    [
      'Memory at most',
      generator.rssBytes === null ? undefined : `${formatBytes(generator.rssBytes)}${ofLargest}`,
    ],
    [
      'Memory over the hold',
      generator.memoryGrowth && `${memoryGrowthText(generator.memoryGrowth)}${ofLargest}`,
    ],
    [
      'CPU per viewer',
      generator.cpuMsPerViewerSecond === null
        ? undefined
        : `${formatNumber(Math.round(generator.cpuMsPerViewerSecond * 100) / 100)} ms a second`,
    ],
  ];
}

function targetFacts({ record, summary: { boxes } }: ReportInput): Fact[] {
  const { target, embeddedStage, insecure, localIps = [] } = record;
  const parts: Fact[] = embeddedStage
    ? [
        [
          'Kind',
          'the stage that the run started for itself: a stand-in platform on the machine of the run, sharing its cores',
        ],
      ]
    : [
        ['API', target.apiUrl],
        ['Sockets', target.socketUrl === target.apiUrl ? undefined : target.socketUrl],
        ['FLV', target.flvUrl === target.apiUrl ? undefined : target.flvUrl],
        ['HLS', target.hlsUrl === target.apiUrl ? undefined : target.hlsUrl],
      ];
  return [
    ...parts,
    ['Certificates', insecure === true ? 'not checked (--insecure): anybody could have answered' : undefined],
    // Each box has addresses of its own, if any: those of the coordinator send no viewer.
    [
      'Came from',
      localIps.length > 0 && boxes === undefined ? `${localIps.length} addresses of this machine` : undefined,
    ],
    ['Writes', record.planned.writes ? 'chat and carts allowed' : 'not allowed: viewers watched and read'],
  ];
}

function factTable(title: string, facts: readonly Fact[]): Html {
  return html`<div><h3>${title}</h3><dl class="facts-table">${facts.map(([name, value]) => (value === undefined || value === '' ? undefined : html`<div><dt>${name}</dt><dd>${value}</dd></div>`))}</dl></div>`;
}

function preflightTable({ record: { preflight }, summary: { boxes } }: ReportInput): Html {
  // One viewer is sent ahead, from where the run is begun.
  const title = boxes === undefined ? 'Before the run' : 'Before the run, from the coordinator';
  if (preflight === undefined)
    return html`<div><h3>Before the run</h3><p>Nobody was sent ahead (--no-preflight).</p></div>`;
  return html`<div><h3>${title}</h3><ul class="checks">${preflight.checks.map(({ part, status, text }) => html`<li class="${status === 'ok' ? 'ok' : 'warning'}"><b>${part}</b> ${text}</li>`)}</ul></div>`;
}

function settingsTable(settings: readonly ReportSetting[]): Html {
  return html`<div class="scroll"><table><thead><tr><th scope="col">setting</th><th scope="col">value</th><th scope="col">said by</th></tr></thead><tbody>${settings.map(
    ({ key, value, source }) =>
      html`<tr><th scope="row">${key}</th><td>${[value ?? '–'].flat().map(String).join(', ')}</td><td>${[...new Set([source].flat())].join(', ')}</td></tr>`,
  )}</tbody></table></div>`;
}
