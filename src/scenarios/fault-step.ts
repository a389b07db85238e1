import type { ConfigIssue } from '../errors.js';
import type { FaultClass } from '../events.js';

/**
 * What a fault breaks, which decides how its mending is judged.
 *
 * | class | what is broken |
 * |---|---|
 * | network | the way between viewers and platform: media, sockets and API alike |
 * | publisher | the broadcaster's own connection: the platform is up and has nothing to send |
 * | media | the media server: sockets and API go on |
 * | other | anything else: it is made and told of, and no row is judged by it |
 */
export const FAULT_CLASSES = [
  'network',
  'publisher',
  'media',
  'other',
] as const satisfies readonly FaultClass[];

/** What is done. Where a form names no tool, the run finds one: the stage's controls, or the publisher's. */
export type FaultAction =
  /** `partition`: nothing passes and nothing is closed; `reset`: every connection is reset, and may be made anew. */
  | { readonly on: 'network'; readonly do: 'partition' | 'reset' }
  /** `stop`: the connection ends, a new one comes after the fault; `pause`: it stays, and no media goes out. */
  | { readonly on: 'publisher'; readonly do: 'stop' | 'pause' }
  /** The media server is gone, and comes back as a restarted one does. */
  | { readonly on: 'media'; readonly do: 'kill' }
  /** Any control of the stage, by its name. */
  | {
      readonly on: 'stage';
      readonly kind: string;
      readonly parameters: Readonly<Record<string, string | number>>;
    }
  /** Any command of this machine's shell; `undo` mends what it broke, whatever becomes of the run. */
  | {
      readonly on: 'run';
      readonly command: string;
      readonly undo?: string;
      /** Each of the two is ended after so long. */
      readonly timeLimitMs: number;
    };

/** One fault of a profile: at `atMs` from the begin of `stage` something is broken, `forMs` later it is mended. */
export interface FaultStep {
  /** Unique in its profile; letters, digits and `. _ -`. */
  readonly name: string;
  /** Name of a stage of the profile. */
  readonly stage: string;
  /** Never scaled. */
  readonly atMs: number;
  /** Never scaled; 0 = it happens at one moment, and what comes after it is the mending. */
  readonly forMs: number;
  readonly action: FaultAction;
  readonly breaks: FaultClass;
  /** How long the platform waits for a publisher that is gone before it calls the stream over (contract 3.5). */
  readonly graceMs: number;
}

/** The grace of the real platform (contract 3.5). */
export const PUBLISHER_GRACE_MS = 45_000;

const NAME = /^[A-Za-z0-9_.-]{1,40}$/;
const LONGEST_MS = 24 * 3_600_000;
const COMMAND_TIME_LIMIT_MS = 10_000;
const LONGEST_COMMAND_MS = 600_000;
const LONGEST_COMMAND_CHARS = 2000;
const MAX_FAULTS = 50;

/** Controls of the stage that break what a class names. */
const STAGE_CLASSES: Readonly<Record<string, FaultClass>> = {
  blackhole: 'network',
  'reset-all': 'network',
  'drop-sockets': 'network',
  'drop-publisher': 'publisher',
  'kill-media': 'media',
};

export interface FaultParsing {
  readonly faults: readonly FaultStep[];
  readonly issues: readonly ConfigIssue[];
}

/**
 * Reads the `faults` of a profile file, all problems at once:
 * ```
 * - name: partition
 *   stage: partition
 *   at: 0s
 *   do: { network: partition }        network: partition | reset      publisher: stop | pause      media: kill
 *   for: 10s                          stage: NAME, PARAMETER: VALUE   run: COMMAND, undo: COMMAND, timeout: 10s
 * ```
 * `breaks` says the class where the action does not; `grace` is the platform's own for a publisher.
 * @param path where the list stands, for the issues
 * @param stages names of the profile's stages
 */
export function parseFaults(value: unknown, path: string, stages: readonly string[]): FaultParsing {
  if (!Array.isArray(value) || value.length > MAX_FAULTS) {
    const wanted = `a list of at most ${MAX_FAULTS} faults`;
    return { faults: [], issues: [{ path, problem: 'not a list of faults', wanted }] };
  }
  const issues: ConfigIssue[] = [];
  const faults = value.flatMap((one, index) => parseFault(one, new Problems(`${path}[${index}]`, issues)));
  return { faults, issues: [...issues, ...faultIssues(faults, path, stages)] };
}

