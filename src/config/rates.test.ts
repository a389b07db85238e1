import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfigIssue } from '../errors.js';
import { formatRates, RATE_NAMES, ratePairs, resolveRates } from './rates.js';

const base = { chatEveryMs: 10_000, productsEveryMs: 5000, cartAddShare: 0.5 };

function issuesOf(...entries: string[]): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  resolveRates(entries, base, issues);
  return issues;
}

describe('--rate', () => {
  it('sets what it names and leaves the rest as the profile has it', () => {
    const issues: ConfigIssue[] = [];
    const entries = ['chat=30s', 'orders=2%', 'cart-add = 12.5 %', 'status=15s', 'notices=1m30s', 'cart=30s'];
    expect(resolveRates(entries, base, issues)).toEqual({
      chatEveryMs: 30_000,
      productsEveryMs: 5000,
      cartAddShare: 0.125,
      ordersPerHourShare: 0.02,
      statusEveryMs: 15_000,
      noticesEveryMs: 90_000,
      cartEveryMs: 30_000,
    });
    expect(issues).toEqual([]);
  });

  it('turns an action off', () => {
    expect(resolveRates(['chat=off', 'cart-add=off', 'notices=off'], base, [])).toEqual({
      productsEveryMs: 5000,
    });
  });

  it.each([
    ['chat', 'not NAME=VALUE', 'e.g. chat=30s'],
    ['chit=30s', 'no such action', RATE_NAMES.join(', ')],
    ['constructor=30s', 'no such action', RATE_NAMES.join(', ')],
    ['=30s', 'no such action', RATE_NAMES.join(', ')],
    ['chat=30', 'not a span', 'e.g. 30s, from 100ms to 24h, or off'],
    ['chat=5%', 'not a span', 'e.g. 30s, from 100ms to 24h, or off'],
    ['chat=99ms', 'not a span', 'e.g. 30s, from 100ms to 24h, or off'],
    ['chat=25h', 'not a span', 'e.g. 30s, from 100ms to 24h, or off'],
    ['orders=30s', 'not a share of the viewers', '0% to 100%, or off'],
    ['orders=0.02', 'not a share of the viewers', '0% to 100%, or off'],
    ['cart-add=101%', 'not a share of the viewers', '0% to 100%, or off'],
    ['cart-add=-1%', 'not a share of the viewers', '0% to 100%, or off'],
  ])('refuses %s: %s', (seen, problem, wanted) => {
    expect(issuesOf(seen)).toEqual([{ path: '--rate', problem, seen, wanted }]);
  });

  it('refuses a name that is given twice, and reports all problems at once', () => {
    expect(issuesOf('chat=1s', 'chat=2s', 'x=1').map(({ problem }) => problem)).toEqual([
      'chat is given more than once',
      'no such action',
    ]);
  });

  it('takes any text without falling over', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...RATE_NAMES, ''), (text, name) => {
        const issues: ConfigIssue[] = [];
        const rates = resolveRates([name === '' ? text : `${name}=${text}`], base, issues);
        for (const value of Object.values(rates)) expect(Number.isFinite(value)).toBe(true);
        expect(issues.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('formatRates', () => {
  it('says in words what viewers do', () => {
    const rates = resolveRates(['orders=2%', 'cart-add=0.1%', 'cart=30s'], base, []);
    expect(formatRates(rates)).toBe(
      'chat every 10s, products every 5s, own cart every 30s, 0.1 % use the cart, 2 % order within an hour',
    );
    expect(formatRates({})).toBe('viewers only watch');
  });
});

it('writes rates as they are given, without a loss', () => {
  const span = fc.integer({ min: 100, max: 86_400_000 });
  const share = fc.integer({ min: 0, max: 1000 }).map((permille) => permille / 1000);
  fc.assert(
    fc.property(span, span, share, (chatEveryMs, cartEveryMs, cartAddShare) => {
      const rates = { chatEveryMs, cartEveryMs, cartAddShare };
      const again = resolveRates(ratePairs(rates), {}, []);
      expect(again).toEqual({ ...rates, cartAddShare: expect.closeTo(cartAddShare, 10) });
    }),
  );
  expect(ratePairs({ chatEveryMs: 30_000, ordersPerHourShare: 0.02 })).toEqual(['chat=30s', 'orders=2%']);
});
