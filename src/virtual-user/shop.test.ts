import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, ScriptedHttp } from '../../test/support/scripted-http.js';
import { EventLog, STREAM_KEY } from '../../test/support/viewer-harness.js';
import { flushMicrotasks, VirtualClock } from '../../test/support/virtual-clock.js';
import type { EmitEvent } from '../events.js';
import { createRng } from '../rng.js';
import { createCookieJar } from './cookie-jar.js';
import { createRestClient, type RestClient } from './rest-client.js';
import { createShop, type Shop } from './shop.js';

const API = 'http://127.0.0.1:4000';
const LIST = '/api/products';

let clock: VirtualClock;
let http: ScriptedHttp;
let log: EventLog;
let rest: RestClient;
let shop: Shop;

beforeEach(() => {
  clock = new VirtualClock();
  http = new ScriptedHttp(clock);
  log = new EventLog();
  const jar = createCookieJar({ userId: 'u1', accessToken: 'token1' }, [API]);
  const pageUrl = `${API}/live/${STREAM_KEY}`;
  const emit: EmitEvent = (event) => log.add(event);
  rest = createRestClient({
    clock,
    http,
    jar,
    apiUrl: API,
    pageUrl,
    userAgent: 'Chrome/142',
    emit,
  });
  shop = createShop({ clock, rng: createRng(1, 1), rest, streamKey: STREAM_KEY, emit });
});

function ok(data: unknown, status = 200, atMs = 20): Answer {
  return { status, headersAtMs: atMs, body: JSON.stringify({ data, success: true, timestamp: 't' }) };
}

function refused(status: number, fields: Record<string, unknown>): Answer {
  return { status, headersAtMs: 5, body: JSON.stringify({ success: false, timestamp: 't', ...fields }) };
}

const product = { id: 'p1', status: 'AVAILABLE', stock: 5, variants: [] };

function outcomes(): [string, string, number | undefined][] {
  return log.of('api_call').map(({ call, outcome, status }) => [call, outcome, status]);
}

