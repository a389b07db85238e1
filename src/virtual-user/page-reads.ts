import type { ApiCall } from '../events.js';
import type { RestClient } from './rest-client.js';
import { fieldsOf } from './socket-payloads.js';

/** What the status of a stream may be (contract 3.3). */
export type StreamStatus = 'PENDING' | 'LIVE' | 'OFFLINE';

/** What the live page reads beside its products (contract 3.3, 3.4). Each resolves when the answer is there. */
export interface PageReads {
  /** Status of the stream; undefined without a usable answer. */
  status(dueMs: number): Promise<StreamStatus | undefined>;
  notices(dueMs: number): Promise<void>;
  /** The viewer's own cart; true when something in it runs out, undefined without a usable answer. */
  cart(dueMs: number): Promise<boolean | undefined>;
  /** The viewer's own account: true when the session is good. */
  me(dueMs: number): Promise<boolean>;
  featuredProduct(dueMs: number): Promise<void>;
  /** What the page's site tells it of itself; a platform without that site has none. */
  config(dueMs: number): Promise<void>;
  /** The pair of tokens for writes, from the page's site. */
  csrf(dueMs: number): Promise<void>;
}

export function createPageReads(deps: { readonly rest: RestClient; readonly streamKey: string }): PageReads {
  const { rest } = deps;
  const ofStream = `/api/streaming/key/${encodeURIComponent(deps.streamKey)}`;
  const read = async (call: ApiCall, path: string, dueMs: number, accepts = isObject, site?: true) => {
    const from = site ? { site } : {};
    const answer = await rest.call({ call, method: 'GET', path, dueMs, accepts, ...from });
    return answer?.outcome === 'ok' ? answer.data : undefined;
  };
  return {
    status: async (dueMs) => {
      const isStatus = (data: unknown) => statusOf(data) !== undefined;
      return statusOf(await read('stream_status', `${ofStream}/status`, dueMs, isStatus));
    },
    notices: async (dueMs) => void (await read('notices', '/api/notices/current', dueMs)),
    cart: async (dueMs) => {
      const hasItems = (data: unknown) => Array.isArray(fieldsOf(data)?.items);
      const cart = fieldsOf(await read('cart_get', '/api/cart', dueMs, hasItems));
      return cart && typeof cart.earliestExpiration === 'string';
    },
    me: async (dueMs) => isObject(await read('me', '/api/users/me', dueMs)),
    featuredProduct: async (dueMs) => {
      await read('featured_product', `${ofStream}/featured-product`, dueMs);
    },
    config: async (dueMs) => void (await read('config', '/api/config', dueMs, isObject, true)),
    csrf: async (dueMs) => void (await read('csrf', '/api/csrf', dueMs, isObject, true)),
  };
}

function statusOf(data: unknown): StreamStatus | undefined {
  const status = fieldsOf(data)?.status;
  return status === 'PENDING' || status === 'LIVE' || status === 'OFFLINE' ? status : undefined;
}

function isObject(data: unknown): boolean {
  return fieldsOf(data) !== undefined;
}
