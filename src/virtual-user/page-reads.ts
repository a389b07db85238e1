import type { ApiCall } from '../events.js';
import type { RestClient } from './rest-client.js';
import { fieldsOf } from './socket-payloads.js';

/** What the live page reads beside its products (contract 3.3, 3.4). Each resolves when the answer is there. */
export interface PageReads {
  /** Status of the stream; undefined without a usable answer. */
  status(dueMs: number): Promise<'PENDING' | 'LIVE' | 'OFFLINE' | undefined>;
  notices(dueMs: number): Promise<void>;
  /** The viewer's own cart. */
  cart(dueMs: number): Promise<void>;
}

export function createPageReads(deps: { readonly rest: RestClient; readonly streamKey: string }): PageReads {
  const { rest } = deps;
  const key = encodeURIComponent(deps.streamKey);
  const read = async (call: ApiCall, path: string, dueMs: number, accepts: (data: unknown) => boolean) => {
    const answer = await rest.call({ call, method: 'GET', path, dueMs, accepts });
    return answer?.outcome === 'ok' ? answer.data : undefined;
  };
  return {
    status: async (dueMs) => {
      const data = await read(
        'stream_status',
        `/api/streaming/key/${key}/status`,
        dueMs,
        (it) => statusOf(it) !== undefined,
      );
      return statusOf(data);
    },
    notices: async (dueMs) => void (await read('notices', '/api/notices/current', dueMs, isObject)),
    cart: async (dueMs) => {
      await read('cart_get', '/api/cart', dueMs, (data) => Array.isArray(fieldsOf(data)?.items));
    },
  };
}

function statusOf(data: unknown): 'PENDING' | 'LIVE' | 'OFFLINE' | undefined {
  const status = fieldsOf(data)?.status;
  return status === 'PENDING' || status === 'LIVE' || status === 'OFFLINE' ? status : undefined;
}

function isObject(data: unknown): boolean {
  return fieldsOf(data) !== undefined;
}
