import type { Rates } from './agenda.js';
import type { Mix, Profile } from './profile.js';

/** Strategy 2.2, scenario 1, step 4: mirrors the real traffic. */
const STRATEGY_MIX: Mix = { hls: 70, flv: 30 };

/** Strategy 2.2, scenario 1, step 5: 500 viewers, a message of each every 30 s. */
const STRATEGY_CHAT_PER_S = 500 / 30;

/**
 * The rates of a short run. The strategy's own (a chat message every 30 s, products every 60 s, 5 % use the cart)
 * are made for half an hour and would leave most rows of a one-minute run without samples; these fill them with
 * 50 viewers and stay below every limit of the platform. Products are read every 5 s, as the real page does
 * (contract 3.4).
 */
const SHORT_RUN_RATES: Rates = { chatEveryMs: 10_000, productsEveryMs: 5000, cartAddShare: 0.5 };

/** Rows that any load with both protocols, chat and products fills within a minute. */
const VIEWER_ROWS: readonly string[] = [
  'first_frame_p95_flv',
  'first_frame_p95_hls',
  'stream_start_success',
  'rebuffer_rate_per_second',
  'rebuffer_rate_per_segment',
  'rebuffer_ratio',
  'frozen_ratio',
  'replayed_ratio',
  'latency_p95_flv',
  'latency_p95_hls',
  'frame_drop_rate',
  'viewers_joined',
  'viewers_lost',
  'connections_dropped',
  'ready_root',
  'ready_chat',
  'ready_streaming',
  'join_root',
  'join_chat',
  'join_streaming',
  'chat_delivery_ratio',
  'chat_echo_ratio',
  'chat_delivery_p95',
  'api_success',
  'api_5xx_rate',
  'api_read_p95',
  'api_read_p99',
  'api_write_p95',
];

/** One viewer has nobody to chat with, writes once, and reads too little for a 99th percentile. */
const BASELINE_CANNOT_FILL: ReadonlySet<string> = new Set([
  'chat_delivery_ratio',
  'chat_delivery_p95',
  'api_read_p99',
  'api_write_p95',
]);

/**
 * One minute with 50 viewers: is the platform up, and does everything that a viewer does work? With more than 200
 * viewers the slopes grow, so that at most 20 come or go in a second, and with more than 166 each writes less often, so
 * that the chat is never busier than the strategy's 500 viewers make it.
 * ```
 * 50 |      ______________
 *    |    /               \
 *  0 +--/------------------\--
 *    0  10 s            55 s 60 s
 * ```
 */
const SMOKE: Profile = {
  name: 'smoke',
  title: 'one minute, 50 viewers: does everything that a viewer does work',
  stages: [
    { name: 'ramp', role: 'ramp', durationMs: 10_000, fromShare: 0, toShare: 1 },
    { name: 'hold', role: 'hold', durationMs: 45_000, fromShare: 1, toShare: 1 },
    { name: 'drain', role: 'drain', durationMs: 5000, fromShare: 1, toShare: 0 },
  ],
  changesPerS: 20,
  chatAtMostPerS: STRATEGY_CHAT_PER_S,
  rates: SHORT_RUN_RATES,
  judges: VIEWER_ROWS,
  defaults: { vus: 50, mix: STRATEGY_MIX },
};

/**
 * One viewer alone (strategy 6.1, phase 2): what the platform does without load. Two minutes, so that one viewer
 * brings enough samples; no row that needs a second viewer to receive its chat.
 */
const BASELINE: Profile = {
  name: 'baseline',
  title: 'two minutes, one viewer: what the platform does without load',
  stages: [{ name: 'hold', role: 'hold', durationMs: 120_000, fromShare: 1, toShare: 1 }],
  rates: { chatEveryMs: 10_000, productsEveryMs: 4000, cartAddShare: 1 },
  judges: VIEWER_ROWS.filter((id) => !BASELINE_CANNOT_FILL.has(id)),
  // One FLV viewer: what the real page tries first (contract 4.4).
  defaults: { vus: 1, mix: { hls: 0, flv: 100 } },
};

const PROFILES: readonly Profile[] = [SMOKE, BASELINE];

export const DEFAULT_PROFILE: Profile = SMOKE;

export function findProfile(name: string): Profile | undefined {
  return PROFILES.find((profile) => profile.name === name);
}

export function profileNames(): string[] {
  return PROFILES.map((profile) => profile.name);
}

export function allProfiles(): readonly Profile[] {
  return PROFILES;
}
