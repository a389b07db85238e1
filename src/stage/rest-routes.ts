/** The REST endpoints that a viewer touches (contract 3.3), without their HTTP side. */
import { type AccountRefusals, accountRoutes } from './account-routes.js';
import type { Accounts } from './accounts.js';
import { productDto } from './product-catalog.js';
import { bodyField, type RestAnswer, RestError, type RestRoute, userOf } from './rest-call.js';
import type { CartRow, Order, Shop } from './shop.js';
import type { StageClock } from './stage-clock.js';
import { isoTime } from './stage-socket.js';

export interface RestWorld {
  readonly clock: StageClock;
  readonly accounts: Accounts;
  readonly shop: Shop;
  readonly streamKey: string;
  /** Is the stream on air (or within its grace)? */
  readonly isLive: () => boolean;
  readonly liveSinceEpochMs: () => number;
  readonly viewerCount: () => number;
  /** What a fault refuses now. */
  readonly refuses: AccountRefusals;
}

const TITLE = '오늘의 라이브';
const MAX_PRODUCTS = 100;
const MAX_PAGE = 50;
const NOTICE = { text: '무료배송 이벤트', fontSize: 14, fontFamily: 'Pretendard' };

export function restRoutes(world: RestWorld): RestRoute[] {
  return [
    ...streamRoutes(world),
    ...productRoutes(world),
    ...cartRoutes(world),
    ...orderRoutes(world),
    ...accountRoutes(world.accounts, world.refuses),
    ...healthRoutes(world),
  ];
}

function ok(data: unknown): RestAnswer {
  return { status: 200, data };
}

function get(pattern: string, access: RestRoute['access'], answer: RestRoute['answer']): RestRoute {
  return { method: 'GET', pattern, access, answer };
}

function write(method: string, pattern: string, answer: RestRoute['answer']): RestRoute {
  return { method, pattern, access: 'user', answer };
}

function streamRoutes(world: RestWorld): RestRoute[] {
  const startedAt = (): string => isoTime(world.liveSinceEpochMs());
  const summary = (): object => ({
    ...{ id: world.streamKey, streamKey: world.streamKey, title: TITLE, description: '', thumbnailUrl: null },
    ...{ viewerCount: world.viewerCount(), startedAt: startedAt(), status: 'LIVE', isLive: true },
    host: { id: 'host', name: 'Dorami' },
  });
  const live = (): object[] => (world.isLive() ? [summary()] : []);
  return [
    get('/streaming/key/:key/status', 'public', ({ params }) => {
      if (params.key !== world.streamKey) return ok({ status: 'OFFLINE', viewerCount: 0, title: '' });
      const status = world.isLive() ? 'LIVE' : 'OFFLINE';
      return ok({ status, viewerCount: world.viewerCount(), startedAt: startedAt(), title: TITLE });
    }),
    get('/streaming/key/:key/featured-product', 'public', () => ok({ product: null })),
    get('/streaming/active', 'public', () => ok(live())),
    get('/streaming/upcoming', 'public', () => ok(live())),
    get('/streaming/:id/status', 'public', ({ params }) => {
      if (params.id !== world.streamKey) throw new RestError(400, 'Stream not found', 'STREAM_NOT_FOUND');
      return ok(summary());
    }),
    get('/notices/current', 'public', () => ok(NOTICE)),
  ];
}

function productRoutes({ shop, streamKey }: RestWorld): RestRoute[] {
  const dto = (id: string): object => productDto(shop.product(id), streamKey);
  const all = (): object[] => shop.products().map(({ id }) => dto(id));
  return [
    get('/products', 'public', ({ query }) => {
      const wanted = query.get('streamKey');
      if (wanted !== null && wanted !== streamKey) return ok([]);
      const status = query.get('status');
      const matching = shop.products().filter((product) => status === null || product.status === status);
      const from = Number(query.get('skip') ?? 0) || 0;
      const take = wanted === null ? matching.length : clamp(query.get('take'), MAX_PRODUCTS, MAX_PRODUCTS);
      return ok(matching.slice(from, from + take).map(({ id }) => dto(id)));
    }),
    get('/products/featured', 'public', () => ok(all())),
    get('/products/store', 'public', () => ok({ data: all(), meta: { total: all().length, page: 1 } })),
    get('/products/popular', 'public', () => ok({ data: all(), meta: { total: all().length, page: 1 } })),
    get('/products/live-deals', 'public', () => ok(all())),
    get('/products/:id', 'public', ({ params }) => ok(dto(params.id ?? ''))),
  ];
}

function clamp(value: string | null, fallback: number, limit: number): number {
  const number = Number(value ?? fallback);
  return Number.isFinite(number) ? Math.min(limit, Math.max(1, Math.floor(number))) : fallback;
}

