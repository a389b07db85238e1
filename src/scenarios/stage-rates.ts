import type { RateSpan, StageRates } from './agenda.js';
import type { Phase } from './plan.js';
import type { Profile, Stage } from './profile.js';

/** Nobody may write more than this: the platform takes 20 messages in 10 s of one user (contract 1.3). */
const MOST_PER_WINDOW = 20;
const WINDOW_MS = 10_000;
/**
 * So often at most does one viewer write, ms: the waits between its messages are a half to one and a half of this, and
 * one less than the platform's limit is what any 10 s hold then.
 */
export const CHAT_LEAST_EVERY_MS = Math.ceil((2 * WINDOW_MS) / (MOST_PER_WINDOW - 1.5));

/**
 * Where in a run its viewers act at other rates than the profile's own.
 * @param phases of the plan; a stage is found by its name
 * @param chatters how many viewers at full level have an account, and can write
 */
export function rateSpans(profile: Profile, phases: readonly Phase[], chatters: number): RateSpan[] {
  return phases.flatMap(({ name, fromMs, toMs }) => {
    const stage = profile.stages.find((one) => one.name === name);
    const rates = stage === undefined ? {} : stageRates(stage, chatters);
    return Object.keys(rates).length === 0 ? [] : [{ fromMs, toMs, rates }];
  });
}

/** What a stage says of rates, per viewer. */
export function stageRates(stage: Stage, chatters: number): StageRates {
  const { rates = {}, chatPerS } = stage;
  if (chatPerS === undefined) return rates;
  const there = (chatters * (stage.fromShare + stage.toShare)) / 2;
  const everyMs = Math.max(CHAT_LEAST_EVERY_MS, Math.round((there * 1000) / chatPerS));
  return { ...rates, chatEveryMs: everyMs };
}
