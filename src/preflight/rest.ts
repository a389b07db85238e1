import type { ApiOutcome } from '../events.js';
import type { Clock, Http } from '../seams.js';
import type { Target, ViewerIdentity } from '../target.js';
import { classifyFailure, classifyResponse } from '../virtual-user/api-outcome.js';
import { createCookieJar } from '../virtual-user/cookie-jar.js';
import type { PreflightCheck } from './report.js';

export interface RestDeps {
  readonly clock: Clock;
  readonly http: Http;
  readonly target: Target;
  readonly identity: ViewerIdentity;
  /** The run's viewers put things into their carts. */
  readonly usesCart: boolean;
  /** For each answer, ms. */
  readonly patienceMs: number;
}

/** What two reads of the REST API came to. */
export interface RestSighting {
  readonly check: PreflightCheck;
  /** Something came back, be it rubbish. */
  readonly answered: boolean;
}

interface Read {
  readonly outcome: ApiOutcome;
  readonly status?: number;
  readonly data?: unknown;
  readonly answered: boolean;
  readonly tookMs: number;
}

const MAX_BODY_BYTES = 4_000_000;

/** Asks for the products and the stream's status as the page does: reads only, nothing is changed. */
export async function lookAtRest(deps: RestDeps): Promise<RestSighting> {
  const key = encodeURIComponent(deps.target.streamKey);
  const [products, status] = await Promise.all([
    read(deps, `/api/products?streamKey=${key}&status=AVAILABLE&take=100`),
    read(deps, `/api/streaming/key/${key}/status`),
  ]);
  const troubles = [...productTroubles(products, deps.usesCart), ...statusTroubles(status)];
  const answered = products.answered || status.answered;
  if (troubles.length > 0) {
    return { check: { part: 'rest', status: 'warning', text: troubles.join('; ') }, answered };
  }
  const count = Array.isArray(products.data) ? products.data.length : 0;
  const text = `stream LIVE, ${count} products in ${Math.round(products.tookMs)} ms`;
  return { check: { part: 'rest', status: 'ok', text }, answered };
}

async function read({ clock, http, target, identity, patienceMs }: RestDeps, path: string): Promise<Read> {
  const url = target.apiUrl + path;
  const startedAtMs = clock.nowMs();
  const cookie = createCookieJar(identity, [target.apiUrl]).cookieHeader(url);
  const answer = await http.text(
    {
      method: 'GET',
      url,
      headers: {
        accept: 'application/json, text/plain, */*',
        'accept-encoding': 'gzip',
        ...(cookie === '' ? {} : { cookie }),
      },
    },
    { maxBytes: MAX_BODY_BYTES, totalTimeoutMs: patienceMs },
  );
  const tookMs = clock.nowMs() - startedAtMs;
  if (answer.kind === 'response') {
    return { ...classifyResponse(answer.status, answer.body), status: answer.status, answered: true, tookMs };
  }
  const { kind } = answer.end;
  return {
    outcome: classifyFailure(kind) ?? 'network',
    answered: kind === 'network' || kind === 'too_large',
    tookMs,
  };
}

function productTroubles(read: Read, usesCart: boolean): string[] {
  if (read.outcome !== 'ok') return [`products: ${wordsFor(read)}`];
  if (!Array.isArray(read.data)) return ['products: not a list in the agreed envelope'];
  return usesCart && read.data.length === 0 ? ['no product is on sale: nobody can fill a cart'] : [];
}

function statusTroubles(read: Read): string[] {
  if (read.outcome !== 'ok') return [`stream status: ${wordsFor(read)}`];
  const status = (read.data as { status?: unknown } | null | undefined)?.status;
  if (status === 'LIVE') return [];
  if (status === 'OFFLINE' || status === 'PENDING') {
    return [`the platform says the stream is ${status}: not on air, or not the key of --stream-key`];
  }
  return ['stream status: not in the agreed envelope'];
}

const OUTCOMES: Readonly<Partial<Record<ApiOutcome, string>>> = {
  throttled: 'throttled',
  proxy_limit: 'a limit of the proxy in front',
  server_fault: 'a server fault',
  unauthorized: 'not authorized',
  bad_body: 'not the agreed envelope',
  timeout: 'no answer in time',
  network: 'no usable answer',
};

function wordsFor({ outcome, status }: Read): string {
  const words = OUTCOMES[outcome] ?? 'refused';
  return status === undefined ? words : `HTTP ${status}, ${words}`;
}
