import type { ConfigIssue } from '../errors.js';
import type { StageRates } from '../scenarios/agenda.js';
import type { Stage, StageRole } from '../scenarios/profile.js';
import type { Steps } from '../scenarios/steps.js';
import { Fields, isRecord, shown } from './fields.js';
import { MAX_VUS } from './live.js';
import { parseStageRates } from './rates.js';

/** The records of a run keep so many phases apart. */
export const MAX_STAGES = 31;
const MAX_CHAT_PER_S = 10_000;

export const ROLES = [
  'ramp',
  'hold',
  'spike',
  'burst',
  'fault',
  'step',
  'recovery',
  'drain',
] as const satisfies readonly StageRole[];

export const STAGE_KEYS: readonly string[] = ['name', 'role', 'for', 'from', 'to', 'rates', 'chat', 'least'];
export const STEP_KEYS: readonly string[] = ['levels', 'hold', 'rise', 'drain'];

/** Names of phases stand in every record of a run, those of profiles in the names of folders. */
export const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,39}$/;
export const NAME_WANTED = 'a letter, then letters, digits, - and _, at most 40';
/** What the records of a run call everything that belongs to no phase. */
const TAKEN_NAMES: readonly string[] = ['other'];

/** A stage with its levels in viewers. */
interface Leveled {
  readonly stage: Omit<Stage, 'fromShare' | 'toShare'>;
  readonly from: number;
  readonly to: number;
}

/** Stages as a file draws them, with the highest level; undefined when nothing could be read. */
export function parseStages(
  value: readonly unknown[],
  path: string,
  issues: ConfigIssue[],
): { readonly stages: readonly Stage[]; readonly vus: number } | undefined {
  const before = issues.length;
  const leveled: Leveled[] = [];
  const names = new Set<string>();
  let level = 0;
  for (const [index, one] of value.entries()) {
    const fields = new Fields(one, `${path}[${index}]`, issues, STAGE_KEYS);
    const read = parseStage(fields, level, issues);
    if (read === undefined) continue;
    const { name } = read.stage;
    if (names.has(name)) fields.refuse('name', 'named twice', name);
    names.add(name);
    level = read.to;
    leveled.push(read);
  }
  if (issues.length > before) return undefined;
  const vus = Math.max(...leveled.flatMap(({ from, to }) => [from, to]));
  if (!(vus > 0)) {
    issues.push({ path, problem: 'no stage has a viewer', wanted: 'to: 50' });
    return undefined;
  }
  const stages = leveled.map(({ stage, from, to }) => ({
    ...stage,
    fromShare: from / vus,
    toShare: to / vus,
  }));
  return { stages, vus: Math.max(1, Math.ceil(vus)) };
}

/** @param level that the stage before ended at */
function parseStage(fields: Fields, level: number, issues: ConfigIssue[]): Leveled | undefined {
  const name = fields.text('name');
  if (!fields.has('name')) fields.refuse('name', 'missing');
  else if (name !== undefined && (!NAME.test(name) || TAKEN_NAMES.includes(name)))
    fields.refuse('name', 'not a name', shown(name), NAME_WANTED);
  const role = fields.oneOf('role', ROLES);
  if (!fields.has('role')) fields.refuse('role', 'missing', undefined, ROLES.join(', '));
  const durationMs = fields.span('for');
  if (!fields.has('for')) fields.refuse('for', 'missing: how long it is', undefined, 'e.g. 5m');
  const from = fields.number('from', 0, MAX_VUS) ?? level;
  const to = fields.number('to', 0, MAX_VUS) ?? from;
  const chatPerS = parseChat(fields);
  const leastMs = fields.span('least');
  const rates = parseStageRatesOf(fields, issues);
  if (chatPerS !== undefined && rates?.chatEveryMs !== undefined)
    fields.refuse('chat', 'contradicts rates.chat', undefined, 'one of the two');
  if (name === undefined || role === undefined || durationMs === undefined) return undefined;
  const stage = {
    ...{ name, role, durationMs },
    ...(rates === undefined ? {} : { rates }),
    ...(chatPerS === undefined ? {} : { chatPerS }),
    ...(leastMs === undefined ? {} : { leastMs }),
  };
  return { stage, from, to };
}

/** `50/s`: of all viewers together. */
function parseChat(fields: Fields): number | undefined {
  const value = fields.raw('chat');
  if (value === undefined) return undefined;
  const perS = typeof value === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*\/\s*s\s*$/.exec(value)?.[1] : undefined;
  if (perS !== undefined && Number(perS) > 0 && Number(perS) <= MAX_CHAT_PER_S) return Number(perS);
  const wanted = `messages a second of all viewers together, e.g. 50/s, at most ${MAX_CHAT_PER_S}/s`;
  fields.refuse('chat', 'not a rate', shown(value), wanted);
  return undefined;
}

function parseStageRatesOf(fields: Fields, issues: ConfigIssue[]): StageRates | undefined {
  const value = fields.raw('rates');
  if (value === undefined) return undefined;
  if (isRecord(value)) return parseStageRates(value, fields.path('rates'), issues);
  fields.refuse('rates', 'not a mapping', shown(value), 'e.g. { chat: 10s, products: off }');
  return undefined;
}

/** `steps: { levels: [100, 300], hold: 5m, rise: 1m, drain: 1m }`; undefined when it cannot be used. */
export function parseSteps(value: unknown, issues: ConfigIssue[]): Steps | undefined {
  const before = issues.length;
  const fields = new Fields(value, 'steps', issues, STEP_KEYS);
  const levels = fields.list('levels', (MAX_STAGES - 1) / 2).map(Number);
  if (!fields.has('levels')) fields.refuse('levels', 'missing', undefined, 'e.g. [100, 300, 500]');
  levels.forEach((level, index) => {
    const isWhole = Number.isInteger(level) && level >= 1 && level <= MAX_VUS;
    if (isWhole && level > (levels[index - 1] ?? 0)) return;
    const problem = isWhole ? 'no higher than the step before' : 'not a number of viewers';
    fields.refuse(`levels[${index}]`, problem, String(level), `whole numbers from 1 to ${MAX_VUS}, rising`);
  });
  const holdMs = fields.span('hold', 1000) ?? 5 * 60_000;
  const riseMs = fields.span('rise') ?? 60_000;
  const drainMs = fields.span('drain') ?? 60_000;
  return issues.length > before ? undefined : { levels, riseMs, holdMs, drainMs };
}
