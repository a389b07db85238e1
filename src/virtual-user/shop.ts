import type { ApiOutcome, EmitEvent } from '../events.js';
import type { Clock, Rng } from '../seams.js';
import type { RestClient } from './rest-client.js';
import { type Fields, fieldsOf } from './socket-payloads.js';

/** What a viewer can put into its cart. */
interface Item {
  readonly productId: string;
  readonly variantId?: string;
}

/** Ids longer than this are none. */
const MAX_ID_CHARS = 128;
/** The platform's own limit with a stream key (contract 3.3), whatever is asked for. */
const MAX_PRODUCTS = 100;

/** After these the cart is as it was; after all others something may lie in it. */
const CERTAINLY_NOT_DONE: ReadonlySet<ApiOutcome | undefined> = new Set<ApiOutcome>([
  'business',
  'throttled',
  'proxy_limit',
  'unauthorized',
  'client_fault',
]);

export interface ShopDeps {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly rest: RestClient;
  readonly streamKey: string;
  readonly emit: EmitEvent;
  /** Products asked for at each look; default `MAX_PRODUCTS`. */
  readonly take?: number;
  /** What the page fetches before its first write. */
  beforeFirstWrite?(dueMs: number): Promise<void>;
}

/** One viewer in the shop. Each promise resolves when the action is done, whatever came of it. */
export interface Shop {
  /** Looks at the stream's products. */
  products(dueMs: number, take?: number): Promise<void>;
  /** Puts one product on sale into the cart; does nothing where nothing is on sale. */
  addToCart(dueMs: number): Promise<boolean>;
  /** Puts one into the cart and orders it. Never repeated: the platform knows no idempotency (contract 3.3). */
  order(dueMs: number): Promise<void>;
  /**
   * Takes everything out of the cart again, after what is under way, as no part of the load. Resolves with whether
   * it is empty; undefined = nothing was put into it.
   */
  emptyCart(): Promise<boolean | undefined>;
  /** Something that this viewer put there may lie in its cart. */
  readonly cartMayHold: boolean;
}

export function createShop(deps: ShopDeps): Shop {
  return new ViewerShop(deps);
}

class ViewerShop implements Shop {
  private readonly deps: ShopDeps;
  /** What was on sale at the last look. */
  private onSale: readonly Item[] = [];
  private hasWritten = false;
  /** Something was put into the cart, or may have been. */
  private hasAdded = false;
  /** Adds that are not answered. */
  private adding = 0;
  /** The viewer leaves: nothing more is bought. */
  private leaving = false;
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(deps: ShopDeps) {
    this.deps = deps;
  }

  async products(dueMs: number, take = this.deps.take ?? MAX_PRODUCTS): Promise<void> {
    const { rest, streamKey } = this.deps;
    const query = `streamKey=${encodeURIComponent(streamKey)}&status=AVAILABLE&take=${take}`;
    const path = `/api/products?${query}`;
    const answer = await rest.call({ call: 'products', method: 'GET', path, dueMs, accepts: Array.isArray });
    if (answer?.outcome === 'ok') this.onSale = readItems(answer.data);
  }

  get cartMayHold(): boolean {
    return this.hasAdded || this.adding > 0;
  }

  addToCart(dueMs: number): Promise<boolean> {
    return this.tracked(this.addOne(dueMs));
  }

  order(dueMs: number): Promise<void> {
    return this.tracked(this.orderOne(dueMs));
  }

  async emptyCart(): Promise<boolean | undefined> {
    const { clock, rest } = this.deps;
    this.leaving = true;
    // A write that lands after the emptying would fill the cart again.
    await Promise.allSettled(this.underWay);
    if (!this.cartMayHold) return undefined;
    const answer = await rest.call({
      call: 'cart_clear',
      method: 'DELETE',
      path: '/api/cart',
      silent: true,
      dueMs: clock.nowMs(),
      accepts: () => true,
    });
    return answer?.outcome === 'ok';
  }

  private tracked<T>(work: Promise<T>): Promise<T> {
    this.underWay.add(work);
    const over = (): void => void this.underWay.delete(work);
    work.then(over, over);
    return work;
  }

  private async addOne(dueMs: number): Promise<boolean> {
    const { clock, rest, rng } = this.deps;
    let item = pick(this.onSale, rng);
    let canBeginAtMs = dueMs;
    if (!item) {
      // A person cannot add what is not on the screen; the look also brings the CSRF cookie (contract 2).
      await this.products(clock.nowMs());
      canBeginAtMs = clock.nowMs();
      item = pick(this.onSale, rng);
      if (!item) return false;
    }
    const { beforeFirstWrite } = this.deps;
    if (!this.hasWritten && beforeFirstWrite) {
      this.hasWritten = true;
      await beforeFirstWrite(canBeginAtMs);
      canBeginAtMs = clock.nowMs();
    }
    if (this.leaving) return false;
    this.adding++;
    const answer = await rest.call({
      call: 'cart_add',
      method: 'POST',
      path: '/api/cart',
      body: { ...item, quantity: 1 },
      dueMs: canBeginAtMs,
      accepts: (data) => fieldsOf(data) !== undefined,
    });
    this.adding--;
    if (!CERTAINLY_NOT_DONE.has(answer?.outcome)) this.hasAdded = true;
    return answer?.outcome === 'ok';
  }

  private async orderOne(dueMs: number): Promise<void> {
    const { clock, emit, rest } = this.deps;
    if (!(await this.addOne(dueMs)) || this.leaving) return;
    const answer = await rest.call({
      call: 'order_create',
      method: 'POST',
      path: '/api/orders/from-cart',
      body: {},
      dueMs: clock.nowMs(),
      accepts: (data) => readId(fieldsOf(data)) !== undefined,
    });
    if (answer?.outcome === 'ok') this.hasAdded = false;
    const orderId = answer?.outcome === 'ok' ? readId(fieldsOf(answer.data)) : undefined;
    if (orderId !== undefined) emit({ kind: 'order_created', atMs: clock.nowMs(), orderId });
  }
}

/** Products on sale, each with one variant on sale where it has variants (contract 3.3, ProductDto). */
function readItems(data: unknown): Item[] {
  if (!Array.isArray(data)) return [];
  const items: Item[] = [];
  for (const entry of data.slice(0, MAX_PRODUCTS) as unknown[]) {
    const product = fieldsOf(entry);
    const productId = readId(product);
    if (!product || productId === undefined || product.status !== 'AVAILABLE' || isSoldOut(product)) continue;
    const variants: unknown[] = Array.isArray(product.variants) ? product.variants : [];
    if (variants.length === 0) {
      items.push({ productId });
      continue;
    }
    const variant = variants.map(fieldsOf).find((v) => v?.status === 'ACTIVE' && !isSoldOut(v));
    const variantId = readId(variant);
    if (variantId !== undefined) items.push({ productId, variantId });
  }
  return items;
}

function isSoldOut(fields: Fields): boolean {
  return typeof fields.stock === 'number' && fields.stock <= 0;
}

function readId(fields: Fields | undefined): string | undefined {
  const id = fields?.id;
  return typeof id === 'string' && id !== '' && id.length <= MAX_ID_CHARS ? id : undefined;
}

function pick(items: readonly Item[], rng: Rng): Item | undefined {
  return items[Math.floor(rng.next() * items.length)];
}
