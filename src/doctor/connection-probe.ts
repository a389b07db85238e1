import type { Finding } from './finding.js';
import type { HeldConnection } from './held-connection.js';
import { isRefusal, type Limiter, limiterOf } from './limiter.js';

/** Connections of one kind, more and more of them, until somebody says no. */
export interface ConnectionProbe {
  readonly id: string;
  /** E.g. `WebSockets`. */
  readonly what: string;
  /** How many are tried at most. */
  readonly most: number;
  /** How many the run holds open from one address. */
  readonly wanted: number;
  open(): Promise<HeldConnection>;
}

/** At a time; more at once would be a burst, which is another limit. */
const AT_ONCE = 8;
/** No connection is held longer than this. */
export const MOST_HELD_MS = 8000;

/** What opening connections came to. */
export interface ConnectionResult {
  /** Open at the same time in the end. */
  readonly held: number;
  /** Who refused the next one; absent = nobody. */
  readonly limiter?: Limiter;
  /** The very first one was not taken: nothing can be told of a limit. */
  readonly deadEnd?: string;
  /** The next one was answered with this, which no limiter says. */
  readonly stoppedBy?: string;
}

/** Opens up to `most` connections, a few at a time, and closes all of them. */
export async function probeConnections(
  { most, open }: Pick<ConnectionProbe, 'most' | 'open'>,
  nowMs: () => number,
): Promise<ConnectionResult> {
  const held: HeldConnection[] = [];
  const untilMs = nowMs() + MOST_HELD_MS;
  try {
    const first = await open();
    if (!first.isHeld) {
      const { status, failure } = first.answer;
      return { held: 0, deadEnd: status === undefined ? (failure ?? 'no answer') : `HTTP ${status}` };
    }
    held.push(first);
    while (held.length < most && nowMs() < untilMs) {
      const batch = await Promise.all(Array.from({ length: Math.min(AT_ONCE, most - held.length) }, open));
      held.push(...batch.filter(({ isHeld }) => isHeld));
      const other = batch.find(({ isHeld }) => !isHeld)?.answer;
      if (other === undefined) continue;
      // A firewall that drops what is too much is met as silence.
      const refused = batch.map(({ answer }) => answer).find(isRefusal) ?? other;
      if (isRefusal(refused) || refused.failure !== undefined)
        return { held: held.length, limiter: limiterOf(refused, 'connections') };
      return { held: held.length, stoppedBy: `HTTP ${refused.status}` };
    }
    return { held: held.length };
  } finally {
    for (const each of held) each.close();
  }
}

/** What that means for the run. Pure. */
export function connectionFinding(
  { id, what, wanted, most }: Omit<ConnectionProbe, 'open'>,
  { held, limiter, deadEnd, stoppedBy }: ConnectionResult,
): Finding {
  const about = { id, area: 'limits' } as const;
  if (deadEnd !== undefined)
    return {
      ...about,
      severity: 'unknown',
      text: `${what}: not even one was taken (${deadEnd}), so a limit cannot be told`,
    };
  if (limiter !== undefined) {
    const text = `${what}: at most ${held} at a time from one address, then ${limiter.who} refuses (${limiter.evidence}); the run holds ${wanted}`;
    return { ...about, severity: wanted > held ? 'error' : 'warning', text, fix: limiter.fix };
  }
  if (stoppedBy !== undefined) {
    const text = `${what}: ${held} at a time from one address were taken, the next one was answered ${stoppedBy}: whether that is a limit cannot be told`;
    return { ...about, severity: 'unknown', text };
  }
  const beyond =
    wanted > held ? `; the run holds ${wanted}, more than ${Math.min(most, held)} were not tried` : '';
  return {
    ...about,
    severity: 'ok',
    text: `${what}: ${held} at a time from one address were all taken${beyond}`,
  };
}
