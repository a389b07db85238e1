import type { ResponseHeaders } from '../seams.js';
import { headerTokens } from './http-headers.js';

/** How the end of a body is found. */
export interface BodyFraming {
  readonly kind: 'fixed' | 'chunk_size' | 'until_close';
  /** Only with `fixed`. */
  readonly lengthBytes?: number;
  /** The sender will take another request on this connection. */
  readonly keepAlive: boolean;
}

/**
 * Message body length of a response to a GET, POST, PATCH or DELETE, RFC 9112 6.3; a string says what is wrong.
 */
export function frameBody(status: number, isHttp10: boolean, headers: ResponseHeaders): BodyFraming | string {
  const connection = headerTokens(headers, 'connection');
  const keepAlive = isHttp10 ? connection.includes('keep-alive') : !connection.includes('close');
  if (status === 204 || status === 304) return { kind: 'fixed', lengthBytes: 0, keepAlive };
  const coding = headerTokens(headers, 'transfer-encoding');
  const lengths = headerTokens(headers, 'content-length');
  if (coding.length > 0) {
    if (coding.length > 1 || coding[0] !== 'chunked') return 'unknown transfer-encoding';
    // Both headers at once is a smuggling pattern: read it, but do not reuse the connection (RFC 9112 6.1).
    return { kind: 'chunk_size', keepAlive: keepAlive && lengths.length === 0 && !isHttp10 };
  }
  const [length, ...others] = lengths;
  if (length === undefined) return { kind: 'until_close', keepAlive: false };
  if (others.some((other) => other !== length)) return 'content-length contradicts itself';
  if (!/^\d{1,15}$/.test(length)) return 'malformed content-length';
  return { kind: 'fixed', lengthBytes: Number(length), keepAlive };
}
