import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiOutcome } from '../events.js';
import type { StreamEndKind } from '../seams.js';
import { classifyFailure, classifyResponse, classifySite } from './api-outcome.js';

const NGINX_503 = '<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head></html>';

function refusal(fields: Record<string, unknown>): string {
  return JSON.stringify({ success: false, timestamp: '2026-05-01T00:00:00.000Z', ...fields });
}

describe('what an answer of the API means', () => {
  it.each<[string, number, string, ApiOutcome]>([
    ['an enveloped success', 200, '{"success":true,"data":[]}', 'ok'],
    ['a created item', 201, '{"data":{"id":"1"},"success":true}', 'ok'],
    ['no content', 204, '', 'ok'],
    ['a success without an envelope', 200, '[]', 'bad_body'],
    ['a page instead of JSON', 200, '<html></html>', 'bad_body'],
    ['a success that says it is none', 200, refusal({ message: 'no' }), 'bad_body'],
    ['half a body', 200, '{"success":true,"da', 'bad_body'],
    ['a redirect to somewhere', 302, '', 'bad_body'],
    ['sold out', 400, refusal({ errorCode: 'PRODUCT_SOLD_OUT', message: 'x' }), 'business'],
    ['not enough in stock', 400, refusal({ errorCode: 'INSUFFICIENT_STOCK', message: 'x' }), 'business'],
    ['an empty cart', 400, refusal({ errorCode: 'CART_EMPTY', message: 'x' }), 'business'],
    ['expired items', 400, refusal({ errorCode: 'CART_ITEMS_EXPIRED', message: 'x' }), 'business'],
    ['a product off sale', 400, refusal({ message: 'Product is not AVAILABLE' }), 'business'],
    ['a validation error', 400, refusal({ message: 'quantity must be positive' }), 'client_fault'],
    ['a 400 of the proxy', 400, '<html>400 Bad Request</html>', 'client_fault'],
    ['a business code without the envelope', 400, '{"errorCode":"CART_EMPTY"}', 'client_fault'],
    ['an unknown product', 404, refusal({ message: 'x' }), 'client_fault'],
    ['no token', 401, refusal({ message: 'x' }), 'unauthorized'],
    ['no CSRF token', 403, refusal({ errorCode: 'CSRF_TOKEN_MISSING' }), 'unauthorized'],
    ['the throttler', 429, '{"message":"ThrottlerException: Too Many Requests"}', 'throttled'],
    ['a 429 of the proxy', 429, '<html>429</html>', 'throttled'],
    ['the limiter of the proxy', 503, NGINX_503, 'proxy_limit'],
    ['an empty 503', 503, '', 'proxy_limit'],
    ['the app that is not ready', 503, refusal({ message: 'x' }), 'server_fault'],
    ['an unhandled error', 500, refusal({ errorCode: 'INTERNAL_SERVER_ERROR' }), 'server_fault'],
    ['a dead upstream', 502, '<html>502 Bad Gateway</html>', 'server_fault'],
    ['a slow upstream', 504, '<html>504 Gateway Time-out</html>', 'server_fault'],
  ])('%s (%i)', (_title, status, body, outcome) => {
    expect(classifyResponse(status, body).outcome).toBe(outcome);
  });

  it('hands out the data of a success', () => {
    expect(classifyResponse(200, '{"success":true,"data":[{"id":"p1"}]}').data).toEqual([{ id: 'p1' }]);
  });

  it('never throws, and is never ok without an envelope', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.string(), (status, body) => {
        const { outcome } = classifyResponse(status, body);
        if (status !== 204) expect(outcome).not.toBe('ok');
      }),
    );
    expect(classifyResponse(200, '['.repeat(100_000)).outcome).toBe('bad_body');
    expect(classifyResponse(200, '{"a":'.repeat(100_000)).outcome).toBe('bad_body');
  });
});

describe('an exchange without an answer', () => {
  it.each<[StreamEndKind, ApiOutcome | undefined]>([
    ['timeout', 'timeout'],
    ['refused', 'network'],
    ['dns', 'network'],
    ['cut', 'network'],
    ['reset', 'network'],
    ['network', 'network'],
    ['not_allowed', 'network'],
    ['too_large', 'bad_body'],
    ['aborted', undefined],
  ])('that ended by %s is %s', (kind, outcome) => {
    expect(classifyFailure(kind)).toBe(outcome);
  });
});

describe("an answer of the page's own site", () => {
  it.each<[number, string, ApiOutcome]>([
    [200, '{"cdnUrl":""}', 'ok'],
    [200, '<html>', 'bad_body'],
    [204, '', 'bad_body'],
    [302, '', 'bad_body'],
    [404, '{"success":false}', 'absent'],
    [429, '{}', 'throttled'],
    [500, 'Internal Server Error', 'server_fault'],
    [503, '<html>', 'proxy_limit'],
  ])('%i %s is %s', (status, body, outcome) => {
    expect(classifySite(status, body).outcome).toBe(outcome);
  });
});
