import type { ApiCall, ApiOutcome, BusinessRefusal, EmitEvent } from '../events.js';
import type { Cancel, Clock, Http, HttpMethod, TextFailure, TextResponse } from '../seams.js';
import { type ApiAnswer, classifyFailure, classifyResponse, classifySite } from './api-outcome.js';
import type { CookieJar } from './cookie-jar.js';

/** As the page's client: contract 3.2 and 3.4. */
const REQUEST_TIMEOUT_MS = 30_000;
const THROTTLED_WAITS_MS: readonly number[] = [1000, 2000, 3000];
/** 100 products of some KB each. */
const MAX_BODY_BYTES = 4_000_000;
/** Unanswered for this long when the viewer goes: reported as a timeout, so that leaving hides no hanging call. */
const UNANSWERED_MS = 5000;

export interface RestDeps {
  readonly clock: Clock;
  readonly http: Http;
  readonly jar: CookieJar;
  /** Base of REST, without a trailing slash. */
  readonly apiUrl: string;
  /** URL of the live page: Referer, and its origin for writes. */
  readonly pageUrl: string;
  readonly userAgent: string;
  readonly emit: EmitEvent;
  /** Asks for a new access token after a 401; true = the call is worth repeating. Absent = nobody is signed in. */
  readonly renewToken?: (() => Promise<boolean>) | undefined;
}

export interface RestRequest {
  readonly call: ApiCall;
  readonly method: HttpMethod;
  /** From `/api` on, with the query. */
  readonly path: string;
  readonly body?: unknown;
  /** Instant at which it should have begun, run ms. */
  readonly dueMs: number;
  /**
   * Answered by the site that serves the page, not by the API: JSON without the envelope, and nothing at all (404)
   * where the API stands alone.
   */
  readonly site?: true;
  /** No part of the load: nothing is reported. */
  readonly silent?: true;
  /** Whether the envelope's content is what the contract says; a false makes it `bad_body`. */
  accepts(data: unknown): boolean;
}

/**
 * One viewer's REST client as its page has it: cookies, CSRF pair, up to three retries when throttled, and after a
 * 401 a new token and one retry (contract 2).
 */
export interface RestClient {
  /** Resolves with the last answer; undefined when the viewer left first. Every attempt is one `api_call`. */
  call(request: RestRequest): Promise<ApiAnswer | undefined>;
  /** The viewer goes; nothing is reported after it. */
  close(): void;
}

interface Attempt {
  readonly request: RestRequest;
  readonly startedAtMs: number;
}

export function createRestClient(deps: RestDeps): RestClient {
  return new ViewerRestClient(deps);
}

class ViewerRestClient implements RestClient {
  private readonly deps: RestDeps;
  private readonly running = new Set<Attempt>();
  private readonly waits = new Set<() => void>();
  private closed = false;

  constructor(deps: RestDeps) {
    this.deps = deps;
  }

  async call(request: RestRequest): Promise<ApiAnswer | undefined> {
    let mayRenew = request.call !== 'refresh' && this.deps.renewToken !== undefined;
    for (const waitMs of [...THROTTLED_WAITS_MS, undefined]) {
      let answer = this.closed ? undefined : await this.attempt(request, mayRenew);
      if (answer?.outcome === 'renewed') {
        mayRenew = false;
        answer = this.closed ? undefined : await this.attempt(request, false);
      }
      if (answer?.outcome !== 'throttled' || waitMs === undefined) return answer;
      await this.wait(waitMs);
    }
    return undefined;
  }

  close(): void {
    if (this.closed) return;
    const nowMs = this.deps.clock.nowMs();
    for (const attempt of this.running) {
      if (nowMs - attempt.startedAtMs >= UNANSWERED_MS) this.report(attempt, 'timeout', nowMs);
    }
    this.closed = true;
    for (const wake of [...this.waits]) wake();
  }

  private async attempt(request: RestRequest, mayRenew: boolean): Promise<ApiAnswer | undefined> {
    const { clock, http, jar } = this.deps;
    const url = this.deps.apiUrl + request.path;
    const attempt = { request, startedAtMs: clock.nowMs() };
    this.running.add(attempt);
    const answer = await http.text(
      {
        method: request.method,
        url,
        headers: this.headers(request, url),
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      },
      { maxBytes: MAX_BODY_BYTES, totalTimeoutMs: REQUEST_TIMEOUT_MS },
    );
    this.running.delete(attempt);
    if (this.closed) return undefined;
    if (answer.kind === 'failure') return this.failed(attempt, answer);
    jar.store(answer.url, answer.headers['set-cookie']);
    if (answer.status === 401 && mayRenew && (await this.deps.renewToken?.())) {
      if (this.closed) return undefined;
      this.report(attempt, 'renewed', answer.endedAtMs, answer.status);
      return { outcome: 'renewed' };
    }
    return this.closed ? undefined : this.answered(attempt, answer);
  }

  private failed(attempt: Attempt, { end }: TextFailure): ApiAnswer | undefined {
    const outcome = classifyFailure(end.kind);
    if (outcome === undefined) return undefined;
    this.report(attempt, outcome, end.atMs);
    return { outcome };
  }

  private answered(attempt: Attempt, { status, body, endedAtMs }: TextResponse): ApiAnswer {
    const answer = (attempt.request.site ? classifySite : classifyResponse)(status, body);
    const isWrong = answer.outcome === 'ok' && !attempt.request.accepts(answer.data);
    const outcome = isWrong ? 'bad_body' : answer.outcome;
    this.report(attempt, outcome, endedAtMs, status, answer.refusal);
    return isWrong ? { outcome } : answer;
  }

  private report(
    { request, startedAtMs }: Attempt,
    outcome: ApiOutcome,
    atMs: number,
    status?: number,
    refusal?: BusinessRefusal,
  ): void {
    if (request.silent) return;
    this.deps.emit({
      kind: 'api_call',
      atMs,
      phaseAtMs: request.dueMs,
      call: request.call,
      write: isWrite(request),
      outcome,
      ...(status === undefined ? {} : { status }),
      ...(refusal === undefined ? {} : { refusal }),
      durationMs: atMs - startedAtMs,
      sinceDueMs: Math.max(0, atMs - request.dueMs),
    });
  }

  /** What Chrome sends with a same-origin fetch of the page. */
  private headers(request: RestRequest, url: string): Record<string, string> {
    const { jar, pageUrl, userAgent } = this.deps;
    const headers: Record<string, string> = {
      'user-agent': userAgent,
      accept: 'application/json, text/plain, */*',
      'accept-language': 'ko-KR,ko;q=0.9,en;q=0.8',
      'accept-encoding': 'gzip',
      referer: pageUrl,
    };
    const cookie = jar.cookieHeader(url);
    if (cookie !== '') headers.cookie = cookie;
    if (!isWrite(request)) return headers;
    headers.origin = new URL(pageUrl).origin;
    if (request.body !== undefined) headers['content-type'] = 'application/json';
    const csrf = jar.value(url, 'csrf-token');
    if (csrf !== undefined) headers['x-csrf-token'] = csrf;
    return headers;
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.waits.delete(wake);
        resolve();
      };
      const cancel: Cancel = this.deps.clock.after(ms, wake);
      this.waits.add(wake);
    });
  }
}

function isWrite(request: RestRequest): boolean {
  return request.method !== 'GET';
}
