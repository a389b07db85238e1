import type { Finding } from './finding.js';
import { isRefusal, type Limiter, limiterOf, type ProbeAnswer } from './limiter.js';

/** Requests at a steady rate for a short while. */
export interface RateProbe {
  readonly perS: number;
  readonly durationMs: number;
  /** What the run asks in a second, from one address. */
  readonly wantedPerS: number;
  /** Never rejects. */
  ask(): Promise<ProbeAnswer>;
  nowMs(): number;
  wait(ms: number): Promise<void>;
}

interface Asked {
  readonly atMs: number;
  readonly tookMs: number;
  readonly answer: ProbeAnswer;
}

export interface RateResult {
  readonly asked: number;
  readonly refused: number;
  /** Without an answer in time; neither refused nor let through. */
  readonly unanswered: number;
  /** Which request was the first to be refused, from 1. */
  readonly firstRefused?: number;
  /** Let through in a second, once a burst was used up. */
  readonly allowedPerS?: number;
  readonly limiter?: Limiter;
  /** How long answers took in the first and the last quarter, median ms. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Asks `perS * durationMs` times and sees who refuses. Waits for every answer. */
export async function probeRate(probe: RateProbe): Promise<RateResult> {
  const { perS, durationMs, ask, nowMs, wait } = probe;
  const count = Math.round((perS * durationMs) / 1000);
  const startMs = nowMs();
  const all: Promise<Asked>[] = [];
  for (let index = 0; index < count; index++) {
    const dueMs = startMs + (index * 1000) / perS;
    if (dueMs > nowMs()) await wait(dueMs - nowMs());
    const atMs = nowMs();
    all.push(ask().then((answer) => ({ atMs: atMs - startMs, tookMs: nowMs() - atMs, answer })));
  }
  return resultOf(await Promise.all(all));
}

function resultOf(asked: readonly Asked[]): RateResult {
  const quarter = Math.max(1, Math.floor(asked.length / 4));
  const times = { firstMs: median(asked.slice(0, quarter)), lastMs: median(asked.slice(-quarter)) };
  const refused = asked.filter(({ answer }) => isRefusal(answer));
  const unanswered = asked.filter(({ answer }) => answer.failure === 'timeout').length;
  const [first] = refused;
  if (first === undefined) return { asked: asked.length, refused: 0, unanswered, ...times };
  const half = asked.slice(Math.floor(asked.length / 2));
  const spanMs = Math.max(1, (half.at(-1)?.atMs ?? 0) - (half[0]?.atMs ?? 0));
  const through = half.filter(({ answer }) => answer.status !== undefined && !isRefusal(answer)).length;
  return {
    ...{ asked: asked.length, refused: refused.length, unanswered, ...times },
    firstRefused: asked.indexOf(first) + 1,
    allowedPerS: (through * 1000) / spanMs,
    limiter: limiterOf(first.answer, 'requests'),
  };
}

function median(asked: readonly Asked[]): number {
  const sorted = asked.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Answers that come this much later in the end stand in a line. */
const QUEUE_MS = 500;
const QUEUE_TIMES = 5;

/** What that means for the run. Pure. */
export function rateFinding(
  { perS, wantedPerS }: Pick<RateProbe, 'perS' | 'wantedPerS'>,
  result: RateResult,
): Finding {
  const about = { id: 'request_rate', area: 'limits' } as const;
  const { asked, refused, firstRefused, allowedPerS = 0, limiter, firstMs, lastMs } = result;
  const wanted = `the run asks about ${round(wantedPerS)} a second from one address, more as viewers join`;
  if (limiter !== undefined) {
    const text = `API: of ${asked} requests at ${perS} a second ${refused} were refused, from number ${firstRefused} on, about ${round(allowedPerS)} a second got through: ${limiter.who} (${limiter.evidence}); ${wanted}`;
    return { ...about, severity: wantedPerS > allowedPerS ? 'error' : 'warning', text, fix: limiter.fix };
  }
  if (result.unanswered > 0) {
    const text = `API: of ${asked} requests at ${perS} a second ${result.unanswered} were not answered in time: a firewall that drops, a limit_req that delays, or a platform that is at its end; ${wanted}`;
    const fix = 'see who lets them wait: limit_req without nodelay (--nginx-config), a firewall, the backend';
    return { ...about, severity: 'warning', text, fix };
  }
  if (lastMs > QUEUE_MS && lastMs > firstMs * QUEUE_TIMES) {
    const text = `API: ${asked} requests at ${perS} a second were all answered, ever later (${Math.round(firstMs)} ms, then ${Math.round(lastMs)} ms): a limit_req without nodelay, or a platform that is at its end; ${wanted}`;
    const fix =
      'add nodelay to limit_req, or exempt the generator; see the configuration with --nginx-config';
    return { ...about, severity: 'warning', text, fix };
  }
  const beyond = wantedPerS > perS ? ', more was not tried' : '';
  return {
    ...about,
    severity: 'ok',
    text: `API: ${asked} requests at ${perS} a second were all taken; ${wanted}${beyond}`,
  };
}

function round(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}
