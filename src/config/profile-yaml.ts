import { type FaultStep, mayNameClass } from '../scenarios/fault-step.js';
import type { Profile, Stage } from '../scenarios/profile.js';
import { type Peer, peerWords } from '../scenarios/real-fault.js';
import { rowsOfLoad } from '../scenarios/row-groups.js';
import { formatArrivals } from './arrivals.js';
import { exactSpan, ratePairs, stageRatePairs } from './rates.js';

const COLUMNS = 100;

/**
 * A profile as a file that `--profile` reads: the same load again, and where to begin one's own.
 * @param schema where an editor finds the JSON Schema, path or URL
 */
export function profileYaml(profile: Profile, schema: string): string {
  const { name, title, changesPerS, rates, judges, faults = [] } = profile;
  const { mix, vus } = profile.defaults;
  const own = [...judges].sort().join() === [...rowsOfLoad(profile)].sort().join() ? [] : judges;
  return [
    `# yaml-language-server: $schema=${schema}`,
    '# A profile: who comes when, what they do, and what it is judged by. Run it with',
    `# dorami-load --profile THIS-FILE.yaml; --vus, --hold and --time-scale work as with any other.`,
    `name: ${quoted(`my-${name}`)}`,
    `title: ${quoted(title)}`,
    '',
    ...shapeLines(profile, vus),
    '',
    '# How often one viewer acts: chat, products, status, notices, cart (spans), cart-add and orders (shares).',
    `rates: { ${pairs(ratePairs(rates))} }`,
    '# What viewers start with, as weights.',
    `mix: { hls: ${mix.hls}, flv: ${mix.flv} }`,
    ...(changesPerS === undefined
      ? []
      : [
          '# Slopes grow, so that no more than this come or go in a second.',
          `changes-per-s: ${changesPerS}`,
        ]),
    ...(faults.length === 0 ? [] : ['', ...faultLines(faults)]),
    ...(own.length === 0
      ? []
      : ['', '# Rows of docs/kpi.md; absent = all that such a load can fill.', ...list('judges', own)]),
    '',
  ].join('\n');
}

function shapeLines({ stages, steps, arrivals }: Profile, vus: number): string[] {
  if (arrivals !== undefined) {
    return [
      '# RATE for TIME, stay TIME. `12/s paced` comes at even distances, `stay about 3m` is an average.',
      `arrivals: ${formatArrivals(arrivals)}`,
    ];
  }
  if (steps !== undefined) {
    return [
      '# Each level is held and judged by itself.',
      `steps: { levels: [${steps.levels.join(', ')}], hold: ${exactSpan(steps.holdMs)}, rise: ${exactSpan(steps.riseMs)}, drain: ${exactSpan(steps.drainMs)} }`,
    ];
  }
  return [
    '# Stages in order; from and to are viewers. Without `from` a stage begins where the one before it ended,',
    '# without `to` it is level. What is judged depends on the role: ramp, hold, spike, burst, fault, step,',
    '# recovery, drain. `least` is what a time scale leaves of it, `chat: 50/s` counts all viewers together.',
    'stages:',
    ...stages.map((stage, index) => `  - ${stageText(stage, stages[index - 1], vus)}`),
  ];
}

function stageText(stage: Stage, before: Stage | undefined, vus: number): string {
  const { name, role, durationMs, fromShare, toShare, rates, chatPerS, leastMs } = stage;
  const parts = [`name: ${name}`, `role: ${role}`, `for: ${exactSpan(durationMs)}`];
  if (fromShare !== (before?.toShare ?? 0)) parts.push(`from: ${viewers(fromShare, vus)}`);
  if (toShare !== fromShare) parts.push(`to: ${viewers(toShare, vus)}`);
  if (rates !== undefined) parts.push(`rates: { ${stageRatePairs(rates).join(', ')} }`);
  if (chatPerS !== undefined) parts.push(`chat: ${chatPerS}/s`);
  if (leastMs !== undefined) parts.push(`least: ${exactSpan(leastMs)}`);
  return `{ ${parts.join(', ')} }`;
}

