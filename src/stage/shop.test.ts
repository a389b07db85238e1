import { beforeEach, describe, expect, it } from 'vitest';
import { Shop, ShopRefusal } from './shop.js';

let told: string[];
let shop: Shop;

function newShop(stock: number, doubleDecrement: boolean): Shop {
  told = [];
  const listener = {
    onProductChanged: () => told.push('changed'),
    onSoldOut: () => told.push('sold out'),
    onLowStock: () => told.push('low'),
    onCartRowAdded: (userId: string) => told.push(`cart of ${userId}`),
    onOrder: (userId: string) => told.push(`order of ${userId}`),
  };
  return new Shop(
    [{ id: 'p', name: 'P', price: 100, stock, status: 'AVAILABLE' }],
    listener,
    doubleDecrement,
  );
}

beforeEach(() => {
  shop = newShop(10, false);
});

function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ShopRefusal) return `${error.status} ${error.errorCode}`;
    throw error;
  }
  return 'none';
}

describe('the shop', () => {
  it('sells what is in the cart, once', () => {
    shop.addToCart('u', 'p', 2);
    const order = shop.orderFromCart('u', undefined, Date.UTC(2026, 10, 22));
    expect(order).toMatchObject({ id: 'ORD-20261122-00001', status: 'PENDING_PAYMENT', totalAmount: '200' });
    expect(shop.product('p').stock).toBe(8);
    expect(refusalOf(() => shop.orderFromCart('u', undefined, 0))).toBe('400 CART_EMPTY');
    expect(shop.orders('u')).toEqual([order]);
    expect(told).toEqual(['cart of u', 'changed', 'order of u']);
  });

  it('adds to an existing row without telling the stream, and refuses more than there is', () => {
    shop.addToCart('u', 'p', 6);
    expect(shop.addToCart('u', 'p', 4).quantity).toBe(10);
    expect(refusalOf(() => shop.addToCart('u', 'p', 1))).toBe('400 INSUFFICIENT_STOCK');
    expect(told).toEqual(['cart of u']);
  });

  it('refuses what another has bought meanwhile', () => {
    shop.addToCart('u', 'p', 8);
    shop.order('v', [{ productId: 'p', quantity: 5 }], 0);
    expect(refusalOf(() => shop.orderFromCart('u', undefined, 0))).toBe('400 INSUFFICIENT_STOCK');
    expect(shop.product('p').stock).toBe(5);
  });

  it('is sold out at 0 and says so', () => {
    shop.order('v', [{ productId: 'p', quantity: 10 }], 0);
    expect(told).toEqual(['sold out', 'order of v']);
    expect(refusalOf(() => shop.addToCart('u', 'p', 1))).toBe('400 PRODUCT_NOT_AVAILABLE');
    expect(refusalOf(() => shop.order('u', [{ productId: 'p', quantity: 1 }], 0))).toBe(
      '400 PRODUCT_SOLD_OUT',
    );
    shop.setStock('p', 3);
    expect(shop.addToCart('u', 'p', 1).quantity).toBe(1);
  });

  it('warns of low stock below 5', () => {
    shop.order('v', [{ productId: 'p', quantity: 6 }], 0);
    expect(told).toContain('low');
  });

  it('takes stock twice per unit when told to, and never below 0', () => {
    shop = newShop(10, true);
    shop.order('v', [{ productId: 'p', quantity: 2 }], 0);
    expect(shop.product('p').stock).toBe(6);
    shop.order('v', [{ productId: 'p', quantity: 6 }], 0);
    expect(shop.product('p').stock).toBe(0);
  });

  it('changes, removes and empties; unknown things are 404', () => {
    const row = shop.addToCart('u', 'p', 1);
    expect(shop.setQuantity('u', row.id, 5).quantity).toBe(5);
    expect(refusalOf(() => shop.setQuantity('u', row.id, 11))).toBe('400 INSUFFICIENT_STOCK');
    shop.removeFromCart('u', row.id);
    expect(shop.cart('u')).toEqual([]);
    expect(refusalOf(() => shop.removeFromCart('u', row.id))).toBe('404 CART_ITEM_NOT_FOUND');
    expect(refusalOf(() => shop.addToCart('u', 'q', 1))).toBe('404 PRODUCT_NOT_FOUND');
  });

  it('orders only the rows that were named', () => {
    const row = shop.addToCart('u', 'p', 1);
    expect(refusalOf(() => shop.orderFromCart('u', ['other'], 0))).toBe('400 CART_EMPTY');
    shop.orderFromCart('u', [row.id], 0);
    expect(shop.cart('u')).toEqual([]);
  });

  it('keeps a bounded list of orders', () => {
    shop = newShop(1000, false);
    for (let index = 0; index < 80; index++) shop.order('u', [{ productId: 'p', quantity: 1 }], 0);
    expect(shop.orders('u')).toHaveLength(50);
    expect(shop.orders('u').at(-1)?.id).toMatch(/00080$/);
  });
});