/** What is wrong with faults that are steps already: names, stages, spans. */
export function faultIssues(
  faults: readonly FaultStep[],
  path: string,
  stages: readonly string[],
): readonly ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const names = new Set<string>();
  for (const fault of faults) {
    const { name, stage, action, forMs } = fault;
    const problems = new Problems(`${path}.${name}`, issues);
    if (!NAME.test(name)) problems.add('name', 'not a name', name, 'letters, digits, . _ and -, at most 40');
    else if (names.has(name)) problems.add('name', 'named twice', name);
    names.add(name);
    if (!stages.includes(stage)) problems.add('stage', 'no such stage', stage, stages.join(', '));
    problems.span('at', fault.atMs, LONGEST_MS);
    problems.span('for', forMs, LONGEST_MS);
    problems.span('grace', fault.graceMs, LONGEST_MS);
    const isOneMoment = action.on === 'network' && action.do === 'reset';
    if (forMs === 0 && (action.on === 'media' || action.on === 'publisher' || isPartition(action)))
      problems.add('for', 'missing: how long it lasts', undefined, 'e.g. 10s');
    if (forMs === 0 && action.on === 'run' && action.undo !== undefined)
      problems.add('for', 'missing: when it is undone', undefined, 'e.g. 10s');
    if (forMs > 0 && isOneMoment)
      problems.add('for', 'a reset happens at one moment', `${forMs} ms`, 'no `for`');
  }
  return issues;
}

/** A line for plans and reports: `network partition for 10 s`. Commands are shown as they stand. */
export function faultWords({ action, forMs }: Pick<FaultStep, 'action' | 'forMs'>): string {
  const span = forMs > 0 ? ` for ${forMs / 1000} s` : '';
  if (action.on === 'run') {
    const undo = action.undo === undefined ? '' : `, undone by \`${action.undo}\``;
    return `\`${action.command}\`${span}${undo}`;
  }
  return action.on === 'stage' ? `stage ${action.kind}${span}` : `${action.on} ${action.do}${span}`;
}

/** Whether any of the faults runs a command of this machine. */
export function runsCommands(faults: readonly FaultStep[]): boolean {
  return faults.some(({ action }) => action.on === 'run');
}

function isPartition(action: FaultAction): boolean {
  return action.on === 'network' && action.do === 'partition';
}

const KEYS = ['name', 'stage', 'at', 'do', 'for', 'breaks', 'grace'];

function parseFault(value: unknown, problems: Problems): FaultStep[] {
  if (!isRecord(value)) {
    problems.add('', 'not a fault', undefined, `an object with ${KEYS.join(', ')}`);
    return [];
  }
  for (const key of Object.keys(value)) if (!KEYS.includes(key)) problems.unknown(key, KEYS);
  const action = parseAction(value.do, problems);
  const name = problems.text('name', value.name);
  const stage = problems.text('stage', value.stage);
  const atMs = problems.duration('at', value.at, 0);
  const forMs = problems.duration('for', value.for, 0);
  const graceMs = problems.duration('grace', value.grace, PUBLISHER_GRACE_MS);
  const breaks = parseClass(value.breaks, action, problems);
  if (action === undefined || breaks === undefined || name === undefined || stage === undefined) return [];
  if (atMs === undefined || forMs === undefined || graceMs === undefined) return [];
  return [{ name, stage, atMs, forMs, action, breaks, graceMs }];
}

function parseClass(
  value: unknown,
  action: FaultAction | undefined,
  problems: Problems,
): FaultClass | undefined {
  if (action === undefined) return undefined;
  const own = classOf(action);
  if (value === undefined) return own;
  const named = FAULT_CLASSES.find((name) => name === value);
  if (named === undefined) problems.add('breaks', 'no such class', shown(value), FAULT_CLASSES.join(', '));
  else if (action.on !== 'run' && action.on !== 'stage' && named !== own) {
    problems.add('breaks', `${action.on} breaks ${own}`, named, 'no `breaks`');
  }
  return named;
}

/** The class that an action is of by itself. */
export function classOf(action: FaultAction): FaultClass {
  if (action.on === 'run') return 'other';
  return action.on === 'stage' ? (STAGE_CLASSES[action.kind] ?? 'other') : action.on;
}

const FORMS: Readonly<Record<string, readonly string[]>> = {
  network: ['partition', 'reset'],
  publisher: ['stop', 'pause'],
  media: ['kill'],
};

