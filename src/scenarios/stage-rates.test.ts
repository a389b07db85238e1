import { describe, expect, it } from 'vitest';
import { createRng } from '../rng.js';
import { createAgenda } from './agenda.js';
import { createPlan, type Phase } from './plan.js';
import type { Profile, Stage } from './profile.js';
import { findProfile } from './profiles.js';
import { CHAT_LEAST_EVERY_MS, rateSpans, stageRates } from './stage-rates.js';

const burst: Stage = {
  name: 'burst',
  role: 'burst',
  durationMs: 60_000,
  fromShare: 1,
  toShare: 1,
  chatPerS: 50,
};

describe('stageRates', () => {
  it.each([
    { chatters: 500, share: 1, everyMs: 10_000 },
    { chatters: 500, share: 0.5, everyMs: 5000 },
    { chatters: 100, share: 1, everyMs: 2000 },
    { chatters: 55, share: 1, everyMs: 1100 },
    { chatters: 40, share: 1, everyMs: CHAT_LEAST_EVERY_MS },
    { chatters: 0, share: 1, everyMs: CHAT_LEAST_EVERY_MS },
  ])('lets $chatters viewers at $share of the level write every $everyMs ms', (row) => {
    const stage = { ...burst, fromShare: row.share, toShare: row.share };
    expect(stageRates(stage, row.chatters).chatEveryMs).toBe(row.everyMs);
  });

  it('keeps what else the stage says', () => {
    const rates = { productsEveryMs: 'off', chatEveryMs: 5000 } as const;
    expect(stageRates({ ...burst, rates }, 100)).toEqual({ productsEveryMs: 'off', chatEveryMs: 2000 });
  });
});

describe('a burst of chat', () => {
  const chatBurst = findProfile('chatBurst') as Profile;
  const due = (vus: number): number[][] => {
    const plan = createPlan(chatBurst, { vus, seed: 1, mix: { hls: 1, flv: 1 } });
    const spans = rateSpans(chatBurst, plan.phases, vus);
    return Array.from({ length: vus }, (_, vu) => {
      const [stay] = plan.staysOf(vu);
      if (stay === undefined) return [];
      const agenda = createAgenda({ ...stay, rng: createRng(1, vu), rates: chatBurst.rates, spans });
      const list: number[] = [];
      for (let entry = agenda.next(); entry; entry = agenda.next()) {
        if (entry.action === 'chat') list.push(entry.dueMs);
      }
      return list;
    });
  };
  const between = (list: readonly number[][], fromS: number, toS: number): number =>
    list.flat().filter((atMs) => atMs >= fromS * 1000 && atMs < toS * 1000).length / (toS - fromS);

  it('has 500 viewers write 50 messages in each second of it, and 17 before and after', () => {
    const list = due(500);
    expect(between(list, 120, 420)).toBeGreaterThan(49);
    expect(between(list, 120, 420)).toBeLessThan(51);
    // From its first moment to its last one.
    for (const fromS of [120, 415]) expect(Math.abs(between(list, fromS, fromS + 5) - 50)).toBeLessThan(6);
    for (const fromS of [70, 430])
      expect(Math.abs(between(list, fromS, fromS + 40) - 500 / 30)).toBeLessThan(2);
  });

  it('never lets one viewer write more than its limit of 20 in 10 s', () => {
    for (const own of due(10)) {
      own.forEach((atMs, i) => {
        expect(own.slice(i).filter((other) => other < atMs + 10_000).length).toBeLessThan(20);
      });
    }
  });
});

describe('rates by stage', () => {
  const phases: Phase[] = [
    { name: 'a', role: 'hold', fromMs: 0, toMs: 60_000 },
    { name: 'b', role: 'hold', fromMs: 60_000, toMs: 120_000 },
  ];
  const profileOf = (rates: Profile['rates'], b: Stage['rates']): Profile => ({
    ...(findProfile('smoke') as Profile),
    rates,
    stages: [
      { name: 'a', role: 'hold', durationMs: 60_000, fromShare: 1, toShare: 1 },
      { name: 'b', role: 'hold', durationMs: 60_000, fromShare: 1, toShare: 1, ...(b ? { rates: b } : {}) },
    ],
  });
  const counts = (profile: Profile): [number, number] => {
    const options = { joinAtMs: 0, leaveAtMs: 120_000, rates: profile.rates };
    const agenda = createAgenda({
      ...options,
      rng: createRng(3, 1),
      spans: rateSpans(profile, phases, 10),
    });
    const due: number[] = [];
    for (let entry = agenda.next(); entry; entry = agenda.next()) due.push(entry.dueMs);
    const early = due.filter((atMs) => atMs < 60_000).length;
    return [early, due.length - early];
  };

  it('can be off in one stage, or on in one stage only', () => {
    const [early, late] = counts(profileOf({ productsEveryMs: 1000 }, { productsEveryMs: 'off' }));
    expect(Math.abs(early - 60)).toBeLessThan(5);
    expect(late).toBe(0);
    const [before, within] = counts(profileOf({}, { productsEveryMs: 1000 }));
    expect(before).toBe(0);
    expect(Math.abs(within - 60)).toBeLessThan(5);
  });

  it('says nothing of stages that have no rates of their own', () => {
    expect(rateSpans(profileOf({}, undefined), phases, 10)).toEqual([]);
  });
});
