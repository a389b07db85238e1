import type { ConfigIssue } from '../errors.js';
import type { FaultClass } from '../events.js';
import { isRecord, Problems, shown } from './fault-problems.js';
import {
  classOf,
  FAULT_CLASSES,
  type FaultAction,
  type FaultStep,
  faultIssues,
  mayNameClass,
  PUBLISHER_GRACE_MS,
} from './fault-step.js';
import { containerAction, networkAction, processAction } from './real-parse.js';

const COMMAND_TIME_LIMIT_MS = 10_000;
const LONGEST_COMMAND_MS = 600_000;
const LONGEST_COMMAND_CHARS = 2000;
const MAX_FAULTS = 50;

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
 * Made on this machine itself (`real-parse.ts`):
 * ```
 * network: partition, real: true, direction: both | in | out, peer: HOST[:PORT] or a list, protocol: tcp
 * network: throttle, rate: 2M, interface: eth0, peer: HOST[:PORT] or a list
 * network: link-down, interface: eth1
 * process: kill | pause, pidof: NAME or pid-file: PATH, start: [PROGRAM, ARGUMENT]
 * container: kill | pause | disconnect, name: NAME, network: NAME
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
  else if (!mayNameClass(action) && named !== own) {
    problems.add('breaks', `${action.on} breaks ${own}`, named, 'no `breaks`');
  }
  return named;
}

type Reader = (value: Readonly<Record<string, unknown>>, problems: Problems) => FaultAction | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  network: networkAction,
  publisher: (value, problems) => plainAction('publisher', ['stop', 'pause'], value, problems),
  media: (value, problems) => plainAction('media', ['kill'], value, problems),
  stage: stageAction,
  run: runAction,
  process: processAction,
  container: containerAction,
};

function parseAction(value: unknown, problems: Problems): FaultAction | undefined {
  const wanted = `one of ${Object.keys(READERS).join(', ')}: e.g. { network: partition }`;
  if (!isRecord(value)) {
    problems.add('do', 'not an action', value === undefined ? undefined : shown(value), wanted);
    return undefined;
  }
  // `network` is also what a container is taken off.
  const named = Object.keys(READERS).filter(
    (key) => Object.hasOwn(value, key) && !(key === 'network' && Object.hasOwn(value, 'container')),
  );
  const [on] = named;
  if (on === undefined || named.length > 1) {
    problems.add('do', named.length > 1 ? 'more than one action' : 'not an action', undefined, wanted);
    return undefined;
  }
  return READERS[on]?.(value, problems);
}

/** `publisher: stop`. */
function plainAction(
  on: 'publisher' | 'media',
  forms: readonly string[],
  value: Readonly<Record<string, unknown>>,
  problems: Problems,
): FaultAction | undefined {
  for (const key of Object.keys(value)) if (key !== on) problems.unknown(`do.${key}`, [on]);
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
