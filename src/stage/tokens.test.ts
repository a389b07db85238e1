import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { Accounts, type UserRow } from './accounts.js';
import { bearerToken, parseCookies } from './cookies.js';
import { FixedWindow } from './fixed-window.js';
import { Throttle } from './throttle.js';
import { signToken, type TokenClaims, verifyToken } from './tokens.js';

const claims: TokenClaims = {
  ...{ sub: 'u', userId: 'u', type: 'access', sid: 's', jti: 'j', iat: 1000, exp: 2000 },
};

describe('tokens', () => {
  it('are read back until they expire', () => {
    const token = signToken(claims, 'secret');
    expect(verifyToken(token, 'secret', 1999)).toEqual(claims);
    expect(verifyToken(token, 'secret', 2000)).toBeUndefined();
  });

  it('carry the signature of RFC 7515 A.1', () => {
    // The example's key and signing input, checked through the same HMAC by a token made of them.
    const key = Buffer.from(
      'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
      'base64url',
    );
    const token =
      'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    expect(verifyToken(token, key as unknown as string, 1)).toMatchObject({ iss: 'joe' });
  });

  it.each(['', '.', '..', 'a.b', 'a.b.c', 'x'.repeat(9000), `${signToken(claims, 'secret')}x`])(
    'that are broken or forged are refused (%#)',
    (token) => {
      expect(verifyToken(token, 'secret', 1500)).toBeUndefined();
    },
  );

  it('signed with another secret or changed inside are refused', () => {
    const [head, , signature] = signToken(claims, 'secret').split('.');
    const body = Buffer.from(JSON.stringify({ ...claims, userId: 'admin' })).toString('base64url');
    expect(verifyToken(`${head}.${body}.${signature}`, 'secret', 1500)).toBeUndefined();
    expect(verifyToken(signToken(claims, 'other'), 'secret', 1500)).toBeUndefined();
  });
});

describe('accounts', () => {
  it('are the same for the same seed, with tokens of both types', () => {
    const clock = new VirtualClock();
    const make = (seed: string) => new Accounts(clock, seed, 'secret', { refusesTokens: () => false });
    const accounts = make('1');
    const [first, second] = accounts.rows(2);
    expect(make('1').rows(1)[0]?.userId).toBe(first?.userId);
    expect(make('2').rows(1)[0]?.userId).not.toBe(first?.userId);
    expect(first?.userId).not.toBe(second?.userId);
    expect(accounts.userOf(first?.accessToken ?? '', 'access')?.userId).toBe(first?.userId);
    expect(accounts.userOf(first?.refreshToken ?? '', 'access')).toBeUndefined();
    expect(accounts.userOf(first?.refreshToken ?? '', 'refresh')?.userId).toBe(first?.userId);
  });

  it('are nobody once the token has expired, or while tokens are refused', () => {
    const clock = new VirtualClock();
    let refused = false;
    const accounts = new Accounts(clock, '1', 'secret', { refusesTokens: () => refused });
    const [row] = accounts.rows(1);
    refused = true;
    expect(accounts.userOf(row?.accessToken ?? '', 'access')).toBeUndefined();
    refused = false;
    clock.advance(3601_000);
    expect(accounts.userOf(row?.accessToken ?? '', 'access')).toBeUndefined();
  });
});

describe('refreshing', () => {
  const setUp = (accessTtlS = 900) => {
    const clock = new VirtualClock();
    const accounts = new Accounts(clock, '1', 'secret', { refusesTokens: () => false, accessTtlS });
    const [row] = accounts.rows(1) as [UserRow];
    return { clock, accounts, row };
  };

  it('takes each refresh token once, and repeats its answer for 30 s', () => {
    const { clock, accounts, row } = setUp();
    const first = accounts.refresh(row.refreshToken);
    clock.advance(30_000);
    expect(accounts.refresh(row.refreshToken)).toEqual(first);
    clock.advance(1000);
    expect(accounts.refresh(row.refreshToken)).toBeUndefined();
    expect(accounts.refresh(first?.refreshToken ?? '')?.userId).toBe(row.userId);
    expect(accounts.refresh(row.accessToken)).toBeUndefined();
  });

  it('never repeats an answer whose access token has expired', () => {
    const { clock, accounts, row } = setUp(20);
    accounts.refresh(row.refreshToken);
    clock.advance(10_001);
    expect(accounts.refresh(row.refreshToken)).toBeUndefined();
  });

  it('brings access tokens of the length that was asked for', () => {
    const { clock, accounts, row } = setUp(20);
    clock.advance(19_000);
    expect(accounts.userOf(row.accessToken, 'access')?.userId).toBe(row.userId);
    clock.advance(2000);
    expect(accounts.userOf(row.accessToken, 'access')).toBeUndefined();
  });
});

describe('cookies and bearer', () => {
  it('are read, the first of a name winning', () => {
    expect([...parseCookies('a=1; b=x=y ;a=2; =z; junk')]).toEqual([
      ['a', '1'],
      ['b', 'x=y'],
    ]);
    expect([...parseCookies(undefined)]).toEqual([]);
    expect([bearerToken('Bearer abc'), bearerToken('Basic abc'), bearerToken(undefined)]).toEqual([
      'abc',
      undefined,
      undefined,
    ]);
  });
});

describe('a fixed window', () => {
  it('starts at the first event and forgets all at its end', () => {
    const window = new FixedWindow(2, 10_000);
    const taken = [0, 5000, 9999, 10_000, 10_001, 10_002].map((atMs) => window.take(atMs + 500));
    expect(taken).toEqual([true, true, false, true, true, false]);
  });
});

describe('the HTTP throttle', () => {
  const limits = { short: 2, medium: 3, long: 100 };

  it('blocks per route and tracker, and names the window', () => {
    const throttle = new Throttle(limits);
    const take = (tracker: string, atMs: number) => throttle.take('GET /a', tracker, atMs, false);
    expect([take('x', 0).blocked, take('x', 1).blocked, take('y', 2).blocked]).toEqual([false, false, false]);
    expect(take('x', 3)).toEqual({ blocked: true, headers: { 'Retry-After-short': '1' } });
    expect(throttle.take('GET /b', 'x', 4, false).blocked).toBe(false);
    expect(take('x', 1100).blocked).toBe(false);
    expect(take('x', 1200).headers).toHaveProperty('Retry-After-medium');
  });

  it('spares the short window where a route has none', () => {
    const throttle = new Throttle(limits);
    const blocked = [0, 1, 2].map((atMs) => throttle.take('r', 'x', atMs, true).blocked);
    expect(blocked).toEqual([false, false, false]);
  });

  it('reports what is left', () => {
    const { headers } = new Throttle(limits).take('r', 'x', 0, false);
    expect(headers).toMatchObject({ 'X-RateLimit-Limit-short': '2', 'X-RateLimit-Remaining-short': '1' });
  });
});