function cartRoutes({ shop, clock }: RestWorld): RestRoute[] {
  const rowDto = (row: CartRow): object => {
    const product = shop.product(row.productId);
    return {
      ...{ id: row.id, productId: row.productId, productName: product.name, price: String(product.price) },
      ...{ quantity: row.quantity, shippingFee: '3000', timerEnabled: false, status: 'ACTIVE' },
      ...{ subtotal: String(product.price * row.quantity), createdAt: isoTime(clock.epochMs()) },
    };
  };
  return [
    get('/cart', 'user', (call) => ok(cartDto(shop, shop.cart(userOf(call).userId), rowDto))),
    write('POST', '/cart', (call) => {
      const productId = bodyField(call, 'productId');
      if (typeof productId !== 'string') throw new RestError(400, 'productId must be a string');
      const row = shop.addToCart(userOf(call).userId, productId, quantityOf(bodyField(call, 'quantity')));
      return { status: 201, data: rowDto(row) };
    }),
    write('PATCH', '/cart/:id', (call) => {
      const quantity = quantityOf(bodyField(call, 'quantity'));
      return ok(rowDto(shop.setQuantity(userOf(call).userId, call.params.id ?? '', quantity)));
    }),
    write('DELETE', '/cart/:id', (call) => {
      shop.removeFromCart(userOf(call).userId, call.params.id ?? '');
      return { status: 204 };
    }),
    write('DELETE', '/cart', (call) => {
      shop.clearCart(userOf(call).userId);
      return { status: 204 };
    }),
  ];
}

function cartDto(shop: Shop, rows: readonly CartRow[], rowDto: (row: CartRow) => object): object {
  const subtotal = rows.reduce((sum, row) => sum + shop.product(row.productId).price * row.quantity, 0);
  const shipping = rows.length > 0 ? 3000 : 0;
  return {
    ...{ items: rows.map(rowDto), itemCount: rows.length, subtotal: String(subtotal) },
    ...{ totalShippingFee: String(shipping), grandTotal: String(subtotal + shipping) },
    ...{ shippingWaived: false, freeShippingMode: 'DISABLED' },
  };
}

function quantityOf(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  throw new RestError(400, 'quantity must not be less than 1');
}

function orderRoutes({ shop, clock }: RestWorld): RestRoute[] {
  const dto = (order: Order): object => {
    const { createdEpochMs, ...rest } = order;
    return { ...rest, createdAt: isoTime(createdEpochMs) };
  };
  return [
    write('POST', '/orders/from-cart', (call) => {
      const ids = bodyField(call, 'cartItemIds');
      const wanted = Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : undefined;
      return { status: 201, data: dto(shop.orderFromCart(userOf(call).userId, wanted, clock.epochMs())) };
    }),
    write('POST', '/orders', (call) => {
      const items = itemsOf(bodyField(call, 'items'));
      return { status: 201, data: dto(shop.order(userOf(call).userId, items, clock.epochMs())) };
    }),
    get('/orders', 'user', (call) => {
      const all = shop.orders(userOf(call).userId).toReversed();
      const limit = clamp(call.query.get('limit'), 10, MAX_PAGE);
      const page = clamp(call.query.get('page'), 1, Number.MAX_SAFE_INTEGER);
      const items = all.slice((page - 1) * limit, page * limit).map(dto);
      return ok({ items, total: all.length, page, limit, totalPages: Math.ceil(all.length / limit) });
    }),
    get('/orders/:id', 'user', (call) => {
      const order = shop.orders(userOf(call).userId).find(({ id }) => id === call.params.id);
      if (order === undefined) throw new RestError(404, 'Order not found', 'ORDER_NOT_FOUND');
      return ok({ ...dto(order), bankTransferInfo: { bankName: '국민은행', accountNumber: '000-000' } });
    }),
  ];
}

function itemsOf(value: unknown): { productId: string; quantity: number }[] {
  if (!Array.isArray(value) || value.length === 0) throw new RestError(400, 'items must not be empty');
  return value.map((item: unknown) => {
    const { productId, quantity } = (item ?? {}) as Record<string, unknown>;
    if (typeof productId !== 'string') throw new RestError(400, 'productId must be a string');
    return { productId, quantity: quantityOf(quantity) };
  });
}

function healthRoutes({ clock }: RestWorld): RestRoute[] {
  const alive = (): RestAnswer => ok({ status: 'ok', timestamp: isoTime(clock.epochMs()) });
  const checks = { database: { status: 'up' }, redis: { status: 'up' } };
  const full = (): RestAnswer => ok({ status: 'ok', info: checks, error: {}, details: checks });
  return [
    get('/health', 'public', alive),
    get('/health/live', 'public', alive),
    get('/health/ready', 'public', full),
    get('/health/full', 'public', full),
  ];
}
