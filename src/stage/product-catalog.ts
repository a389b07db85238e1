/** What is for sale on the stage, and how a product looks on the wire. */
import type { Product } from './shop.js';

const NAMES = [
  '린넨 셔츠',
  '데님 팬츠',
  '니트 가디건',
  '캔버스 백',
  '울 머플러',
  '러닝화',
  '실크 스카프',
  '볼캡',
];
const CREATED = '2026-01-01T00:00:00.000Z';

/** Eight products with `stock` pieces each; the same ids for the same stream. */
export function stageProducts(streamKey: string, stock: number): Product[] {
  return NAMES.map((name, index) => ({
    id: `prod-${streamKey.slice(0, 8)}-${index + 1}`,
    name,
    price: 10_000 + 5000 * index,
    stock,
    status: stock > 0 ? 'AVAILABLE' : 'SOLD_OUT',
  }));
}

/** `ProductDto` of contract 3.3. */
export function productDto(product: Product, streamKey: string): object {
  return {
    ...{ id: product.id, streamKey, name: product.name, price: product.price, stock: product.stock },
    ...{ colorOptions: [], sizeOptions: [], shippingFee: 3000, timerEnabled: false, timerDuration: 10 },
    ...{ imageUrl: `/uploads/${product.id}.webp`, images: [], sortOrder: 0, isNew: false, variants: [] },
    ...{ status: product.status, excludeFromStore: false, createdAt: CREATED, updatedAt: CREATED },
    expiresAt: null,
  };
}
