import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { ProtocolError } from '../errors.js';

/**
 * Tokens and keys on the way to the one box that needs them. Whoever stands between, the broker and other boxes
 * included, carries bytes it cannot read: each process of an agent has a key pair of its own that ends with it.
 *
 * ```
 * sealed = sender's public key (32) | nonce (12) | tag (16) | AES-256-GCM of the plain bytes
 * key    = HKDF-SHA256(X25519(sender, owner), salt: both public keys, info: LABEL)
 * ```
 * X25519: RFC 7748; HKDF: RFC 5869; GCM: NIST SP 800-38D. The sender's pair is made for one message, so that no nonce
 * is ever used twice with a key.
 */
export interface SealKeys {
  /** Base64, 44 characters. May be known to all. */
  readonly publicKey: string;
  /** @throws {ProtocolError} when it was sealed for another, or was changed on its way */
  open(sealed: Uint8Array): Uint8Array;
}

const LABEL = 'dorami-load seal 1';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = KEY_BYTES + NONCE_BYTES + TAG_BYTES;

/** The pair of one process. */
export function createSealKeys(): SealKeys {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const own = rawOf(publicKey);
  return {
    publicKey: own.toString('base64'),
    open(sealed) {
      if (sealed.byteLength < HEAD_BYTES) throw new ProtocolError('sealed bytes that are too short');
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const sender = bytes.subarray(0, KEY_BYTES);
      const nonce = bytes.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES);
      const tag = bytes.subarray(KEY_BYTES + NONCE_BYTES, HEAD_BYTES);
      try {
        const key = sharedKey(privateKey, keyOf(sender), sender, own);
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
        decipher.setAuthTag(tag);
        return Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES)), decipher.final()]);
      } catch (cause) {
        throw new ProtocolError('sealed bytes that this process cannot open', { cause });
      }
    },
  };
}

/**
 * Makes bytes that only the owner of a key can read.
 * @param publicKey base64, of `createSealKeys`
 * @throws {ProtocolError} when it is no such key
 */
export function seal(publicKey: string, plain: Uint8Array): Uint8Array {
  const owner = Buffer.from(publicKey, 'base64');
  if (owner.byteLength !== KEY_BYTES) throw new ProtocolError('a key to seal with that is none');
  const pair = generateKeyPairSync('x25519');
  const sender = rawOf(pair.publicKey);
  const nonce = randomBytes(NONCE_BYTES);
  let key: Buffer;
  try {
    key = sharedKey(pair.privateKey, keyOf(owner), sender, owner);
  } catch (cause) {
    // A point of small order: the shared secret would be known to all.
    throw new ProtocolError('a key to seal with that is none', { cause });
  }
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([sender, nonce, cipher.getAuthTag(), body]);
}

function sharedKey(privateKey: KeyObject, publicKey: KeyObject, sender: Buffer, owner: Buffer): Buffer {
  const secret = diffieHellman({ privateKey, publicKey });
  return Buffer.from(hkdfSync('sha256', secret, Buffer.concat([sender, owner]), LABEL, KEY_BYTES));
}

function rawOf(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
}

function keyOf(raw: Buffer): KeyObject {
  return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x: raw.toString('base64url') } });
}
