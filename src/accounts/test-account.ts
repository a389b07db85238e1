import { PreflightError, TargetNotAllowedError } from '../errors.js';
import type { Http, HttpRequest } from '../seams.js';
import { readToken } from '../token-claims.js';
import { classifyResponse } from '../virtual-user/api-outcome.js';
import { type CookieJar, createCookieJar } from '../virtual-user/cookie-jar.js';

/** One row of a users file. */
export interface Account {
  readonly userId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly sid: string;
}

/** What one try came to; `limited` and `failed` may go better the next time. */
export type AccountTry =
  | { readonly kind: 'made'; readonly account: Account }
  | { readonly kind: 'limited' }
  | { readonly kind: 'failed'; readonly words: string };

const ANSWER_TIMEOUT_MS = 15_000;
const MAX_BODY_BYTES = 100_000;
const MAX_WORDS_CHARS = 200;
const USER_AGENT = 'dorami-load users create';

/** E-mail address of test user `index` (from 0); the domain is reserved for examples (RFC 2606). */
export function emailOf(prefix: string, index: number): string {
  return `${prefix}-${index + 1}@example.com`;
}

/**
 * Makes one test user, or signs in the one that is there: the test login, then a profile if it has none (contract 2).
 * @throws {PreflightError} when the platform has no test login for us: trying again would not help
 * @throws {TargetNotAllowedError} when its name leads to where we may not go
 */
export async function tryAccount(
  http: Http,
  apiUrl: string,
  prefix: string,
  index: number,
): Promise<AccountTry> {
  const visit = new Visit(http, apiUrl);
  const email = emailOf(prefix, index);
  const login = await visit.post('/api/auth/dev-login', { email, name: `${prefix} ${index + 1}` });
  if (login.kind !== 'ok') return login.kind === 'refused' ? noTestLogin(apiUrl, login) : login;
  const accessToken = visit.cookie('accessToken');
  const refreshToken = visit.cookie('refreshToken');
  if (accessToken === undefined || refreshToken === undefined) {
    throw new PreflightError(
      `${apiUrl} signed the test user in, but gave no cookies that can be kept: over http a cookie with Secure cannot, so use https`,
    );
  }
  const facts = readToken(accessToken);
  const userId = facts?.userId ?? login.userId;
  if (userId === undefined) throw new PreflightError(`${apiUrl} does not say which user it signed in`);
  if (facts?.profileComplete !== true) {
    const profile = await visit.post('/api/users/complete-profile', profileOf(prefix, index));
    if (profile.kind === 'refused')
      throw new PreflightError(`${apiUrl} refuses the profile of a test user: ${profile.words}`);
    if (profile.kind !== 'ok') return profile;
  }
  return { kind: 'made', account: { userId, accessToken, refreshToken, sid: facts?.sid ?? '' } };
}

type Answer =
  | { readonly kind: 'ok'; readonly userId: string | undefined }
  | { readonly kind: 'limited' }
  | { readonly kind: 'failed'; readonly words: string }
  | { readonly kind: 'refused'; readonly words: string; readonly status: number };

/** One user's requests, with its cookies. */
class Visit {
  readonly #http: Http;
  readonly #apiUrl: string;
  readonly #jar: CookieJar;

  constructor(http: Http, apiUrl: string) {
    this.#http = http;
    this.#apiUrl = apiUrl;
    this.#jar = createCookieJar({}, [apiUrl]);
    // The pair is not signed: any equal values pass (contract 2), and a request is saved.
    const csrf = globalThis.crypto.randomUUID().replaceAll('-', '').repeat(2);
    this.#jar.store(`${apiUrl}/`, `csrf-token=${csrf}; Path=/`);
  }

  cookie(name: string): string | undefined {
    return this.#jar.value(this.#apiUrl, name);
  }

  async post(path: string, body: object): Promise<Answer> {
    const url = this.#apiUrl + path;
    const headers = {
      ...{ 'user-agent': USER_AGENT, accept: 'application/json', 'content-type': 'application/json' },
      cookie: this.#jar.cookieHeader(url),
      'x-csrf-token': this.cookie('csrf-token') ?? '',
    };
    const request: HttpRequest = { method: 'POST', url, headers, body: JSON.stringify(body) };
    const options = { maxBytes: MAX_BODY_BYTES, totalTimeoutMs: ANSWER_TIMEOUT_MS };
    const answer = await this.#http.text(request, options);
    if (answer.kind === 'failure') return failureOf(url, answer.end);
    this.#jar.store(answer.url, answer.headers['set-cookie']);
    const { outcome, data } = classifyResponse(answer.status, answer.body);
    if (outcome === 'ok') return { kind: 'ok', userId: userIdOf(data) };
    if (outcome === 'throttled' || outcome === 'proxy_limit') return { kind: 'limited' };
    const words = `POST ${path} answers HTTP ${answer.status}${messageOf(answer.body)}`;
    if (outcome === 'server_fault') return { kind: 'failed', words };
    return { kind: 'refused', words, status: answer.status };
  }
}

function failureOf(url: string, end: { readonly kind: string; readonly detail?: string }): Answer {
  const { hostname, origin } = new URL(url);
  if (end.kind === 'not_allowed') {
    const hint = `its name leads off this machine (--allow-target ${hostname}, and only if you may load it)`;
    throw new TargetNotAllowedError(hostname, hint);
  }
  return { kind: 'failed', words: `${origin} does not answer: ${end.detail ?? end.kind}` };
}

function noTestLogin(
  apiUrl: string,
  { status, words }: { readonly status: number; readonly words: string },
): never {
  if (status === 403) {
    throw new PreflightError(
      `${apiUrl} refuses the test login (HTTP 403). It needs ENABLE_DEV_AUTH=true and, unless APP_ENV=staging, a caller on the platform's own machine. A production platform has none: give --users accounts that you have, or --jwt-secret-env`,
    );
  }
  if (status === 404 || status < 400)
    throw new PreflightError(`${words}: no test login there; is --target the base of the API?`);
  throw new PreflightError(`${apiUrl} refuses the test login: ${words}`);
}

/** Everything that the platform asks a new user for; nobody lives there. */
function profileOf(prefix: string, index: number): object {
  const name = `${prefix} ${index + 1}`;
  return {
    ...{ email: emailOf(prefix, index), depositorName: name, fullName: name },
    instagramId: `${prefix.replaceAll('-', '_')}_${index + 1}`,
    ...{ address1: '123 Main St', city: 'Los Angeles', state: 'CA', zip: '90001' },
  };
}

function userIdOf(data: unknown): string | undefined {
  const user = (data as { user?: { id?: unknown } } | null | undefined)?.user;
  return typeof user?.id === 'string' && user.id !== '' ? user.id : undefined;
}

/** The platform's own word for it, in brackets. */
function messageOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === 'string' ? ` (${message.slice(0, MAX_WORDS_CHARS)})` : '';
  } catch {
    return '';
  }
}