function parseAction(value: unknown, problems: Problems): FaultAction | undefined {
  const wanted = 'one of network, publisher, media, stage, run: e.g. { network: partition }';
  if (!isRecord(value)) {
    problems.add('do', 'not an action', value === undefined ? undefined : shown(value), wanted);
    return undefined;
  }
  const named = ['network', 'publisher', 'media', 'stage', 'run'].filter((key) => Object.hasOwn(value, key));
  const [on] = named;
  if (on === undefined || named.length > 1) {
    problems.add('do', named.length > 1 ? 'more than one action' : 'not an action', undefined, wanted);
    return undefined;
  }
  if (on === 'stage') return stageAction(value, problems);
  if (on === 'run') return runAction(value, problems);
  for (const key of Object.keys(value)) if (key !== on) problems.unknown(`do.${key}`, [on]);
  const forms = FORMS[on] ?? [];
  const what = value[on];
  if (typeof what !== 'string' || !forms.includes(what)) {
    problems.add(`do.${on}`, 'no such action', shown(what), forms.join(', '));
    return undefined;
  }
  return { on, do: what } as FaultAction;
}

function stageAction(value: Readonly<Record<string, unknown>>, problems: Problems): FaultAction | undefined {
  const { stage, ...rest } = value;
  const kind = problems.text('do.stage', stage);
  const parameters: Record<string, string | number> = {};
  for (const [name, one] of Object.entries(rest)) {
    if (typeof one === 'string' || typeof one === 'number') parameters[name] = one;
    else problems.add(`do.${name}`, 'neither a text nor a number', shown(one));
  }
  return kind === undefined ? undefined : { on: 'stage', kind, parameters };
}

const RUN_KEYS = ['run', 'undo', 'timeout'];

function runAction(value: Readonly<Record<string, unknown>>, problems: Problems): FaultAction | undefined {
  for (const key of Object.keys(value)) if (!RUN_KEYS.includes(key)) problems.unknown(`do.${key}`, RUN_KEYS);
  const command = problems.text('do.run', value.run);
  const undo = value.undo === undefined ? undefined : problems.text('do.undo', value.undo);
  const timeLimitMs = problems.duration('do.timeout', value.timeout, COMMAND_TIME_LIMIT_MS);
  for (const text of [command, undo]) {
    if (text !== undefined && text.length > LONGEST_COMMAND_CHARS)
      problems.add('do', 'a command is too long', undefined, `at most ${LONGEST_COMMAND_CHARS} characters`);
  }
  if (timeLimitMs !== undefined && (timeLimitMs === 0 || timeLimitMs > LONGEST_COMMAND_MS))
    problems.add('do.timeout', 'out of range', shown(value.timeout), 'more than 0, at most 10m');
  if (command === undefined || timeLimitMs === undefined) return undefined;
  return { on: 'run', command, ...(undo === undefined ? {} : { undo }), timeLimitMs };
}

/** Collects what is wrong with one fault. */
class Problems {
  readonly #at: string;
  readonly #issues: ConfigIssue[];

  constructor(at: string, issues: ConfigIssue[]) {
    this.#at = at;
    this.#issues = issues;
  }

  add(key: string, problem: string, seen?: string, wanted?: string): void {
    const path = key === '' ? this.#at : `${this.#at}.${key}`;
    this.#issues.push({
      ...{ path, problem },
      ...(seen === undefined ? {} : { seen }),
      ...(wanted === undefined ? {} : { wanted }),
    });
  }

  unknown(key: string, known: readonly string[]): void {
    this.add(key, 'no such key', undefined, known.join(', '));
  }

  text(key: string, value: unknown): string | undefined {
    if (typeof value === 'string' && value.trim() !== '') return value;
    this.add(key, value === undefined ? 'missing' : 'not a text', undefined, 'a text');
    return undefined;
  }

  duration(key: string, value: unknown, otherwise: number): number | undefined {
    if (value === undefined) return otherwise;
    const ms = typeof value === 'string' ? durationMs(value) : value === 0 ? 0 : undefined;
    if (ms === undefined) this.add(key, 'not a duration', shown(value), 'e.g. 10s or 1m30s');
    return ms;
  }

  span(key: string, ms: number, longestMs: number): void {
    if (!(ms >= 0 && ms <= longestMs)) this.add(key, 'out of range', `${ms} ms`, `0 to ${longestMs} ms`);
  }
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `10s`, `1m30s`, `500ms`. */
function durationMs(text: string): number | undefined {
  const whole = text.trim().toLowerCase();
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(whole)) return undefined;
  let ms = 0;
  for (const [, value, unit] of whole.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    ms += Number(value) * (UNITS_MS[unit ?? ''] ?? Number.NaN);
  return Number.isFinite(ms) ? ms : undefined;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
