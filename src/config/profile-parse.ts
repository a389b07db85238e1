import type { ConfigIssue } from '../errors.js';
import type { Rates } from '../scenarios/agenda.js';
import { meanCrowd, stagesOfArrivals } from '../scenarios/arrivals.js';
import { parseFaults } from '../scenarios/fault-parse.js';
import type { FaultStep } from '../scenarios/fault-step.js';
import type { Mix, Profile, Stage } from '../scenarios/profile.js';
import { rowsOfLoad } from '../scenarios/row-groups.js';
import { stagesOfSteps } from '../scenarios/steps.js';
import { isKpiId, KPI_IDS } from '../stats/kpis.js';
import { parseArrivals } from './arrivals.js';
import { nearest } from './did-you-mean.js';
import { Fields, isRecord, shown } from './fields.js';
import { MAX_STAGES, NAME, NAME_WANTED, parseStages, parseSteps } from './profile-stages.js';
import { resolveRates } from './rates.js';
import { parseMix } from './values.js';

/** Every key of a profile file; `$schema` says where its JSON Schema is. */
export const PROFILE_KEYS: readonly string[] = [
  '$schema',
  'name',
  'title',
  'stages',
  'steps',
  'arrivals',
  'rates',
  'mix',
  'faults',
  'judges',
  'changes-per-s',
];

const LONGEST_TITLE = 200;
const LEAST_TOTAL_MS = 1000;
const LONGEST_TOTAL_MS = 7 * 24 * 3_600_000;
const MIX: Mix = { hls: 70, flv: 30 };

/**
 * A profile as a file says it. Everything that is wrong is one of `issues`, each with the path of its key
 * (`stages[2].for`); with an issue there is no profile.
 * @param value what stands in the file, as plain values
 * @param usualName its name when it says none
 */
export function parseProfile(value: unknown, usualName: string, issues: ConfigIssue[]): Profile | undefined {
  const before = issues.length;
  const fields = new Fields(value, '', issues, PROFILE_KEYS);
  const name = fields.text('name') ?? usualName;
  if (!NAME.test(name)) fields.refuse('name', 'not a name', shown(name), NAME_WANTED);
  const title = fields.text('title') ?? 'a profile of your own';
  if (title.length > LONGEST_TITLE || /\p{Cc}/u.test(title))
    fields.refuse('title', 'not one line', shown(title), `one line, at most ${LONGEST_TITLE} characters`);
  const shape = parseShape(fields, issues);
  const rates = parseRates(fields, issues);
  const mix = parseWeights(fields);
  const faults = parseFaultsOf(fields, shape?.stages ?? [], issues);
  for (const [index, fault] of faults.entries()) checkPlace(fault, index, shape?.stages ?? [], issues);
  const judges = parseJudges(fields);
  const changesPerS = fields.number('changes-per-s', 0.1, 10_000);
  if (issues.length > before || shape === undefined) return undefined;
  const { vus, ...drawn } = shape;
  const load = { ...drawn, ...(faults.length === 0 ? {} : { faults }) };
  return {
    ...{ name, title, ...load, rates },
    ...(changesPerS === undefined ? {} : { changesPerS }),
    judges: judges ?? rowsOfLoad(load),
    defaults: { vus, mix },
  };
}

type Shape = Pick<Profile, 'stages' | 'steps' | 'arrivals'> & { readonly vus: number };

const SHAPES: readonly string[] = ['stages', 'steps', 'arrivals'];

/** Who is there when: by stages, by steps, or by arrivals. */
function parseShape(fields: Fields, issues: ConfigIssue[]): Shape | undefined {
  const given = SHAPES.filter((key) => fields.has(key));
  const [key] = given;
  if (key === undefined || given.length > 1) {
    const problem = key === undefined ? 'nothing says who comes when' : `contradicts ${given[0]}`;
    fields.refuse(given[1] ?? 'stages', problem, undefined, `one of ${SHAPES.join(', ')}`);
    // What is wrong within each is said all the same.
    for (const one of given) SHAPE_OF[one]?.(fields, issues);
    return undefined;
  }
  const shape = SHAPE_OF[key]?.(fields, issues);
  if (shape === undefined) return undefined;
  const totalMs = shape.stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
  if (totalMs < LEAST_TOTAL_MS || totalMs > LONGEST_TOTAL_MS)
    fields.refuse(key, 'in all out of range', `${totalMs / 1000}s`, '1s to 168h');
  if (!shape.stages.some(({ role }) => JUDGED.has(role)))
    fields.refuse(key, 'no stage to judge by', undefined, `one of the role ${[...JUDGED].join(', ')}`);
  return shape;
}

/** Roles of stages in which rows find what ordinary watching is. */
const JUDGED: ReadonlySet<string> = new Set(['hold', 'step', 'burst']);

