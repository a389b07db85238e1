/** Products, carts and orders of the stage, with the platform's refusals (contract 3.3). Pure but for ids. */
import { randomUUID } from 'node:crypto';

export interface Product {
  readonly id: string;
  readonly name: string;
  /** Won. */
  readonly price: number;
  stock: number;
  status: 'AVAILABLE' | 'SOLD_OUT';
}

export interface CartRow {
  readonly id: string;
  readonly productId: string;
  quantity: number;
}

export interface Order {
  readonly id: string;
  readonly status: 'PENDING_PAYMENT';
  readonly items: readonly { productId: string; productName: string; quantity: number; price: number }[];
  readonly totalAmount: string;
  readonly createdEpochMs: number;
}

/** A business refusal or a missing thing, as the platform words it. */
export class ShopRefusal extends Error {
  readonly status: 400 | 404;
  readonly errorCode: string;
  constructor(status: 400 | 404, errorCode: string, message: string) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
  }
}

const LOW_STOCK = 5;
/** Orders kept per user; a stage that runs for days must not grow. */
const MAX_ORDERS_PER_USER = 50;

export interface ShopListener {
  onProductChanged(product: Product): void;
  onSoldOut(product: Product): void;
  onLowStock(product: Product): void;
  onCartRowAdded(userId: string, product: Product, quantity: number): void;
  onOrder(userId: string, order: Order): void;
}

export class Shop {
  readonly #products: Map<string, Product>;
  readonly #listener: ShopListener;
  /** The real platform takes stock twice per unit sold (contract 6); false: once. */
  readonly #doubleDecrement: boolean;
  readonly #carts = new Map<string, CartRow[]>();
  readonly #orders = new Map<string, Order[]>();
  #orderNumber = 0;

  constructor(products: readonly Product[], listener: ShopListener, doubleDecrement: boolean) {
    this.#products = new Map(products.map((product) => [product.id, product]));
    this.#listener = listener;
    this.#doubleDecrement = doubleDecrement;
  }

  products(): readonly Product[] {
    return [...this.#products.values()];
  }

  product(id: string): Product {
    const product = this.#products.get(id);
    if (product === undefined) throw new ShopRefusal(404, 'PRODUCT_NOT_FOUND', 'Product not found');
    return product;
  }

  /** Puts the stock of a product at a number, as an administrator would. */
  setStock(id: string, stock: number): Product {
    const product = this.product(id);
    product.stock = stock;
    product.status = stock > 0 ? 'AVAILABLE' : 'SOLD_OUT';
    if (stock > 0) this.#listener.onProductChanged(product);
    else this.#listener.onSoldOut(product);
    return product;
  }

  cart(userId: string): readonly CartRow[] {
    return this.#carts.get(userId) ?? [];
  }

  addToCart(userId: string, productId: string, quantity: number): CartRow {
    const product = this.product(productId);
    if (product.status !== 'AVAILABLE') {
      throw new ShopRefusal(400, 'PRODUCT_NOT_AVAILABLE', 'Product is not available');
    }
    const rows = this.#carts.get(userId) ?? [];
    const row = rows.find((candidate) => candidate.productId === productId);
    const wanted = quantity + (row?.quantity ?? 0);
    if (wanted > product.stock) throw insufficient(product);
    if (row !== undefined) {
      row.quantity = wanted;
      return row;
    }
    const added = { id: randomUUID(), productId, quantity };
    this.#carts.set(userId, [...rows, added]);
    this.#listener.onCartRowAdded(userId, product, quantity);
    return added;
  }

  setQuantity(userId: string, rowId: string, quantity: number): CartRow {
    const row = this.#row(userId, rowId);
    const product = this.product(row.productId);
    if (quantity > product.stock) throw insufficient(product);
    row.quantity = quantity;
    return row;
  }

  removeFromCart(userId: string, rowId: string): void {
    const row = this.#row(userId, rowId);
    const rest = this.cart(userId).filter((candidate) => candidate !== row);
    if (rest.length === 0) this.#carts.delete(userId);
    else this.#carts.set(userId, rest);
  }

  clearCart(userId: string): void {
    this.#carts.delete(userId);
  }

  orderFromCart(userId: string, rowIds: readonly string[] | undefined, nowEpochMs: number): Order {
    const all = this.cart(userId);
    const rows = rowIds === undefined ? all : all.filter((row) => rowIds.includes(row.id));
    if (rows.length === 0) throw new ShopRefusal(400, 'CART_EMPTY', 'Cart is empty');
    const order = this.order(userId, rows, nowEpochMs);
    const rest = all.filter((row) => !rows.includes(row));
    if (rest.length === 0) this.#carts.delete(userId);
    else this.#carts.set(userId, rest);
    return order;
  }

  order(
    userId: string,
    items: readonly { readonly productId: string; readonly quantity: number }[],
    nowEpochMs: number,
  ): Order {
    for (const { productId, quantity } of items) {
      const product = this.product(productId);
      if (product.status !== 'AVAILABLE')
        throw new ShopRefusal(400, 'PRODUCT_SOLD_OUT', 'Product is sold out');
      if (quantity > product.stock) throw insufficient(product);
    }
    const order = this.#newOrder(items, nowEpochMs);
    const kept = [...this.orders(userId), order].slice(-MAX_ORDERS_PER_USER);
    this.#orders.set(userId, kept);
    for (const { productId, quantity } of items) this.#take(this.product(productId), quantity);
    this.#listener.onOrder(userId, order);
    return order;
  }

  /** Oldest first. */
  orders(userId: string): readonly Order[] {
    return this.#orders.get(userId) ?? [];
  }

  #newOrder(items: readonly { productId: string; quantity: number }[], nowEpochMs: number): Order {
    const day = new Date(nowEpochMs).toISOString().slice(0, 10).replaceAll('-', '');
    const lines = items.map(({ productId, quantity }) => {
      const { name, price } = this.product(productId);
      return { productId, productName: name, quantity, price };
    });
    const total = lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
    this.#orderNumber++;
    return {
      id: `ORD-${day}-${String(this.#orderNumber).padStart(5, '0')}`,
      status: 'PENDING_PAYMENT',
      items: lines,
      totalAmount: String(total),
      createdEpochMs: nowEpochMs,
    };
  }

  #take(product: Product, quantity: number): void {
    product.stock = Math.max(0, product.stock - quantity * (this.#doubleDecrement ? 2 : 1));
    if (product.stock === 0) {
      product.status = 'SOLD_OUT';
      this.#listener.onSoldOut(product);
      return;
    }
    this.#listener.onProductChanged(product);
    if (product.stock < LOW_STOCK) this.#listener.onLowStock(product);
  }

  #row(userId: string, rowId: string): CartRow {
    const row = this.cart(userId).find((candidate) => candidate.id === rowId);
    if (row === undefined) throw new ShopRefusal(404, 'CART_ITEM_NOT_FOUND', 'Cart item not found');
    return row;
  }
}

function insufficient(product: Product): ShopRefusal {
  return new ShopRefusal(400, 'INSUFFICIENT_STOCK', `Only ${product.stock} left`);
}
