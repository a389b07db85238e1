import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../test/support/virtual-clock.js';
import { Accounts } from './stage/accounts.js';
import { verifyToken } from './stage/tokens.js';
import { readToken } from './token-claims.js';
import { createTokenMint } from './token-mint.js';

const SECRET = 'a-secret-of-more-than-32-characters-0123456789';
const NOW_MS = 1_700_000_000_123;

describe('minting', () => {
  it('makes the claims of a real access token', async () => {
    const mint = createTokenMint(SECRET, () => NOW_MS);
    const token = await mint({ userId: 'u1', email: 'a@b.c', sid: 's1' });
    expect(verifyToken(token, SECRET, NOW_MS / 1000)).toEqual({
      ...{ sub: 'u1', userId: 'u1', email: 'a@b.c', sid: 's1', role: 'USER', type: 'access' },
      ...{ profileComplete: true, iat: 1_700_000_000, exp: 1_700_000_900, jti: expect.any(String) },
    });
    const other = await mint({ userId: 'u1' });
    const claims = verifyToken(other, SECRET, NOW_MS / 1000);
    expect(claims).not.toHaveProperty('sid');
    expect(claims).not.toHaveProperty('email');
    expect(claims?.jti).not.toBe(verifyToken(token, SECRET, NOW_MS / 1000)?.jti);
    expect(readToken(token)?.expEpochMs).toBe(1_700_000_900_000);
  });

  it('is taken by a platform with the same secret, for a user that it has, and by no other', async () => {
    const clock = new VirtualClock();
    const accounts = (secret: string) => new Accounts(clock, '1', secret, { refusesTokens: () => false });
    const [platform, stranger] = [accounts(SECRET), accounts(`${SECRET}x`)];
    const [row] = platform.rows(1);
    stranger.rows(1);
    const mint = createTokenMint(SECRET, () => clock.epochMs());
    const token = await mint({ userId: row?.userId ?? '' });
    expect(platform.userOf(token, 'access')?.userId).toBe(row?.userId);
    expect(stranger.userOf(token, 'access')).toBeUndefined();
    expect(platform.userOf(await mint({ userId: 'nobody' }), 'access')).toBeUndefined();
    clock.advance(15 * 60_000);
    expect(platform.userOf(token, 'access')).toBeUndefined();
  });

  it('needs a user id', async () => {
    await expect(createTokenMint(SECRET, () => 0)({})).rejects.toThrow(/user id/);
  });
});
