import { ConfigError, type ConfigIssue } from '../errors.js';

/** What can be asked of a run that takes orders. */
export type CtlOrder =
  | { readonly kind: 'pause' | 'resume' | 'stop' | 'status' }
  | { readonly kind: 'scale'; readonly vus: number };

/** What a run says about itself after each order. */
export interface CtlStatus {
  /** What the order did, in words; absent for `status`. */
  readonly done?: string;
  readonly profile: string;
  /** `waiting`: the first viewer has not come yet. */
  readonly state: 'waiting' | 'running' | 'paused' | 'leaving';
  /** Empty before the first viewer. */
  readonly phase: string;
  /** Run time, ms. */
  readonly atMs: number;
  /** When it will be over, as it is planned now, ms; while paused, if it were resumed now. */
  readonly totalMs: number;
  /** Viewers that are to be there, that have joined, and that have a picture. */
  readonly wanted: number;
  readonly joined: number;
  readonly watching: number;
  /** The most that `scale` can bring. */
  readonly maxVus: number;
}

/** Orders as they are typed. */
export const CTL_WORDS: readonly string[] = ['pause', 'resume', 'scale', 'stop', 'status'];

/** Beyond what any run has. */
const MAX_DIGITS = 7;

/** Reads an order from its word and its number, as they are typed or as they come over HTTP; undefined when it is none. */
export function ctlOrder(word: string, vus: string | undefined): CtlOrder | undefined {
  if (word === 'scale') {
    return vus !== undefined && /^\d+$/.test(vus) && vus.length <= MAX_DIGITS
      ? { kind: 'scale', vus: Number(vus) }
      : undefined;
  }
  if (vus !== undefined) return undefined;
  return CTL_WORDS.includes(word) ? { kind: word as Exclude<CtlOrder['kind'], 'scale'> } : undefined;
}

/**
 * The words of `dorami-load ctl`: an order, for `scale` a number, and the folder of the run.
 * @throws {ConfigError} with every problem
 */
export function ctlWords(
  word: string,
  more: readonly string[],
  before: readonly ConfigIssue[],
): { readonly order: CtlOrder; readonly folder: string } {
  const issues = [...before];
  const isScale = word === 'scale';
  const vus = isScale ? more[0] : undefined;
  const [folder, ...stray] = isScale ? more.slice(1) : more;
  const order = ctlOrder(word, vus);
  if (!CTL_WORDS.includes(word)) {
    if (word !== '')
      issues.push({ path: 'ctl', problem: 'no such order', seen: word, wanted: CTL_WORDS.join(', ') });
  } else if (order === undefined) {
    issues.push({
      path: 'ctl scale',
      problem: 'no number of viewers',
      seen: vus ?? '',
      wanted: 'dorami-load ctl scale N DIR',
    });
  }
  if (folder === undefined && word !== '' && !(isScale && order === undefined)) {
    issues.push({
      path: `ctl ${word}`,
      problem: 'the run is not said',
      wanted: 'its folder, e.g. runs/20261122T090605Z-smoke-a1b2c3',
    });
  }
  for (const one of stray) issues.push({ path: 'command line', problem: `"${one}" belongs to nothing` });
  if (issues.length > 0 || order === undefined || folder === undefined) throw new ConfigError(issues);
  return { order, folder };
}