function viewers(share: number, vus: number): number {
  return Number((share * vus).toFixed(6));
}

function faultLines(faults: readonly FaultStep[]): string[] {
  return [
    '# What breaks: so long after the begin of its stage, for so long; no time scale changes either.',
    'faults:',
    ...faults.map((fault) => `  - ${faultText(fault)}`),
  ];
}

function faultText({ name, stage, atMs, forMs, action, breaks }: FaultStep): string {
  const parts = [
    `name: ${name}`,
    `stage: ${stage}`,
    ...(atMs === 0 ? [] : [`at: ${exactSpan(atMs)}`]),
    `do: { ${actionText(action)} }`,
  ];
  if (forMs > 0) parts.push(`for: ${exactSpan(forMs)}`);
  if (mayNameClass(action)) parts.push(`breaks: ${breaks}`);
  return `{ ${parts.join(', ')} }`;
}

function actionText(action: FaultStep['action']): string {
  if (action.on === 'run') {
    const undo = action.undo === undefined ? [] : [`undo: ${quoted(action.undo)}`];
    return [`run: ${quoted(action.command)}`, ...undo, `timeout: ${exactSpan(action.timeLimitMs)}`].join(
      ', ',
    );
  }
  if (action.on !== 'stage') return realText(action);
  const more = Object.entries(action.parameters).map(
    ([name, value]) => `${name}: ${typeof value === 'number' ? value : quoted(value)}`,
  );
  return [`stage: ${action.kind}`, ...more].join(', ');
}

/** `network: partition, real: true, direction: in, peer: "10.0.0.5:80"`. */
function realText(action: Exclude<FaultStep['action'], { on: 'run' | 'stage' }>): string {
  const parts = [`${action.on}: ${action.do}`];
  const peersIn = (peers: readonly Peer[]): void => {
    if (peers.length > 0) parts.push(`peer: [${peers.map((peer) => quoted(peerWords(peer))).join(', ')}]`);
  };
  if (action.on === 'container') {
    parts.push(`name: ${quoted(action.container)}`);
    if (action.network !== undefined) parts.push(`network: ${quoted(action.network)}`);
  } else if (action.on === 'process') {
    if (action.pidof !== undefined) parts.push(`pidof: ${quoted(action.pidof)}`);
    if (action.pidFile !== undefined) parts.push(`pid-file: ${quoted(action.pidFile)}`);
    if (action.start !== undefined) parts.push(`start: [${action.start.map(quoted).join(', ')}]`);
  } else if (action.do === 'partition' && action.cut !== undefined) {
    parts.push('real: true', `direction: ${action.cut.direction}`);
    peersIn(action.cut.peers);
  } else if (action.do === 'throttle') {
    parts.push(`rate: ${action.bitsPerS}`);
    if (action.interface !== undefined) parts.push(`interface: ${quoted(action.interface)}`);
    peersIn(action.peers);
  } else if (action.do === 'link-down') parts.push(`interface: ${quoted(action.interface)}`);
  return parts.join(', ');
}

/** `chat=30s` -> `chat: 30s`. */
function pairs(given: readonly string[]): string {
  return given.map((pair) => pair.replace('=', ': ')).join(', ');
}

function list(key: string, entries: readonly string[]): string[] {
  const lines = [`${key}:`, '  ['];
  for (const entry of entries) {
    const last = lines.at(-1) ?? '';
    if (last.length + entry.length + 3 > COLUMNS) lines.push(`    ${entry},`);
    else lines[lines.length - 1] = last === '  [' ? `  [ ${entry},` : `${last} ${entry},`;
  }
  return [...lines, '  ]'];
}

/** YAML that reads back as this text. */
function quoted(text: string): string {
  return /^[A-Za-z][\w-]*$/.test(text) && !/^(true|false|null|yes|no)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
