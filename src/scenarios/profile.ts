import type { Protocol } from '../events.js';
import type { Rates, StageRates } from './agenda.js';
import type { Arrivals } from './arrivals.js';
import type { FaultStep } from './fault-step.js';
import type { Steps } from './steps.js';

/**
 * What a stage of a profile is for. The gate judges windows by role, so a role says what a person would call
 * that stretch of the evening, not how its line is drawn.
 *
 * | role | what it is for |
 * |---|---|
 * | ramp, drain | viewers come, viewers go |
 * | hold | ordinary watching: what most rows are judged by |
 * | spike | many come at once |
 * | burst | ordinary watching with a much busier chat |
 * | fault | something is broken on purpose, and the 10 s after it was mended: apart from every hold |
 * | step | one level of an escalation, judged by itself |
 * | recovery | after the crowd has gone: is all as it was before |
 */
export type StageRole = 'ramp' | 'hold' | 'spike' | 'burst' | 'fault' | 'step' | 'recovery' | 'drain';

/**
 * One stretch of a profile: the number of viewers goes in a straight line from one share of `--vus` to another.
 * A stage of 0 ms, or a `fromShare` that differs from the end of the stage before, is a step.
 */
export interface Stage {
  /** The phase's name in ticks and reports; unique in its profile, no `|`. */
  readonly name: string;
  readonly role: StageRole;
  /** As drawn, until `timed` made it as long as a run wants it. */
  readonly durationMs: number;
  /** Share of the run's VUs, 0 to 1, at the stage's begin. */
  readonly fromShare: number;
  /** Share of the run's VUs, 0 to 1, at the stage's end. */
  readonly toShare: number;
  /** What viewers do in this stage in place of the profile's rates. */
  readonly rates?: StageRates;
  /**
   * All viewers together write this many chat messages in a second, as far as the limit of each lets them
   * (`CHAT_LEAST_EVERY_MS`); in place of any other rate of chat.
   */
  readonly chatPerS?: number;
  /** A time scale makes the stage no shorter than this, unless it is drawn shorter. */
  readonly leastMs?: number;
}

/** Weights of the protocol a viewer starts with; whole numbers, e.g. `{ hls: 70, flv: 30 }`. */
export type Mix = Readonly<Record<Protocol, number>>;

/** One named load: who comes when, what they do, and which KPI rows that load can fill. */
export interface Profile {
  readonly name: string;
  /** One line for `--help` and reports. */
  readonly title: string;
  readonly stages: readonly Stage[];
  /** The levels that the stages were made of, where the load is one of steps. */
  readonly steps?: Steps;
  /** Viewers that come and go by themselves, in place of the levels of the stages, which then only name the phases. */
  readonly arrivals?: Arrivals;
  /** What is broken on purpose, and when; absent = nothing. */
  readonly faults?: readonly FaultStep[];
  /**
   * Slopes are drawn out so that no more viewers than this come or go in a second, as far as the run's length
   * allows: everyone who joins is announced to all, and a run that is no spike should not measure one.
   */
  readonly changesPerS?: number;
  /** Its rows mean the same in any length; absent = a run that is made shorter counts as scaled. */
  readonly anyLength?: true;
  /** How often one viewer acts. */
  readonly rates: Rates;
  /**
   * All viewers together write no more chat messages than this in a second, each the less often the more they are:
   * every message goes to everybody, and a load that is no burst should not become one by its size.
   */
  readonly chatAtMostPerS?: number;
  /** Ids of the KPI rows (src/stats/kpis.ts) that this load fills; all others are reported as not judged. */
  readonly judges: readonly string[];
  readonly defaults: { readonly vus: number; readonly mix: Mix };
}

/** The profile for `vus` viewers: its rates as they are with that many. */
export function profileFor(profile: Profile, vus: number): Profile {
  const { rates, chatAtMostPerS } = profile;
  if (rates.chatEveryMs === undefined || chatAtMostPerS === undefined) return profile;
  const leastEveryMs = Math.round((vus / chatAtMostPerS) * 1000);
  return { ...profile, rates: { ...rates, chatEveryMs: Math.max(rates.chatEveryMs, leastEveryMs) } };
}
