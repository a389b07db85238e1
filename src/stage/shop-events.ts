/** What the shop tells the viewers of a stream, over the `/` namespace (contract 1.5). */
import type { Product, ShopListener } from './shop.js';
import type { StageClock } from './stage-clock.js';
import { eventOf, isoTime, type StageRooms } from './stage-socket.js';

export interface ShopEventsOptions {
  readonly clock: StageClock;
  readonly streamKey: string;
  /** The `/` namespace; a function because the shop is made before the socket server. */
  readonly root: () => StageRooms;
  readonly nameOf: (userId: string) => string;
  readonly productDto: (product: Product) => object;
}

export function createShopEvents(options: ShopEventsOptions): ShopListener {
  const room = `stream:${options.streamKey}`;
  const tell = (event: string, data: object): void => {
    options.root().toRoom(room, event, eventOf(event, data));
  };
  const timestamp = (): string => isoTime(options.clock.epochMs());
  return {
    onProductChanged: (product) => tell('live:product:updated', options.productDto(product)),
    onSoldOut: (product) => tell('live:product:soldout', { productId: product.id }),
    onLowStock: ({ id, name, stock }) => {
      tell('product:low-stock', { productId: id, productName: name, remainingStock: stock });
    },
    onCartRowAdded(userId, product, quantity) {
      const row = { productName: product.name, quantity, timestamp: timestamp() };
      tell('cart:item-added', { userId, userName: options.nameOf(userId), userColor: '#FF007A', ...row });
      tell('live:cart:activity', row);
    },
    onOrder(userId, order) {
      const { streamKey } = options;
      const notice = { streamKey, displayName: options.nameOf(userId), message: order.id };
      options.root().toRoom(room, 'order:purchase:notification', notice);
      const news = { orderId: order.id, userId, streamKeys: [streamKey], timestamp: timestamp() };
      // Twice for members of the room, as on the real platform.
      options.root().toRoom(room, 'order:new', news);
      options.root().toAll('order:new', news);
    },
  };
}
