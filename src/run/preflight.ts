import { PreflightError, TargetNotAllowedError } from '../errors.js';
import { createAllowList } from '../net/allow-list.js';
import { type Connector, createConnector } from '../net/connect.js';
import { createHttpFactory } from '../net/http-node.js';
import type { Http } from '../seams.js';
import { createClock } from '../seams-node.js';
import type { Target, ViewerIdentity } from '../target.js';

/**
 * Before anyone comes: is there a platform at all, and does it take the first account? Everything else that may
 * be wrong (a wrong stream key, HTML instead of a playlist, a ready event that never comes) is the platform's
 * doing and is measured, not refused.
 */

export interface PreflightDeps {
  readonly connector: Connector;
  readonly http: Http;
  readonly target: Target;
  /** The first VU's account; absent = guests only. */
  readonly identity?: ViewerIdentity;
}

/** `preflight` with the real network. */
export async function checkPlatform(
  target: Target,
  identity: ViewerIdentity | undefined,
  allowTargets: readonly string[],
): Promise<void> {
  const allowList = createAllowList(allowTargets);
  const clock = createClock(performance.timeOrigin + performance.now());
  const http = createHttpFactory({ clock, allowList }).forViewer();
  try {
    const connector = createConnector({ allowList });
    await preflight({ connector, http, target, ...(identity ? { identity } : {}) });
  } finally {
    http.close();
  }
}

const CONNECT_TIMEOUT_MS = 4000;
const ANSWER_TIMEOUT_MS = 4000;
const MAX_BODY_BYTES = 1_000_000;

/**
 * @throws {PreflightError} with every part that does not answer, or with the token refused
 * @throws {TargetNotAllowedError} when a name resolves to where this run may not go
 */
export async function preflight(deps: PreflightDeps): Promise<void> {
  const dead = await deadParts(deps);
  if (dead.length > 0) throw new PreflightError(dead.join('; '));
  if (deps.identity?.accessToken === undefined) return;
  // A platform that knows the account by REST takes it on the sockets too: they verify the same token.
  await checkToken(deps, deps.identity);
}

/** One sentence per origin that no connection can be made to. */
async function deadParts({ connector, target }: PreflightDeps): Promise<string[]> {
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
      return problem === undefined ? [] : [`${origin} (${names.join(', ')}) does not answer: ${problem}`];
    }),
  );
  return answers.flat();
}

/** Why no connection can be made; absent = it can. */
function connectProblem(connector: Connector, origin: string): Promise<string | undefined> {
  const url = new URL(origin);
  const tls = url.protocol === 'https:';
  const port = url.port === '' ? (tls ? 443 : 80) : Number(url.port);
  return new Promise((resolve, reject) => {
    const socket = connector.open({ host: url.hostname, port, tls });
    const finish = (problem?: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(problem);
    };
    const timer = setTimeout(
      () => finish(`no connection within ${CONNECT_TIMEOUT_MS / 1000} s`),
      CONNECT_TIMEOUT_MS,
    );
    socket.once(tls ? 'secureConnect' : 'connect', () => finish());
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error instanceof TargetNotAllowedError) reject(error);
      finish(error.code ?? error.message);
    });
  });
}

/**
 * A 401 for a valid-looking token is the operator's mistake (expired file, wrong platform). With a refresh token
 * the viewers can help themselves, as the page does.
 */
async function checkToken({ http, target }: PreflightDeps, identity: ViewerIdentity): Promise<void> {
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
  throw new PreflightError(`${origin} refuses the token of the first user (HTTP ${answer.status})`);
}
