import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.js';
import { createRng } from '../rng.js';
import {
  type AgendaEntry,
  type AgendaOptions,
  addsToCart,
  CHAT_SETTLE_MS,
  createAgenda,
  RAMP_RATES,
} from './agenda.js';

function entries(options: AgendaOptions, limit = 10_000): AgendaEntry[] {
  const agenda = createAgenda(options);
  const list: AgendaEntry[] = [];
  for (let entry = agenda.next(); entry && list.length < limit; entry = agenda.next()) list.push(entry);
  return list;
}

function of(action: string, list: readonly AgendaEntry[]): number[] {
  return list.filter((entry) => entry.action === action).map((entry) => entry.dueMs);
}

const stay = { joinAtMs: 10_000, leaveAtMs: 1_510_000 };

describe('the agenda of one viewer', () => {
  it('comes in the order of time, within the stay, for any rates', () => {
    const rates = fc.record(
      {
        chatEveryMs: fc.integer({ min: 500, max: 60_000 }),
        productsEveryMs: fc.integer({ min: 500, max: 60_000 }),
        cartAddShare: fc.double({ min: 0, max: 1, noNaN: true }),
        ordersPerHourShare: fc.double({ min: 0, max: 1, noNaN: true }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(rates, fc.integer(), fc.integer({ min: 0, max: 200_000 }), (drawn, seed, lengthMs) => {
        const options = { joinAtMs: 1000, leaveAtMs: 1000 + lengthMs, rates: drawn };
        const list = entries({ ...options, rng: createRng(seed, 1) });
        list.forEach((entry, i) => {
          expect(entry.dueMs).toBeGreaterThanOrEqual(list[i - 1]?.dueMs ?? 1000);
          expect(entry.dueMs).toBeLessThan(1000 + lengthMs);
        });
      }),
    );
  });

  it('is the same for the same seed and differs between viewers', () => {
    const make = (vu: number): AgendaEntry[] =>
      entries({ ...stay, rng: createRng(7, vu), rates: RAMP_RATES });
    expect(make(3)).toEqual(make(3));
    expect(make(3)).not.toEqual(make(4));
  });

  it('does not depend on what its viewer draws in between', () => {
    const rng = createRng(7, 3);
    const agenda = createAgenda({ ...stay, rng, rates: RAMP_RATES });
    const list: AgendaEntry[] = [];
    for (let entry = agenda.next(); entry; entry = agenda.next()) {
      list.push(entry);
      rng.next();
    }
    expect(list).toEqual(entries({ ...stay, rng: createRng(7, 3), rates: RAMP_RATES }));
  });

  it('acts at the mean rate from the first moment on, over many viewers', () => {
    const perSecond = new Array<number>(60).fill(0);
    const viewers = 6000;
    for (let vu = 0; vu < viewers; vu++) {
      const rng = createRng(1, vu);
      for (const dueMs of of(
        'products',
        entries({ rng, joinAtMs: 0, leaveAtMs: 60_000, rates: { productsEveryMs: 20_000 } }),
      )) {
        const second = Math.floor(dueMs / 1000);
        perSecond[second] = (perSecond[second] ?? 0) + 1;
      }
    }
    // 6000 viewers / 20 s = 300 per second; the standard deviation of a count is about 17.
    for (const count of perSecond) expect(Math.abs(count - 300)).toBeLessThan(90);
    const total = perSecond.reduce((sum, count) => sum + count, 0);
    expect(Math.abs(total - 18_000)).toBeLessThan(180);
  });

  it('keeps every gap between a half and one and a half of the mean', () => {
    const due = of('chat', entries({ ...stay, rng: createRng(2, 1), rates: RAMP_RATES }));
    expect(due.length).toBeGreaterThan(40);
    for (let i = 1; i < due.length; i++) {
      const gapMs = (due[i] ?? 0) - (due[i - 1] ?? 0);
      expect(gapMs).toBeGreaterThanOrEqual(15_000);
      expect(gapMs).toBeLessThanOrEqual(45_000);
    }
  });

  it('leaves out chat while the page is still joining and just before it goes', () => {
    const rates = { chatEveryMs: 100, productsEveryMs: 100 };
    const list = entries({ rng: createRng(2, 1), joinAtMs: 0, leaveAtMs: 20_000, rates });
    const chat = of('chat', list);
    expect(Math.min(...chat)).toBeGreaterThanOrEqual(CHAT_SETTLE_MS);
    expect(Math.max(...chat)).toBeLessThan(20_000 - CHAT_SETTLE_MS);
    expect(Math.min(...of('products', list))).toBeLessThan(CHAT_SETTLE_MS);
    expect(Math.max(...of('products', list))).toBeGreaterThan(20_000 - CHAT_SETTLE_MS);
  });

  it('goes by the end that is known when an action is asked for', () => {
    let leaveAtMs = 20_000;
    const agenda = createAgenda({
      ...{ rng: createRng(2, 1), joinAtMs: 0, rates: { chatEveryMs: 400 } },
      leavesAtMs: () => leaveAtMs,
    });
    const due: number[] = [];
    for (let dueMs = 0; dueMs < 20_000; dueMs = agenda.next()?.dueMs ?? 0) due.push(dueMs);
    expect(Math.max(...due)).toBeLessThan(20_000 - CHAT_SETTLE_MS);
    leaveAtMs = 40_000;
    for (let dueMs = 20_000; dueMs < 40_000; dueMs = agenda.next()?.dueMs ?? 0) due.push(dueMs);
    expect(due.filter((dueMs) => dueMs > 30_000 && dueMs < 40_000 - CHAT_SETTLE_MS).length).toBeGreaterThan(
      10,
    );
    expect(due.filter((dueMs) => dueMs >= 40_000 - CHAT_SETTLE_MS)).toEqual([]);
  });

  it('puts into the cart once, inside the window, for the share of viewers', () => {
    let adding = 0;
    for (let vu = 0; vu < 2000; vu++) {
      const cartWindow = { fromMs: 100_000, toMs: 400_000 };
      const due = of(
        'cart_add',
        entries({ ...stay, rng: createRng(9, vu), rates: { cartAddShare: 0.05 }, cartWindow }),
      );
      expect(due.length).toBeLessThanOrEqual(1);
      for (const dueMs of due) {
        expect(dueMs).toBeGreaterThanOrEqual(100_000);
        expect(dueMs).toBeLessThan(400_000);
      }
      adding += due.length;
    }
    expect(adding).toBeGreaterThan(70);
    expect(adding).toBeLessThan(130);
  });

  it('lets the caller say who uses the cart', () => {
    const options = { ...stay, rates: { cartAddShare: 0.05 } };
    expect(of('cart_add', entries({ ...options, rng: createRng(1, 1), addsToCart: true }))).toHaveLength(1);
    expect(of('cart_add', entries({ ...options, rng: createRng(1, 1), addsToCart: false }))).toHaveLength(0);
  });

  it('does not use the cart when the window lies outside of the stay', () => {
    const cartWindow = { fromMs: 0, toMs: 9000 };
    const list = entries({ ...stay, rng: createRng(1, 1), rates: { cartAddShare: 1 }, cartWindow });
    expect(list).toEqual([]);
  });

  it('buys at the chance per hour', () => {
    let orders = 0;
    for (let vu = 0; vu < 1000; vu++) {
      const rates = { ordersPerHourShare: 0.02 };
      orders += of(
        'order',
        entries({ rng: createRng(4, vu), joinAtMs: 0, leaveAtMs: 6 * 3_600_000, rates }),
      ).length;
    }
    expect(orders).toBeGreaterThan(85);
    expect(orders).toBeLessThan(155);
  });

  it('goes on for ever when nobody knows the end', () => {
    const list = entries({ rng: createRng(1, 1), joinAtMs: 0, rates: { chatEveryMs: 1000 } }, 500);
    expect(list).toHaveLength(500);
  });

  it('reads by the timers of a page where it is asked to: at once, then exactly every so often', () => {
    const rates = {
      productsEveryMs: 5000,
      statusEveryMs: 15_000,
      noticesEveryMs: 15_000,
      cartEveryMs: 30_000,
    };
    const options = { joinAtMs: 1000, leaveAtMs: 33_000, rates };
    const list = entries({ ...options, rng: createRng(1, 1), timersFromMs: 1000 });
    expect(of('products', list)).toEqual([1000, 6000, 11_000, 16_000, 21_000, 26_000, 31_000]);
    expect(of('status', list)).toEqual([1000, 16_000, 31_000]);
    expect(of('notices', list)).toEqual([1000, 16_000, 31_000]);
    expect(of('cart_get', list)).toEqual([1000, 31_000]);
    const byChance = entries({ ...options, rng: createRng(1, 1) });
    expect(of('status', byChance)[0]).not.toBe(1000);
    expect(of('status', byChance).length).toBeGreaterThan(0);
  });

  it('has nothing to do without rates', () => {
    expect(entries({ ...stay, rng: createRng(1, 1), rates: {} })).toEqual([]);
  });

  it.each([
    { chatEveryMs: 0 },
    { productsEveryMs: Number.NaN },
    { cartAddShare: 1.5 },
    { ordersPerHourShare: -1 },
  ])('refuses %o', (rates) => {
    expect(() => createAgenda({ ...stay, rng: createRng(1, 1), rates })).toThrow(ConfigError);
  });
});

describe('who uses the cart', () => {
  it('is the share of every prefix of viewers, within one', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.integer({ min: 1, max: 300 }),
        (cartShare, offset, vus) => {
          let count = 0;
          for (let vu = 0; vu < vus; vu++) if (addsToCart(cartShare, vu, offset)) count++;
          expect(Math.abs(count - vus * cartShare)).toBeLessThanOrEqual(1 + 1e-9);
        },
      ),
    );
  });
});