describe('the shop of one viewer', () => {
  it('asks for the products of the stream as the page does', async () => {
    http.route(LIST, ok([product]));
    void shop.products(0);
    await clock.run(100);
    const [request] = http.requests;
    expect(request?.url).toBe(`${API}/api/products?streamKey=${STREAM_KEY}&status=AVAILABLE&take=100`);
    expect(request?.headers).toMatchObject({
      'user-agent': 'Chrome/142',
      'accept-encoding': 'gzip',
      cookie: 'accessToken=token1',
      referer: `${API}/live/${STREAM_KEY}`,
    });
    expect(request?.headers).not.toHaveProperty('origin');
    expect(outcomes()).toEqual([['products', 'ok', 200]]);
  });

  it('times a call plainly and from when it was due', async () => {
    http.route(LIST, ok([], 200, 80));
    clock.advance(1000);
    void shop.products(940);
    await clock.run(200);
    expect(log.of('api_call')).toMatchObject([
      { atMs: 1080, phaseAtMs: 940, durationMs: 80, sinceDueMs: 140, write: false },
    ]);
  });

  it('looks at the list first when it has not, and sends the CSRF pair and its session with the write', async () => {
    const cookies = ['csrf-token=abc123; Path=/', 'session_id=s-1; Path=/; HttpOnly'];
    http.route(LIST, { ...ok([product]), headers: { 'set-cookie': cookies } });
    http.route('POST /api/cart', ok({ id: 'item' }, 201));
    void shop.addToCart(0);
    await clock.run(100);
    expect(http.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
    const write = http.requests[1];
    expect(write?.headers).toMatchObject({
      'x-csrf-token': 'abc123',
      'content-type': 'application/json',
      origin: API,
      cookie: 'accessToken=token1; csrf-token=abc123; session_id=s-1',
    });
    expect(JSON.parse(write?.body ?? '')).toEqual({ productId: 'p1', quantity: 1 });
    expect(log.of('api_call')).toMatchObject([
      { call: 'products', outcome: 'ok' },
      { call: 'cart_add', outcome: 'ok', status: 201, write: true, durationMs: 20, sinceDueMs: 20 },
    ]);
  });

  it('takes only what is on sale, with a variant that is', async () => {
    const variants = [
      { id: 'v1', status: 'ACTIVE', stock: 0 },
      { id: 'v2', status: 'HIDDEN', stock: 4 },
      { id: 'v3', status: 'ACTIVE', stock: 4 },
    ];
    const list = [
      { id: 'gone', status: 'SOLD_OUT', stock: 3 },
      { id: 'empty', status: 'AVAILABLE', stock: 0 },
      { id: 'all-gone', status: 'AVAILABLE', variants: variants.slice(0, 2) },
      { id: 'shirt', status: 'AVAILABLE', stock: 4, variants },
      { id: 'x'.repeat(5000), status: 'AVAILABLE', stock: 1 },
      'garbage',
      null,
    ];
    http.route(LIST, ok(list));
    http.route('POST /api/cart', ok({ id: 'item' }, 201));
    for (let i = 0; i < 10; i++) {
      void shop.addToCart(clock.nowMs());
      await clock.run(100);
    }
    const bodies = http.requests
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => JSON.parse(body ?? ''));
    expect(bodies).toHaveLength(10);
    for (const body of bodies) expect(body).toEqual({ productId: 'shirt', variantId: 'v3', quantity: 1 });
  });

  it('writes nothing when nothing is on sale', async () => {
    http.route(LIST, ok([]));
    void shop.addToCart(0);
    await clock.run(100);
    expect(outcomes()).toEqual([['products', 'ok', 200]]);
  });

  it('keeps the refusals of a platform apart', async () => {
    http.route(LIST, ok([product]));
    http.route('POST /api/cart', [
      refused(400, { errorCode: 'INSUFFICIENT_STOCK' }),
      { status: 503, body: '<html>503 Service Temporarily Unavailable</html>' },
      refused(503, { message: 'starting' }),
      { status: 502, body: '<html>502</html>' },
      refused(403, { errorCode: 'CSRF_TOKEN_MISSING' }),
      ok('text', 201),
      { fail: { kind: 'reset', atMs: 3 } },
    ]);
    for (let i = 0; i < 7; i++) {
      void shop.addToCart(clock.nowMs());
      await clock.run(100);
    }
    expect(log.of('api_call').flatMap(({ write, outcome }) => (write ? [outcome] : []))).toEqual([
      'business',
      'proxy_limit',
      'server_fault',
      'server_fault',
      'unauthorized',
      'bad_body',
      'network',
    ]);
  });

  it('calls a list that is none a bad body', async () => {
    http.route(LIST, [ok({ items: [] }), { body: '<html>502 Bad Gateway</html>' }]);
    for (let i = 0; i < 2; i++) {
      void shop.products(clock.nowMs());
      await clock.run(100);
    }
    expect(outcomes()).toEqual([
      ['products', 'bad_body', 200],
      ['products', 'bad_body', 200],
    ]);
  });

  it('tries again after 1, 2 and 3 s when it is throttled, and counts each', async () => {
    http.route(LIST, { status: 429, body: '{"message":"Too Many Requests"}' });
    void shop.products(0);
    await clock.run(20_000);
    expect(http.requests.map(({ atMs }) => atMs)).toEqual([0, 1000, 3000, 6000]);
    expect(log.of('api_call').map(({ outcome, sinceDueMs }) => [outcome, sinceDueMs])).toEqual([
      ['throttled', 0],
      ['throttled', 1000],
      ['throttled', 3000],
      ['throttled', 6000],
    ]);
  });

  it('gives up an answer after 30 s', async () => {
    http.route(LIST, { headersAtMs: 60_000, body: '' });
    void shop.products(0);
    await clock.run(31_000);
    expect(log.of('api_call')).toMatchObject([{ outcome: 'timeout', durationMs: 30_000 }]);
  });

  it('orders what it has put into the cart, and never orders again by itself', async () => {
    http.route(LIST, ok([product]));
    http.route('POST /api/cart', ok({ id: 'item' }, 201));
    http.route('POST /api/orders/from-cart', [ok({ id: 'ORD-20260501-00001' }, 201), refused(500, {})]);
    void shop.order(0);
    await clock.run(200);
    void shop.order(200);
    await clock.run(20_000);
    expect(log.of('order_created').map(({ orderId }) => orderId)).toEqual(['ORD-20260501-00001']);
    expect(http.paths.filter((path) => path.includes('orders'))).toHaveLength(2);
    expect(outcomes().at(-1)).toEqual(['order_create', 'server_fault', 500]);
  });

  it('does not order when the cart took nothing', async () => {
    http.route(LIST, ok([product]));
    http.route('POST /api/cart', refused(400, { errorCode: 'PRODUCT_SOLD_OUT' }));
    void shop.order(0);
    await clock.run(200);
    expect(http.paths.some((path) => path.includes('orders'))).toBe(false);
  });
});

