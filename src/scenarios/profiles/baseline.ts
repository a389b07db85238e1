import type { Profile } from '../profile.js';
import { API_ROWS, ECHO_ROWS, MEDIA_ROWS, SESSION_ROWS } from '../row-groups.js';

/**
 * One viewer alone (strategy 6.1, phase 2): what the platform does without load. Two minutes, so that one viewer
 * brings enough samples; no row that needs a second viewer to receive its chat, and none of calls of which one viewer
 * makes too few.
 * ```
 * 1 |______________________
 * 0 +---------------------|--
 *   0                    2:00
 * ```
 */
export const BASELINE: Profile = {
  name: 'baseline',
  title: 'two minutes, one viewer: what the platform does without load',
  stages: [{ name: 'hold', role: 'hold', durationMs: 120_000, fromShare: 1, toShare: 1 }],
  anyLength: true,
  rates: { chatEveryMs: 10_000, productsEveryMs: 4000, cartAddShare: 1 },
  judges: [...MEDIA_ROWS, ...SESSION_ROWS, ...ECHO_ROWS, ...API_ROWS],
  // One FLV viewer: what the real page tries first (contract 4.4).
  defaults: { vus: 1, mix: { hls: 0, flv: 100 } },
};
