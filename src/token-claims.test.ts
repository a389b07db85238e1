import { describe, expect, it } from 'vitest';
import { readToken } from './token-claims.js';

function token(claims: unknown): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256' })}.${part(claims)}.sig`;
}

describe('reading a token', () => {
  it('finds when it ends, whose it is and its session', () => {
    const claims = { sub: 'u1', userId: 'u1', sid: 's1', exp: 1_700_000_000, name: '시청자?>~' };
    expect(readToken(token(claims))).toEqual({ expEpochMs: 1_700_000_000_000, userId: 'u1', sid: 's1' });
    expect(readToken(token({ sub: 'u2' }))).toEqual({ userId: 'u2' });
  });

  it.each([
    '',
    'opaque',
    'a.b.c',
    'a.b',
    token([1]),
    token(null),
    token('text'),
    `x.${'A'.repeat(20_000)}.y`,
  ])('is nothing for a text that is no token (%#)', (text) => {
    expect(readToken(text)).toBeUndefined();
  });

  it('ignores claims of the wrong type', () => {
    expect(readToken(token({ exp: 'soon', userId: 7, sid: null }))).toEqual({});
  });
});
