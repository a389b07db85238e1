import { describe, expect, test } from 'vitest';
import { createSealKeys, seal } from './seal.js';

const PLAIN = Buffer.from('{"accessToken":"a token that nobody else may see"}');

describe('what is sealed for a box', () => {
  test('is opened by the owner of the key', () => {
    const keys = createSealKeys();
    expect(Buffer.from(keys.open(seal(keys.publicKey, PLAIN))).equals(PLAIN)).toBe(true);
    expect(keys.open(seal(keys.publicKey, new Uint8Array())).byteLength).toBe(0);
  });

  test('does not show the plain bytes, and looks different each time', () => {
    const { publicKey } = createSealKeys();
    const [first, second] = [seal(publicKey, PLAIN), seal(publicKey, PLAIN)];
    expect(Buffer.from(first).includes(PLAIN.subarray(0, 8))).toBe(false);
    expect(Buffer.from(first).subarray(60).equals(Buffer.from(second).subarray(60))).toBe(false);
  });

  test('is not opened by another box', () => {
    const sealed = seal(createSealKeys().publicKey, PLAIN);
    expect(() => createSealKeys().open(sealed)).toThrow('cannot open');
  });

  test('is not opened when any one byte was changed, or some are missing', () => {
    const keys = createSealKeys();
    const sealed = Buffer.from(seal(keys.publicKey, PLAIN));
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      // The top bit of the last byte of a key says nothing (RFC 7748, 5), but it stands in the salt.
      changed[at] = (changed[at] ?? 0) ^ 0x80;
      expect(() => keys.open(changed), `byte ${at}`).toThrow('cannot open');
    }
    for (const length of [0, 1, 31, 59]) expect(() => keys.open(sealed.subarray(0, length))).toThrow('short');
    expect(() => keys.open(sealed.subarray(0, sealed.length - 1))).toThrow('cannot open');
  });

  test('is read from the middle of a larger buffer', () => {
    const keys = createSealKeys();
    const whole = Buffer.concat([Buffer.alloc(7), seal(keys.publicKey, PLAIN), Buffer.alloc(9)]);
    expect(Buffer.from(keys.open(whole.subarray(7, whole.length - 9))).equals(PLAIN)).toBe(true);
  });

  test('cannot be made with what is no key', () => {
    for (const key of ['', 'AAAA', Buffer.alloc(33).toString('base64'), Buffer.alloc(32).toString('base64')])
      expect(() => seal(key, PLAIN), key).toThrow('is none');
  });
});
