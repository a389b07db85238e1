import type { ViewerIdentity } from '../target.js';
import { readToken } from '../token-claims.js';
import type { PreflightCheck } from './report.js';

/** What the accounts of a run are held against. */
export interface TokenPlan {
  readonly identities: readonly ViewerIdentity[];
  readonly nowEpochMs: number;
  /** Length of the run. */
  readonly runMs: number;
  /** Name of the variable whose secret the tokens are made with: they end with nobody. */
  readonly secretVariable?: string | undefined;
}

/** What is wrong with the tokens of a run so that it need not begin, or what is to be said of them. */
export interface TokenJudgement {
  /** The run would blame the platform for tokens that cannot last: why, in words. */
  readonly refusal?: string;
  /** Absent = no token says when it ends. */
  readonly check?: PreflightCheck;
}

type Fate = 'lasts' | 'renewable' | 'expired' | 'ends_too_early';

const REMEDY = 'dorami-load users create --force makes them anew; --jwt-secret-env needs none';

/**
 * Looks at when the tokens say that they end, by this machine's clock; nobody is asked. An access token that ends is
 * no trouble where the page can renew it. No token and no user is shown.
 */
export function judgeTokens(plan: TokenPlan): TokenJudgement {
  const { identities, nowEpochMs, runMs, secretVariable } = plan;
  const ends = identities.map(({ accessToken }) => readToken(accessToken ?? '')?.expEpochMs);
  const first = ends.filter((end) => end !== undefined).sort((a, b) => a - b)[0];
  if (first === undefined) return {};
  if (secretVariable !== undefined) return { check: ok(`made with the secret in ${secretVariable}`) };
  const fates = identities.map((identity) => fateOf(identity, nowEpochMs, runMs));
  const total = identities.length;
  const count = (fate: Fate): number => fates.filter((one) => one === fate).length;
  const [expired, early, renewable] = [count('expired'), count('ends_too_early'), count('renewable')];
  if (expired > 0) {
    const ago = span(nowEpochMs - first);
    const why = identities.some(({ refreshToken }) => refreshToken !== undefined)
      ? 'what should renew them is missing or has expired too'
      : 'there is no refreshToken to renew them with';
    return { refusal: `${share(expired, total)} expired, the first ${ago} ago, and ${why} (${REMEDY})` };
  }
  if (early > 0) {
    const when = `the first ends in ${span(first - nowEpochMs)}, the run in ${span(runMs)}`;
    const why = `cannot be renewed: a column refreshToken is missing, or its tokens end too (${REMEDY})`;
    return { refusal: `${share(early, total)} end before the run: ${when}; they ${why}` };
  }
  if (renewable === 0) return { check: ok(`good for ${span(first - nowEpochMs)}, longer than the run`) };
  const words =
    first <= nowEpochMs
      ? `the first expired ${span(nowEpochMs - first)} ago; viewers renew them as they join`
      : `the first ends in ${span(first - nowEpochMs)}; viewers renew them as the page does`;
  return { check: ok(words) };
}

/** Why the platform refused the first user's token, as far as the token itself can tell. */
export function refusedTokenWords(
  { accessToken }: ViewerIdentity,
  nowEpochMs: number,
  secretVariable: string | undefined,
): string {
  if (secretVariable !== undefined)
    return `: it was made with the secret in ${secretVariable}, which may be another platform's, or the platform has no user of that userId`;
  const end = readToken(accessToken ?? '')?.expEpochMs;
  if (end === undefined) return '';
  if (end <= nowEpochMs) return `: it expired ${span(nowEpochMs - end)} ago`;
  return `, although it says that it is good for another ${span(end - nowEpochMs)}: another platform's, or signed out`;
}

function fateOf({ accessToken, refreshToken }: ViewerIdentity, nowEpochMs: number, runMs: number): Fate {
  const end = readToken(accessToken ?? '')?.expEpochMs ?? Number.POSITIVE_INFINITY;
  if (end > nowEpochMs + runMs) return 'lasts';
  // Each renewal brings a refresh token that lasts as long again: the first must be good at its first use.
  const refreshEnd = readToken(refreshToken ?? '')?.expEpochMs ?? Number.POSITIVE_INFINITY;
  if (refreshToken !== undefined && refreshEnd > Math.max(nowEpochMs, end)) return 'renewable';
  return end <= nowEpochMs ? 'expired' : 'ends_too_early';
}

function ok(text: string): PreflightCheck {
  return { part: 'tokens', status: 'ok', text };
}

function share(count: number, total: number): string {
  return `the access tokens of ${count} of ${total} users`;
}

/** `40 s`, `34 min`, `5.5 h`, `3.0 d`: enough to see what is meant. */
function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 2 * 3600) return `${Math.round(seconds / 60)} min`;
  return seconds < 48 * 3600 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`;
}
