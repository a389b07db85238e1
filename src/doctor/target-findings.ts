import type { PreflightCheck, PreflightPart } from '../preflight/report.js';
import type { TokenJudgement } from '../preflight/tokens.js';
import type { PublisherClockRecord } from '../run/publisher-clock.js';
import type { Finding, Severity } from './finding.js';

/** What helps where a part of the platform is not as viewers need it; the first whose words fit. */
const FIXES: Readonly<Record<PreflightPart, readonly (readonly [RegExp, string])[]>> = {
  tokens: [
    [
      /./,
      'dorami-load users create --force makes them anew; --jwt-secret-env makes tokens that never run out',
    ],
  ],
  rest: [
    [
      /OFFLINE|PENDING/,
      'put the stream on air (dorami-load publish --to rtmp://... --stream-key KEY), or name the key of the one that is with --stream-key',
    ],
    [/on sale/, 'put a product of this stream on sale, or --rate cart-add=off --rate orders=off'],
    [/limit|throttled/, 'let the generator through the limit in front; see the findings about limits'],
    [
      /./,
      'see what answers there: --api-url, the proxy in front, and whether the backend is up (/api/health/ready)',
    ],
  ],
  sockets: [
    [/token was refused/, 'tokens of this platform: --users, or --jwt-secret-env with its secret'],
    [
      /./,
      'see --socket-url, and location /socket.io/ of the proxy: HTTP/1.1, Upgrade and Connection headers, long timeouts',
    ],
  ],
  flv: [
    [
      /./,
      'is the stream on air, and is --flv-url right? The proxy must pass /live/live/ on to SRS unbuffered',
    ],
  ],
  hls: [
    [
      /./,
      'is the stream on air, and is --hls-url right? The proxy must pass /hls/ and /live/*.m3u8, *.ts on to SRS',
    ],
  ],
  stamps: [
    [
      /future/,
      'set the clocks of both machines by one time server (chrony), or name the clock of the publisher: --capture-clock',
    ],
    [
      /./,
      'publish with dorami-load publish, which stamps every picture; or an encoder that writes MISB or OBS times',
    ],
  ],
  clock: [
    [
      /./,
      'name the clock of capture times: --capture-clock with the URL of dorami-load publish --clock, or same',
    ],
  ],
};

/** Beyond it a reader who lays logs of both sides together is misled. */
export const MOST_OFFSET_MS = 500;

/** The checks of the preflight as findings: here a warning would spoil the run, for rows would judge what is not there. */
export function targetFindings(checks: readonly PreflightCheck[]): readonly Finding[] {
  return checks.map(({ part, status, text }) => {
    const about = { id: part === 'clock' ? 'capture_clock' : part, area: 'target', text } as const;
    if (status === 'ok') return { ...about, severity: 'ok' };
    if (/^not looked for|^our own fault/.test(text)) return { ...about, severity: 'unknown' };
    return { ...about, severity: 'error', ...fixOf(part, text) };
  });
}

function fixOf(part: PreflightPart, text: string): { readonly fix?: string } {
  const fix = FIXES[part].find(([words]) => words.test(text))?.[1];
  return fix === undefined ? {} : { fix };
}

/** The tokens of the run's users; nothing is said of guests. */
export function tokenFindings({ refusal, check }: TokenJudgement): readonly Finding[] {
  if (refusal === undefined) return targetFindings(check === undefined ? [] : [check]);
  return [{ id: 'tokens', area: 'target', severity: 'error', text: refusal, ...fixOf('tokens', refusal) }];
}

/** A clock that is known to be wrong: latencies are put right by what was measured, the logs of both sides are not. */
export function offsetFindings({ offsetMs, uncertaintyMs = 0 }: PublisherClockRecord): readonly Finding[] {
  if (offsetMs === undefined || Math.abs(offsetMs) <= MOST_OFFSET_MS + uncertaintyMs) return [];
  const text = `the publisher's clock is ${wrongBy(offsetMs)} ours: latencies are put right by it, logs of both sides do not fit each other`;
  return [{ id: 'publisher_clock', area: 'target', severity: 'warning', text, fix: SET_CLOCKS }];
}

/**
 * What the Date headers of the platform's servers tell of their clock. `saysSame`: somebody has said that capture times
 * are on ours, so that nobody measures, and nobody puts right, how far off they are.
 */
export function serverClockFinding(
  name: string,
  range: { readonly fromMs: number; readonly toMs: number } | undefined,
  saysSame = false,
): Finding {
  const about = { id: 'server_clock', area: 'target' } as const;
  if (range === undefined)
    return { ...about, severity: 'unknown', text: `${name}: its answers carry no usable Date` };
  const { fromMs, toMs } = range;
  const middleMs = (fromMs + toMs) / 2;
  const exact = `±${((toMs - fromMs) / 2000).toFixed(1)} s`;
  const severity: Severity = fromMs > MOST_OFFSET_MS || toMs < -MOST_OFFSET_MS ? 'warning' : 'ok';
  if (severity === 'ok') return { ...about, severity, text: `${name}: its clock fits ours (${exact})` };
  const text = `${name}: its clock is ${wrongBy(middleMs)} ours (${exact}): tokens end at other times than they say, and its logs do not fit the run's times`;
  if (!saysSame) return { ...about, severity, text, fix: SET_CLOCKS };
  const wrong = `; --capture-clock says same: if the publisher goes by that clock, every latency is wrong by as much`;
  return { ...about, severity, text: text + wrong, fix: `${SET_CLOCKS}, or ${NAME_CLOCK}` };
}

const NAME_CLOCK = 'name the clock of the publisher: --capture-clock URL of dorami-load publish --clock';
const SET_CLOCKS = 'set the clocks of both machines by one time server (chrony)';

function wrongBy(offsetMs: number): string {
  return `${(Math.abs(offsetMs) / 1000).toFixed(1)} s ${offsetMs < 0 ? 'behind' : 'ahead of'}`;
}
