import { randomBytes } from 'node:crypto';
import type { Connector } from '../net/connect.js';
import type { Clock, Http } from '../seams.js';
import { flvStreamUrl, type Target } from '../target.js';
import {
  type ConnectionProbe,
  connectionFinding,
  MOST_HELD_MS,
  probeConnections,
} from './connection-probe.js';
import type { Finding } from './finding.js';
import { holdOpen } from './held-connection.js';
import type { ProbeAnswer } from './limiter.js';
import type { LoadNeed } from './load-need.js';
import { probeRate, rateFinding } from './rate-probe.js';

/** However large the run: nobody is loaded by a look. */
const MOST_SOCKETS = 64;
const MOST_BODIES = 32;
const PER_S = 60;
const RATE_MS = 2000;
/** A limit that is just met must be told from one that is not. */
const MARGIN = 4;
/** Of this process, for all else that it does. */
const SPARE_FILES = 120;
const PATIENCE_MS = 4000;
const USER_AGENT = 'dorami-load doctor';

export interface ProbeInput {
  readonly target: Target;
  readonly need: LoadNeed;
  /** Files that this process may open; absent = as many as it likes. */
  readonly openFiles?: number | undefined;
  readonly connector: Connector;
  readonly clock: Clock;
  /** More than one: a browser has six connections to a place. */
  readonly https: readonly Http[];
}

/** A look at limits: bounded in number, rate and time, and told before it is made. */
export interface LimitProbe {
  /** What will be sent, how much and for how long at most. */
  readonly words: string;
  run(): Promise<Finding>;
}

/** All of them, to be made one after the other. */
export function limitProbes(input: ProbeInput): readonly LimitProbe[] {
  const { need } = input;
  return [
    heldProbe(input, socketProbe(input)),
    ...(need.flv ? [heldProbe(input, bodyProbe(input))] : []),
    requestProbe(input),
  ];
}

function heldProbe({ clock }: ProbeInput, probe: ConnectionProbe & { readonly to: string }): LimitProbe {
  const { most, what, to } = probe;
  return {
    words: `at most ${most} ${what} to ${to} at a time, for at most ${MOST_HELD_MS / 1000} s`,
    run: async () => connectionFinding(probe, await probeConnections(probe, () => clock.nowMs())),
  };
}

function atMost(limit: number, wanted: number, openFiles = Number.POSITIVE_INFINITY): number {
  return Math.max(2, Math.min(limit, wanted + MARGIN, openFiles - SPARE_FILES));
}

/** Nobody signs in: the transport alone is opened, and no namespace is connected. */
function socketProbe({ target, need, connector, openFiles }: ProbeInput): ConnectionProbe & { to: string } {
  const url = `${target.socketUrl}/socket.io/?EIO=4&transport=websocket`;
  return {
    ...{ id: 'sockets_held', what: 'WebSockets', to: new URL(url).origin },
    most: atMost(MOST_SOCKETS, need.heldPerAddress, openFiles),
    wanted: need.heldPerAddress,
    open: () =>
      holdOpen(connector, url, {
        'user-agent': USER_AGENT,
        upgrade: 'websocket',
        connection: 'Upgrade',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
      }),
  };
}

/** Bodies of FLV of which hardly more than the head is read. */
function bodyProbe({ target, need, connector, openFiles }: ProbeInput): ConnectionProbe & { to: string } {
  const url = flvStreamUrl(target);
  const wanted = Math.ceil(need.mediaHeld / need.addresses);
  return {
    ...{ id: 'flv_held', what: 'FLV bodies', to: new URL(url).origin, wanted },
    most: atMost(MOST_BODIES, wanted, openFiles),
    open: () => holdOpen(connector, url, { 'user-agent': USER_AGENT, accept: '*/*' }),
  };
}

function requestProbe({ target, need, clock, https }: ProbeInput): LimitProbe {
  const url = `${target.apiUrl}/api/streaming/key/${encodeURIComponent(target.streamKey)}/status`;
  let turn = 0;
  // Without a cookie, as many visitors and not one: only who counts by address is met.
  const ask = async (): Promise<ProbeAnswer> => {
    const http = https[turn++ % https.length] as Http;
    const answer = await http.text(
      { method: 'GET', url, headers: { 'user-agent': USER_AGENT, accept: 'application/json' } },
      { maxBytes: 100_000, totalTimeoutMs: PATIENCE_MS },
    );
    if (answer.kind === 'failure') return { headers: {}, body: '', failure: answer.end.kind };
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
    );
    return { status: answer.status, headers, body: answer.body.slice(0, 1000) };
  };
  const probe = {
    ...{ perS: PER_S, durationMs: RATE_MS, wantedPerS: need.callsPerS, ask },
    nowMs: () => clock.nowMs(),
    wait: (ms: number) => new Promise<void>((resolve) => void clock.after(Math.max(0, ms), resolve)),
  };
  return {
    words: `${(PER_S * RATE_MS) / 1000} reads of the stream's status at ${PER_S} a second to ${new URL(url).origin}, for ${RATE_MS / 1000} s`,
    run: async () => rateFinding(probe, await probeRate(probe)),
  };
}
