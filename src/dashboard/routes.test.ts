import { describe, expect, it } from 'vitest';
import { type AskedFor, routeOf } from './routes.js';

const ask = (changes: Partial<AskedFor> = {}) =>
  routeOf({ method: 'GET', url: '/', host: '127.0.0.1:9090', site: undefined, ...changes }, 9090);
const status = (changes: Partial<AskedFor>): number | string => {
  const route = ask(changes);
  return route.kind === 'refused' ? route.status : route.kind;
};

describe('routeOf', () => {
  it.each([
    ['/', 'page'],
    ['/?x=1', 'page'],
    ['/events', 'events'],
    ['/metrics', 'metrics'],
    ['/healthz', 'health'],
    ['/constructor', 404],
    ['/../etc/passwd', 404],
    ['//evil.example/metrics', 404],
  ])('%s is %s', (url, kind) => {
    expect(status({ url })).toBe(kind);
  });

  it.each(['127.0.0.1:9090', 'localhost:9090', 'LocalHost:9090', '[::1]:9090'])('answers to %s', (host) => {
    expect(status({ host })).toBe('page');
  });

  it.each([
    'evil.example:9090',
    'evil.example',
    '127.0.0.1',
    '127.0.0.1:80',
    '127.0.0.1.evil.example:9090',
    'localhost:9090@evil.example',
    '',
    undefined,
  ])('refuses whoever calls it %s: a name may be made to lead here', (host) => {
    for (const url of ['/', '/events', '/metrics']) expect(status({ host, url })).toBe(403);
  });

  it('only reads', () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', undefined])
      expect(status({ method })).toBe(405);
  });

  it("gives other sites' pages nothing", () => {
    for (const url of ['/events', '/metrics', '/healthz']) {
      expect(status({ url, site: 'cross-site' })).toBe(403);
      expect(status({ url, site: 'same-origin' })).not.toBe(403);
      expect(status({ url, site: 'none' })).not.toBe(403);
    }
  });
});
