import type { ApiOutcome, BusinessRefusal } from '../events.js';
import type { StreamEndKind } from '../seams.js';

/** What an answer of the REST API means; `data` is the envelope's content when the outcome is `ok`. */
export interface ApiAnswer {
  readonly outcome: ApiOutcome;
  readonly data?: unknown;
  /** Which refusal it was, when the outcome is `business`. */
  readonly refusal?: BusinessRefusal;
}

/** Refusals that a working platform gives to a late buyer (contract 3.3): not a fault of anybody. */
const BUSINESS_CODES: ReadonlyMap<string, BusinessRefusal> = new Map([
  ['INSUFFICIENT_STOCK', 'insufficient_stock'],
  ['PRODUCT_SOLD_OUT', 'sold_out'],
  ['CART_EMPTY', 'cart_empty'],
  ['CART_ITEMS_EXPIRED', 'cart_expired'],
]);

/**
 * Sorts one HTTP answer of the REST API (contract 3.1): the app wraps everything in `{success, data | message}`,
 * so a 503 without that envelope is the proxy's limiter and one with it is the app's own.
 *
 * | status | envelope | outcome |
 * |---|---|---|
 * | 2xx | `success: true`, or 204 | ok |
 * | 2xx, 3xx | anything else | bad_body |
 * | 400 | a business code, or "not available" | business |
 * | 401, 403 | | unauthorized |
 * | 429 | | throttled |
 * | other 4xx, other 400 | | client_fault |
 * | 503 | none | proxy_limit |
 * | other 5xx | | server_fault |
 *
 * (api-outcome.test.ts repeats the table)
 */
export function classifyResponse(status: number, body: string): ApiAnswer {
  if (status === 204) return { outcome: 'ok' };
  if (status < 400) {
    const envelope = parseEnvelope(body);
    if (status >= 200 && status < 300 && envelope?.success === true)
      return { outcome: 'ok', data: envelope.data };
    return { outcome: 'bad_body' };
  }
  const refusal = status === 400 ? businessRefusal(parseEnvelope(body)) : undefined;
  return refusal === undefined ? { outcome: refusalOf(status, body) } : { outcome: 'business', refusal };
}

/**
 * The same for what the page's own site answers (`/api/config`, `/api/csrf`): plain JSON, and `absent` where there is
 * no such site in front of the API.
 */
export function classifySite(status: number, body: string): ApiAnswer {
  if (status === 404) return { outcome: 'absent' };
  if (status >= 400) return { outcome: refusalOf(status, body) };
  const data = status < 300 ? parseEnvelope(body) : undefined;
  return data === undefined ? { outcome: 'bad_body' } : { outcome: 'ok', data };
}

/** Sorts an exchange without a response; undefined when the viewer itself stopped it. */
export function classifyFailure(end: StreamEndKind): ApiOutcome | undefined {
  if (end === 'aborted') return undefined;
  if (end === 'timeout') return 'timeout';
  return end === 'too_large' ? 'bad_body' : 'network';
}

function refusalOf(status: number, body: string): ApiOutcome {
  if (status === 429) return 'throttled';
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 503)
    return typeof parseEnvelope(body)?.success === 'boolean' ? 'server_fault' : 'proxy_limit';
  if (status >= 500) return 'server_fault';
  return 'client_fault';
}

interface Envelope {
  readonly success?: unknown;
  readonly data?: unknown;
  readonly errorCode?: unknown;
  readonly message?: unknown;
}

function businessRefusal(envelope: Envelope | undefined): BusinessRefusal | undefined {
  if (envelope?.success !== false) return undefined;
  const { errorCode, message } = envelope;
  const known = typeof errorCode === 'string' ? BUSINESS_CODES.get(errorCode) : undefined;
  if (known !== undefined) return known;
  return typeof message === 'string' && /not available/i.test(message) ? 'not_available' : undefined;
}

function parseEnvelope(body: string): Envelope | undefined {
  if (!body.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(body) as Envelope;
  } catch {
    return undefined;
  }
}
