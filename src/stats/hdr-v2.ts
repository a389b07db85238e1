import { inflate } from '../inflate.js';

/**
 * Reads HdrHistogram's V2 compressed encoding (the format of the Java original: a cookie, the configuration, and the
 * counts as zigzag LEB128 words of which a negative one stands for so many zeros) without making a histogram of it:
 * those of a tick hold a handful of values, and an array of all buckets costs a thousand times that.
 */

const V2_COMPRESSED = 0x1c849304;
const V2 = 0x1c849303;
const WORD_SIZE = 0xf0;
const HEADER_BYTES = 40;
/** An hour in three digits has 24,000 buckets, at most 9 bytes each. */
const MAX_BYTES = 256 * 1024;
const SEVEN_BITS = 2 ** 7;
const MAX_WORD_BYTES = 9;

/** The filled buckets of a histogram, lowest first. */
export interface Buckets {
  readonly digits: number;
  readonly lowest: number;
  readonly highest: number;
  readonly indices: readonly number[];
  readonly counts: readonly number[];
  /** Of all counts. */
  readonly total: number;
}

/** @throws {Error} when the text is not such an encoding */
export function readV2(base64: string): Buckets {
  const packed = Buffer.from(base64, 'base64');
  if (packed.length < 8 || (packed.readInt32BE(0) & ~WORD_SIZE) !== V2_COMPRESSED)
    throw new Error('no cookie');
  const packedBytes = packed.readInt32BE(4);
  if (packedBytes !== packed.length - 8) throw new Error('not as long as it says');
  const bytes = inflate(packed.subarray(8), MAX_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || (view.getInt32(0) & ~WORD_SIZE) !== V2)
    throw new Error('no inner cookie');
  const payloadBytes = view.getInt32(4);
  if (payloadBytes !== bytes.length - HEADER_BYTES) throw new Error('its payload is not as long as it says');
  return {
    digits: view.getInt32(12),
    lowest: Number(view.getBigInt64(16)),
    highest: Number(view.getBigInt64(24)),
    ...readCounts(bytes),
  };
}

function readCounts(bytes: Uint8Array): Pick<Buckets, 'indices' | 'counts' | 'total'> {
  const indices: number[] = [];
  const counts: number[] = [];
  let index = 0;
  let total = 0;
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    let word = 0;
    let scale = 1;
    for (let length = 1; ; length++) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('a word is cut off');
      const isLast = byte < SEVEN_BITS || length === MAX_WORD_BYTES;
      word += (isLast ? byte : byte - SEVEN_BITS) * scale;
      if (isLast) break;
      scale *= SEVEN_BITS;
    }
    // Zigzag: odd words are negative.
    if (word % 2 === 1) {
      index += (word + 1) / 2;
      continue;
    }
    if (word > 0) {
      indices.push(index);
      counts.push(word / 2);
      total += word / 2;
    }
    index += 1;
  }
  return { indices, counts, total };
}
