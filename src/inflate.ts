import { inflateSync } from 'node:zlib';

/** Most of what is unpacked is a histogram of some 60 bytes; the library's 16 KiB for each would cost more than the work. */
const CHUNK_BYTES = 512;

/**
 * Unpacks a zlib stream (RFC 1950) of at most `maxBytes`. The same bytes give the same bytes: pure code may use it.
 * @throws {Error} when it is damaged or unpacks to more
 */
export function inflate(bytes: Uint8Array, maxBytes: number): Uint8Array {
  return inflateSync(bytes, { maxOutputLength: maxBytes, chunkSize: CHUNK_BYTES });
}
