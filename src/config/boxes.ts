import type { ConfigIssue } from '../errors.js';
import {
  type BrokerSetting,
  type BrokerTls,
  type EmbeddedBroker,
  resolveBroker,
  resolveEmbedded,
} from './broker.js';
import type { RunFlags } from './flags.js';
import { parseDuration, parseWhole } from './values.js';

/** A run over several load boxes; absent from a configuration = over this machine alone. */
export interface BoxesSetting {
  readonly broker: BrokerSetting | EmbeddedSetting;
  /** With fewer the run does not begin. */
  readonly least: number;
  /** It begins as soon as there are so many; absent = after the whole wait, with all who are there. */
  readonly exactly?: number;
  /** How long boxes are waited for, ms. */
  readonly waitMs: number;
  /** Boxes that may be lost before the run is ended; 0 = none. */
  readonly tolerated: number;
}

export interface EmbeddedSetting {
  readonly embed: EmbeddedBroker;
  /** What the broker shows, in place of what it trusts. */
  readonly tls?: BrokerTls;
  /** File that gets the address for agents. */
  readonly addressFile?: string;
}

const WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 3_600_000;
const MAX_BOXES = 500;
/** Flags that say how many boxes, and of what run. */
const OF_BOXES = ['nats-out', 'agents', 'min-agents', 'wait', 'on-agent-loss'] as const;
/** What each box says for itself. */
const OF_AGENTS = ['workers', 'local-ips'] as const;

/** The flags of a run over boxes; undefined = it is none. What is wrong with them is added to `issues`. */
export function resolveBoxes(flags: RunFlags, issues: ConfigIssue[]): BoxesSetting | undefined {
  const broker = resolveBroker(flags, issues);
  const embed = resolveEmbedded(flags['embed-nats'], issues);
  if (flags.nats === undefined && flags['embed-nats'] === undefined) {
    for (const name of OF_BOXES)
      if (flags[name] !== undefined)
        issues.push({
          path: `--${name}`,
          problem: 'goes with a broker',
          wanted: '--nats URL or --embed-nats',
        });
    return undefined;
  }
  if (flags.nats !== undefined && flags['embed-nats'] !== undefined) {
    const problem = 'there is one broker: one that runs, or one of the run itself';
    issues.push({ path: '--embed-nats', problem, wanted: 'no --nats' });
  }
  const addressFile = flags['nats-out'];
  if (addressFile === '') issues.push({ path: '--nats-out', problem: 'no file given' });
  if (addressFile !== undefined && flags['embed-nats'] === undefined) {
    const problem = 'only a broker of the run itself has an address to tell';
    issues.push({ path: '--nats-out', problem, wanted: '--embed-nats PORT' });
  }
  for (const name of OF_AGENTS) {
    const problem = 'each box says this for itself';
    if (flags[name] !== undefined)
      issues.push({ path: `--${name}`, problem, wanted: `dorami-load agent --${name}` });
  }
  const exactly = wholeOf(flags, 'agents', 1, MAX_BOXES, issues);
  const least = wholeOf(flags, 'min-agents', 1, MAX_BOXES, issues);
  if ((flags.agents === undefined) === (flags['min-agents'] === undefined)) {
    const problem =
      flags.agents === undefined ? 'how many boxes is not said' : 'two ways to say how many boxes';
    issues.push({ path: '--agents', problem, wanted: '--agents N, or --min-agents N --wait 60s' });
  }
  const waitMs = waitOf(flags.wait, issues);
  const tolerated = toleratedOf(flags['on-agent-loss'], issues);
  const tls = tlsOf(flags);
  const ofEmbedded = {
    ...(tls === undefined ? {} : { tls }),
    ...(addressFile === undefined ? {} : { addressFile }),
  };
  const setting = broker ?? (embed === undefined ? undefined : { embed, ...ofEmbedded });
  if (setting === undefined) return undefined;
  return {
    broker: setting,
    least: exactly ?? least ?? 1,
    ...(exactly === undefined ? {} : { exactly }),
    ...{ waitMs, tolerated },
  };
}

function tlsOf(flags: RunFlags): BrokerTls | undefined {
  const { 'nats-ca': caFile, 'nats-cert': certFile, 'nats-key': keyFile } = flags;
  if (certFile === undefined || keyFile === undefined) return undefined;
  return { certFile, keyFile, ...(caFile === undefined ? {} : { caFile }) };
}

function waitOf(seen: string | undefined, issues: ConfigIssue[]): number {
  if (seen === undefined) return WAIT_MS;
  const waitMs = parseDuration(seen);
  if (waitMs !== undefined && waitMs >= 0 && waitMs <= LONGEST_WAIT_MS) return waitMs;
  issues.push({ path: '--wait', problem: 'not a time to wait', seen, wanted: 'e.g. 60s, at most 1h' });
  return WAIT_MS;
}

/** `fail`, or `tolerate=N`. */
function toleratedOf(seen: string | undefined, issues: ConfigIssue[]): number {
  if (seen === undefined || seen === 'fail') return 0;
  const [, text = ''] = /^tolerate=(\d+)$/.exec(seen) ?? [];
  const boxes = parseWhole(text, 1, MAX_BOXES);
  if (boxes !== undefined) return boxes;
  issues.push({ path: '--on-agent-loss', problem: 'not a rule', seen, wanted: 'fail, or tolerate=N' });
  return 0;
}

function wholeOf(
  flags: RunFlags,
  name: 'agents' | 'min-agents',
  from: number,
  to: number,
  issues: ConfigIssue[],
): number | undefined {
  const seen = flags[name];
  if (seen === undefined) return undefined;
  const value = parseWhole(seen, from, to);
  if (value !== undefined) return value;
  issues.push({
    path: `--${name}`,
    problem: 'not a whole number in range',
    seen,
    wanted: `${from} to ${to}`,
  });
  return undefined;
}
