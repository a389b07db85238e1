import type { ConfigIssue } from '../errors.js';
import type { FaultClass } from '../events.js';
import { Problems } from './fault-problems.js';
import { type Cut, type RealAction, realWords } from './real-fault.js';

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
  /** Nothing passes and nothing is closed. With `cut` through this machine's own network, whatever the target is. */
  | { readonly on: 'network'; readonly do: 'partition'; readonly cut?: Cut }
  /** Every connection is reset, and may be made anew. */
  | { readonly on: 'network'; readonly do: 'reset' }
  | Exclude<RealAction, { readonly do: 'partition' }>
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

/** Controls of the stage that break what a class names. */
const STAGE_CLASSES: Readonly<Record<string, FaultClass>> = {
  blackhole: 'network',
  'reset-all': 'network',
  'drop-sockets': 'network',
  'drop-publisher': 'publisher',
  'kill-media': 'media',
};

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
    if (forMs === 0 && lasts(action))
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
  if (action.on === 'stage') return `stage ${action.kind}${span}`;
  const real = realActionOf(action);
  return real === undefined ? `${action.on} ${action.do}${span}` : `${realWords(real)}${span}`;
}

/** What of an action is made on this machine itself, as it stands; undefined = nothing, or nobody asked for it. */
export function realActionOf(action: FaultAction): RealAction | undefined {
  switch (action.on) {
    case 'process':
    case 'container':
      return action;
    case 'network':
      if (action.do === 'reset') return undefined;
      if (action.do !== 'partition') return action;
      return action.cut && { ...action, cut: action.cut };
    default:
      return undefined;
  }
}

/** What a stage or a publisher makes. */
export type StageableAction =
  | Extract<FaultAction, { readonly on: 'publisher' | 'media' | 'stage' }>
  | { readonly on: 'network'; readonly do: 'partition' | 'reset' };

/** Faults of a run that may cut a platform off for real: a partition that says nothing more is from the target, both ways. */
export function withRealCuts(faults: readonly FaultStep[]): readonly FaultStep[] {
  return faults.map((fault) => {
    const { action } = fault;
    if (action.on !== 'network' || action.do !== 'partition' || action.cut !== undefined) return fault;
    return { ...fault, action: { ...action, cut: { direction: 'both', peers: [] } } };
  });
}

/** Whether any of the faults runs a command of this machine, or changes it by itself. */
export function runsCommands(faults: readonly FaultStep[]): boolean {
  return faults.some(({ action }) => action.on === 'run' || realActionOf(action) !== undefined);
}

/** What is nothing without a length. */
function lasts(action: FaultAction): boolean {
  if (action.on === 'run' || action.on === 'stage') return false;
  if (action.on === 'process') return action.do === 'pause' || action.start !== undefined;
  return action.do !== 'reset';
}

/** The class that an action is of by itself. */
export function classOf(action: FaultAction): FaultClass {
  if (action.on === 'stage') return STAGE_CLASSES[action.kind] ?? 'other';
  return isOpen(action) ? 'other' : action.on;
}

type OpenAction = Extract<FaultAction, { on: 'run' | 'process' | 'container' }>;

/** What it breaks only its author can say. */
function isOpen(action: FaultAction): action is OpenAction {
  return action.on === 'run' || action.on === 'process' || action.on === 'container';
}

/** Whether a profile may say what the action breaks. */
export function mayNameClass(action: FaultAction): boolean {
  return action.on === 'stage' || isOpen(action);
}
