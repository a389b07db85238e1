import { FollowedClock } from '../clock/clock-state.js';
import type { RunConfig } from '../config.js';
import { PreflightError, TargetNotAllowedError } from '../errors.js';
import { createAllowList } from '../net/allow-list.js';
import { isUntrusted } from '../net/certificate.js';
import { type Connector, createConnector } from '../net/connect.js';
import { createHttpFactory } from '../net/http-node.js';
import { createSocketHub } from '../net/socket-hub.js';
import { createViewerHome } from '../net/viewer-home.js';
import type { Look } from '../preflight/look.js';
import type { PreflightReport } from '../preflight/report.js';
import { judgeTokens, refusedTokenWords } from '../preflight/tokens.js';
import type { Http } from '../seams.js';
import { createClock } from '../seams-node.js';
import type { Target, ViewerIdentity } from '../target.js';
import type { PublisherClockLink } from './publisher-clock.js';

/**
 * Before anyone comes: is there a platform at all, and does it take the first account? That is refused. Everything
 * else that may be wrong (a wrong stream key, HTML instead of a playlist, a ready event that never comes) is the
 * platform's doing: it is told as a warning, and measured.
 */

export interface PreflightDeps {
  readonly connector: Connector;
  /** The ways of the other viewers, where they come from other addresses; absent = all go the same way. */
  readonly routes?: readonly Route[];
  readonly http: Http;
  readonly target: Target;
  /** The first VU's account; absent = guests only. */
  readonly identity?: ViewerIdentity;
  /** What to add when that account's token is refused. */
  whyRefused?(identity: ViewerIdentity): string;
  /** A short look at every part, by a viewer; ends early when `giveUp` resolves. Absent = connections and token only. */
  look?(giveUp: Promise<unknown>): Promise<Look>;
}

export interface Route {
  readonly localAddress: string;
  readonly connector: Connector;
}

export interface PlatformCheck {
  readonly config: Pick<
    RunConfig,
    'jwtSecret' | 'allowTargets' | 'insecure' | 'localIps' | 'mix' | 'profile' | 'writes'
  >;
  readonly target: Target;
  /** One per VU; empty = guests only. */
  readonly identities: readonly ViewerIdentity[];
  /** The clock of capture times. */
  readonly publisherClock: Pick<PublisherClockLink, 'state' | 'check'>;
  /** Length of the run. */
  readonly runMs: number;
  /** Resolves when the user does not want to wait any more. */
  readonly stop: Promise<unknown>;
}

/** From the first connection to the last answer; leaving the room comes on top, at most 0.75 s. */
const LOOK_MS = 7000;

/**
 * `preflight` with the real network, after a look at the tokens.
 * @throws {PreflightError} as `preflight`, and for tokens that cannot last
 */
export async function checkPlatform(check: PlatformCheck): Promise<PreflightReport> {
  const { config, identities, runMs } = check;
  const secretVariable = config.jwtSecret?.variable;
  const tokens = judgeTokens({ identities, runMs, secretVariable, nowEpochMs: Date.now() });
  if (tokens.refusal !== undefined) throw new PreflightError(tokens.refusal);
  const { tookMs, checks } = await lookAtPlatform(check);
  return { tookMs, checks: [...(tokens.check ? [tokens.check] : []), ...checks, check.publisherClock.check] };
}

/** The same without a word of the tokens' length and of the clock. */
export async function lookAtPlatform(check: Omit<PlatformCheck, 'runMs'>): Promise<PreflightReport> {
  const { config, target, identities, stop } = check;
  const [identity] = identities;
  const secretVariable = config.jwtSecret?.variable;
  const net = { allowList: createAllowList(config.allowTargets), insecure: config.insecure };
  const home = createViewerHome(config.localIps, 0);
  const clock = createClock(performance.timeOrigin + performance.now());
  const { createLook } = await import('../preflight/look.js');
  const factory = createHttpFactory({ clock, ...net });
  const http = factory.forViewer(home);
  try {
    const shared = createConnector(net);
    const look = await preflight({
      connector: shared.from(home),
      routes: config.localIps.slice(1).map((localAddress) => {
        return { localAddress, connector: shared.from({ localAddress }) };
      }),
      http,
      target,
      ...(identity ? { identity } : {}),
      whyRefused: (refused) => refusedTokenWords(refused, Date.now(), secretVariable),
      look: createLook({
        ...{ clock, config, target, stop },
        hub: createSocketHub({ clock, ...net }).forViewer(home),
        identity: identity ?? {},
        newHttp: () => factory.forViewer(home),
        endAtMs: LOOK_MS,
        publisherClock: new FollowedClock(() => clock.epochMs(), check.publisherClock.state),
      }),
    });
    return { tookMs: Math.round(clock.nowMs()), checks: look?.checks ?? [] };
  } finally {
    http.close();
  }
}

const TRUST_HINT =
  ' (--insecure accepts any certificate; the environment variable NODE_EXTRA_CA_CERTS=FILE adds an authority)';
const CONNECT_TIMEOUT_MS = 4000;
const ANSWER_TIMEOUT_MS = 4000;
const MAX_BODY_BYTES = 1_000_000;

