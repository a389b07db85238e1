import { describe, expect, it } from 'vitest';
import { createCookieJar } from './cookie-jar.js';

const API = 'http://127.0.0.1:4000';
const products = `${API}/api/products?streamKey=k`;

describe('the cookie jar of one viewer', () => {
  it('starts with the tokens, for the API and for a socket host that stands apart', () => {
    const jar = createCookieJar({ accessToken: 'a1', refreshToken: 'r1' }, [API, 'http://localhost:5000/ws']);
    expect(jar.cookieHeader(products)).toBe('accessToken=a1; refreshToken=r1');
    expect(jar.cookieHeader('http://localhost:5000/socket.io/')).toBe('accessToken=a1; refreshToken=r1');
    expect(jar.cookieHeader('http://127.0.0.2:4000/')).toBe('');
  });

  it('is empty for a guest, and takes what the server sets', () => {
    const jar = createCookieJar({}, [API]);
    expect(jar.cookieHeader(products)).toBe('');
    jar.store(products, ['session_id=s1; Path=/; HttpOnly; Max-Age=86400', 'csrf-token=c1; Path=/']);
    expect(jar.cookieHeader(products)).toBe('session_id=s1; csrf-token=c1');
    expect(jar.value(products, 'csrf-token')).toBe('c1');
    expect(jar.value(products, 'nothing')).toBeUndefined();
    jar.store(products, 'csrf-token=c2; Path=/');
    expect(jar.value(products, 'csrf-token')).toBe('c2');
    jar.store(products, undefined);
  });

  it('forgets a cookie that the server expires, and replaces a refreshed token', () => {
    const jar = createCookieJar({ accessToken: 'a1' }, [API]);
    jar.store(products, 'accessToken=a2; Path=/; HttpOnly');
    expect(jar.cookieHeader(products)).toBe('accessToken=a2');
    jar.store(products, 'accessToken=a3; Path=/; Domain=127.0.0.1');
    expect(jar.cookieHeader(products)).toBe('accessToken=a3');
    jar.store(products, 'accessToken=; Path=/; Max-Age=0');
    expect(jar.cookieHeader(products)).toBe('');
  });

  it('sends a renewed token alone, wherever the server puts it: the one it began with is the same cookie', () => {
    const site = 'https://www.shop.test';
    const refresh = `${site}/api/auth/refresh`;
    const jar = createCookieJar({ accessToken: 'a1', refreshToken: 'r1' }, [site]);
    jar.store(refresh, ['accessToken=a2; Path=/; Domain=shop.test', 'refreshToken=r2; Path=/api/auth']);
    expect(jar.cookieHeader(`${site}/api/products`)).toBe('accessToken=a2');
    expect(jar.cookieHeader(refresh).split('; ').sort()).toEqual(['accessToken=a2', 'refreshToken=r2']);
    expect(jar.value(refresh, 'refreshToken')).toBe('r2');
  });

  it('drops what is no cookie or not for this host, without a throw', () => {
    const jar = createCookieJar({}, [API]);
    jar.store(products, ['', ';;;', 'a', 'a=b; Domain=elsewhere.example', `big=${'x'.repeat(5000)}; Path=/`]);
    expect(jar.cookieHeader(products)).toBe('');
  });

  it('does not grow without end', () => {
    const jar = createCookieJar({}, [API]);
    for (let i = 0; i < 500; i++) jar.store(products, [`n${i}=1; Path=/`, `same=1; Path=/api/products/${i}`]);
    expect(jar.cookieHeader(`${API}/`).split('; ').length).toBeLessThanOrEqual(50);
    jar.store(products, 'n0=2; Path=/');
    expect(jar.value(products, 'n0')).toBe('2');
  });
});
