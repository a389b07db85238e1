import { createSecretKey, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { ViewerIdentity } from './target.js';

/** As short as the platform's own (contract 2), so that a run meets their end as real viewers do. */
export const MINTED_TTL_MS = 15 * 60_000;

/** Makes an access token for an account; the platform must have a user of that id. */
export type TokenMint = (identity: ViewerIdentity) => Promise<string>;

/**
 * Signs access tokens as the platform does (contract 2): HS256 with its own secret, claims of a user with a
 * complete profile. Without a `sid` the platform looks up one thing less per request.
 * @param nowEpochMs wall clock, ms since the Unix epoch
 */
export function createTokenMint(secret: string, nowEpochMs: () => number, ttlMs = MINTED_TTL_MS): TokenMint {
  const key = createSecretKey(Buffer.from(secret, 'utf8'));
  return ({ userId, email, sid }) => {
    if (userId === undefined) return Promise.reject(new Error('a token cannot be made without a user id'));
    const iat = Math.floor(nowEpochMs() / 1000);
    const own = { ...(email === undefined ? {} : { email }), ...(sid === undefined ? {} : { sid }) };
    const claims = { userId, ...own, role: 'USER', profileComplete: true, type: 'access' };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(userId)
      .setJti(randomUUID())
      .setIssuedAt(iat)
      .setExpirationTime(iat + Math.round(ttlMs / 1000))
      .sign(key);
  };
}