const SHAPE_OF: Readonly<Record<string, (fields: Fields, issues: ConfigIssue[]) => Shape | undefined>> = {
  stages(fields, issues) {
    const list = fields.list('stages', MAX_STAGES);
    return list.length === 0 ? undefined : parseStages(list, 'stages', issues);
  },
  steps(fields, issues) {
    const steps = parseSteps(fields.raw('steps'), issues);
    return steps && { steps, stages: stagesOfSteps(steps), vus: steps.levels.at(-1) ?? 1 };
  },
  arrivals(fields, issues) {
    const text = fields.text('arrivals');
    const arrivals = text === undefined ? undefined : parseArrivals(text, 'arrivals', issues);
    if (arrivals === undefined) return undefined;
    const vus = Math.max(1, Math.ceil(meanCrowd(arrivals)));
    return { arrivals, stages: stagesOfArrivals(arrivals), vus };
  },
};

/** `rates: { chat: 30s, cart-add: 5% }`, as `--rate` has them. */
function parseRates(fields: Fields, issues: ConfigIssue[]): Rates {
  const value = fields.raw('rates');
  if (value === undefined) return {};
  if (!isRecord(value)) {
    fields.refuse('rates', 'not a mapping', shown(value), 'e.g. { chat: 30s, products: 60s }');
    return {};
  }
  const pairs = Object.entries(value).map(([name, one]) => `${name}=${shown(one)}`);
  const found: ConfigIssue[] = [];
  const rates = resolveRates(pairs, {}, found);
  issues.push(...found.map((issue) => ({ ...issue, path: ratePath(issue) })));
  return rates;
}

function ratePath({ seen = '' }: ConfigIssue): string {
  return `rates.${seen.split('=')[0] ?? ''}`;
}

/** `mix: { hls: 70, flv: 30 }`, or as `--mix` has it. */
function parseWeights(fields: Fields): Mix {
  const value = fields.raw('mix');
  if (value === undefined) return MIX;
  const text = isRecord(value)
    ? Object.entries(value)
        .map(([name, weight]) => `${name}=${shown(weight)}`)
        .join(',')
    : shown(value);
  const mix = parseMix(text);
  if (mix === undefined) fields.refuse('mix', 'not a mix', shown(value), 'e.g. { hls: 70, flv: 30 }');
  return mix ?? MIX;
}

function parseFaultsOf(
  fields: Fields,
  stages: readonly Stage[],
  issues: ConfigIssue[],
): readonly FaultStep[] {
  if (!fields.has('faults')) return [];
  const names = stages.map(({ name }) => name);
  const { faults, issues: found } = parseFaults(fields.raw('faults'), 'faults', names);
  // Without stages every fault would name one that is not there.
  const real = found.filter(({ path }) => names.length > 0 || !path.endsWith('.stage'));
  const places = new Map(faults.map(({ name }, index) => [`faults.${name}`, `faults[${index}]`]));
  for (const issue of real) {
    const [fault = ''] = /^faults\.[^.]*(?=\.)/.exec(issue.path) ?? [];
    issues.push({ ...issue, path: (places.get(fault) ?? fault) + issue.path.slice(fault.length) });
  }
  return faults;
}

/** What breaks belongs into a stage of its own, or it would be judged as ordinary watching. */
function checkPlace(
  { stage: name, atMs, forMs }: FaultStep,
  index: number,
  stages: readonly Stage[],
  issues: ConfigIssue[],
): void {
  const stage = stages.find((one) => one.name === name);
  if (stage === undefined) return;
  if (stage.role !== 'fault') {
    const problem = `${name} is of the role ${stage.role}: what breaks there would be judged as usual`;
    issues.push({ path: `faults[${index}].stage`, problem, wanted: 'a stage of the role fault' });
  } else if (atMs + forMs > stage.durationMs) {
    const problem = `lasts longer than its stage ${name}`;
    const wanted = 'a stage that ends with the fault or, better, 10s after it';
    issues.push({ path: `faults[${index}].for`, problem, wanted });
  }
}

/** Ids of rows; absent = all that such a load can fill. */
function parseJudges(fields: Fields): readonly string[] | undefined {
  if (!fields.has('judges')) return undefined;
  const ids = fields.list('judges', KPI_IDS.length);
  const seen = new Set<unknown>();
  ids.forEach((id, index) => {
    const near = typeof id === 'string' ? nearest(id, KPI_IDS) : undefined;
    if (typeof id !== 'string' || !isKpiId(id)) {
      const problem = near === undefined ? 'no such row' : `no such row, did you mean ${near}?`;
      fields.refuse(`judges[${index}]`, problem, shown(id), 'an id of docs/kpi.md');
    } else if (seen.has(id)) fields.refuse(`judges[${index}]`, 'named twice', id);
    seen.add(id);
  });
  return ids.map(String);
}