/**
 * @throws {PreflightError} with every part that takes no connection, the first local address without a way there, the
 * token refused, or when no part says anything
 * @throws {TargetNotAllowedError} when a name resolves to where this run may not go
 */
export async function preflight(deps: PreflightDeps): Promise<Look | undefined> {
  const dead = await deadParts(deps);
  if (dead.length > 0) throw new PreflightError(dead.join('; '));
  await checkRoutes(deps);
  const token = checkToken(deps);
  const refused = new Promise<void>((resolve) => void token.catch(() => resolve()));
  // Both are waited for: whoever looks has left the platform when this ends.
  const [judged, look] = await Promise.allSettled([token, deps.look?.(refused)]);
  if (judged.status === 'rejected') throw judged.reason;
  if (look.status === 'rejected') throw look.reason;
  if (look.value?.silent) throw new PreflightError(silenceOf(deps.target));
  return look.value;
}

function silenceOf({ apiUrl, socketUrl, flvUrl, hlsUrl }: Target): string {
  const origins = new Set([apiUrl, socketUrl, flvUrl, hlsUrl].map((url) => new URL(url).origin));
  return `${[...origins].join(', ')} takes connections and answers nothing: neither REST nor sockets nor media`;
}

/** One sentence per origin that no connection can be made to. */
async function deadParts({
  connector,
  target,
}: Pick<PreflightDeps, 'connector' | 'target'>): Promise<string[]> {
  const parts = new Map<string, string[]>();
  for (const [name, url] of [
    ['API', target.apiUrl],
    ['sockets', target.socketUrl],
    ['FLV', target.flvUrl],
    ['HLS', target.hlsUrl],
  ] as const) {
    const { origin } = new URL(url);
    parts.set(origin, [...(parts.get(origin) ?? []), name]);
  }
  const answers = await Promise.all(
    [...parts].map(async ([origin, names]) => {
      const problem = await connectProblem(connector, origin);
      return problem === undefined ? [] : [`${origin} (${names.join(', ')}) ${problem}`];
    }),
  );
  return answers.flat();
}

/** Routes that are tried at a time. */
const ROUTES_AT_ONCE = 64;

/** An address of this machine that the platform cannot be reached from would be blamed on the platform. */
async function checkRoutes({ routes = [], target }: PreflightDeps): Promise<void> {
  for (let from = 0; from < routes.length; from += ROUTES_AT_ONCE) {
    const tries = routes.slice(from, from + ROUTES_AT_ONCE).map(async ({ localAddress, connector }) => {
      const [problem] = await deadParts({ connector, target });
      return problem === undefined ? [] : [`from ${localAddress} (--local-ips): ${problem}`];
    });
    const [first, ...more] = (await Promise.all(tries)).flat();
    if (first === undefined) continue;
    throw new PreflightError(first + (more.length > 0 ? `; and from ${more.length} more addresses` : ''));
  }
}

/** Plain HTTP answers a handshake with something that is none. */
function isNoTls(code: string): boolean {
  return code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG';
}

/** Why no connection can be made; absent = it can. */
function connectProblem(connector: Connector, origin: string): Promise<string | undefined> {
  const url = new URL(origin);
  const tls = url.protocol === 'https:';
  const port = url.port === '' ? (tls ? 443 : 80) : Number(url.port);
  return new Promise((resolve, reject) => {
    // As the viewers will: a server may speak HTTP/2 only.
    const socket = connector.open({ host: url.hostname, port, tls, alpn: ['h2', 'http/1.1'] });
    const silent = (why: string): void => finish(`does not answer: ${why}`);
    const finish = (problem?: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(problem);
    };
    const timer = setTimeout(
      () => silent(`no connection within ${CONNECT_TIMEOUT_MS / 1000} s`),
      CONNECT_TIMEOUT_MS,
    );
    socket.once(tls ? 'secureConnect' : 'connect', () => finish());
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error instanceof TargetNotAllowedError) reject(error);
      const code = error.code ?? error.message;
      if (isUntrusted(error)) finish(`shows a TLS certificate that is not trusted: ${code}${TRUST_HINT}`);
      else if (isNoTls(code)) finish(`speaks no TLS: ${code}; perhaps it is http:, not https:`);
      else silent(code);
    });
  });
}

/**
 * A 401 for a valid-looking token is the operator's mistake (expired file, wrong platform). With a refresh token
 * the viewers can help themselves, as the page does.
 * A platform that knows the account by REST takes it on the sockets too: they verify the same token.
 */
async function checkToken({ http, target, identity, whyRefused }: PreflightDeps): Promise<void> {
  if (identity?.accessToken === undefined) return;
  const answer = await http.text(
    {
      method: 'GET',
      url: `${target.apiUrl}/api/users/me`,
      headers: { cookie: `accessToken=${identity.accessToken}`, accept: 'application/json' },
    },
    { maxBytes: MAX_BODY_BYTES, totalTimeoutMs: ANSWER_TIMEOUT_MS },
  );
  if (answer.kind !== 'response' || (answer.status !== 401 && answer.status !== 403)) return;
  if (identity.refreshToken !== undefined) return;
  const origin = new URL(target.apiUrl).origin;
  const why = whyRefused?.(identity) ?? '';
  throw new PreflightError(`${origin} refuses the token of the first user (HTTP ${answer.status})${why}`);
}