describe('the refusals of a working shop', () => {
  it.each([
    [{ errorCode: 'PRODUCT_SOLD_OUT' }, 'sold_out'],
    [{ errorCode: 'INSUFFICIENT_STOCK' }, 'insufficient_stock'],
    [{ errorCode: 'CART_EMPTY' }, 'cart_empty'],
    [{ errorCode: 'CART_ITEMS_EXPIRED' }, 'cart_expired'],
    [{ message: 'Product is not available' }, 'not_available'],
  ])('are told apart: %o is %s', async (fields, refusal) => {
    http.route(LIST, ok([product]));
    http.route('POST /api/cart', ok({ id: 'item' }, 201));
    http.route('POST /api/orders/from-cart', refused(400, fields));
    void shop.order(0);
    await clock.run(5000);
    expect(log.of('api_call').at(-1)).toMatchObject({ call: 'order_create', outcome: 'business', refusal });
    expect(http.paths.filter((path) => path.includes('orders'))).toHaveLength(1);
  });

  it('are none of them a fault of the server, which an order meets in a conflict', async () => {
    http.route(LIST, ok([product]));
    http.route('POST /api/cart', ok({ id: 'item' }, 201));
    http.route('POST /api/orders/from-cart', refused(500, { errorCode: 'INTERNAL_SERVER_ERROR' }));
    void shop.order(0);
    await clock.run(20_000);
    expect(log.of('api_call').at(-1)).toMatchObject({ call: 'order_create', outcome: 'server_fault' });
    expect(log.of('api_call').at(-1)).not.toHaveProperty('refusal');
    expect(http.paths.filter((path) => path.includes('orders'))).toHaveLength(1);
  });
});

describe('emptying the cart', () => {
  const emptied = async (): Promise<boolean | undefined> => {
    let result: boolean | undefined;
    void shop.emptyCart().then((ok) => {
      result = ok;
    });
    await clock.run(10_000);
    return result;
  };
  const deletes = (): number => http.requests.filter(({ method }) => method === 'DELETE').length;

  beforeEach(() => {
    http.route(LIST, ok([product]));
    http.route('DELETE /api/cart', { status: 204, body: '' });
  });

  it('asks for nothing where nothing was put into it, or the platform took nothing', async () => {
    expect(await emptied()).toBeUndefined();
    http.route('POST /api/cart', refused(400, { errorCode: 'PRODUCT_SOLD_OUT' }));
    void shop.addToCart(clock.nowMs());
    await clock.run(100);
    expect(shop.cartMayHold).toBe(false);
    expect(await emptied()).toBeUndefined();
    expect(deletes()).toBe(0);
  });

  it('takes out what was put in, as no call of the load', async () => {
    http.route('POST /api/cart', ok({ id: 'item' }, 201));
    void shop.addToCart(0);
    await clock.run(100);
    const before = log.events.length;
    expect(await emptied()).toBe(true);
    expect(deletes()).toBe(1);
    expect(log.events).toHaveLength(before);
  });

  it('does it also after an answer that says nothing, and not after an order that took everything', async () => {
    http.route('POST /api/cart', { fail: { kind: 'reset', atMs: 3 } });
    void shop.addToCart(0);
    await clock.run(100);
    expect(shop.cartMayHold).toBe(true);
    http.route('POST /api/cart', ok({ id: 'item' }, 201));
    http.route('POST /api/orders/from-cart', ok({ id: 'ORD-1' }, 201));
    void shop.order(clock.nowMs());
    await clock.run(100);
    expect(shop.cartMayHold).toBe(false);
    expect(await emptied()).toBeUndefined();
  });

  it('waits for what is under way, and buys nothing more', async () => {
    http.route('POST /api/cart', ok({ id: 'item' }, 201, 400));
    http.route('POST /api/orders/from-cart', ok({ id: 'ORD-1' }, 201));
    void shop.order(0);
    await clock.run(100);
    expect(await emptied()).toBe(true);
    expect(http.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'DELETE']);
  });

  it('says so when the platform refuses', async () => {
    http.route('POST /api/cart', ok({ id: 'item' }, 201));
    http.route('DELETE /api/cart', refused(500, {}));
    void shop.addToCart(0);
    await clock.run(100);
    expect(await emptied()).toBe(false);
  });
});

describe('leaving with calls under way', () => {
  it('reports one that has hung for 5 s as a timeout, and nothing for a young one', async () => {
    http.route(LIST, { headersAtMs: 20_000, body: '' });
    void shop.products(0);
    await clock.run(3000);
    void shop.products(3000);
    await clock.run(2500);
    rest.close();
    http.close();
    await flushMicrotasks();
    expect(log.of('api_call')).toMatchObject([{ outcome: 'timeout', durationMs: 5500 }]);
    expect(log.of('api_call')).toHaveLength(1);
  });

  it('does not wait for a retry', async () => {
    http.route(LIST, { status: 429, body: '{}' });
    let done = false;
    void shop.products(0).then(() => {
      done = true;
    });
    await clock.run(500);
    rest.close();
    await clock.run(0);
    expect(done).toBe(true);
    expect(clock.pending).toBe(0);
    expect(http.requests).toHaveLength(1);
  });
});
