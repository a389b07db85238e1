import { DORAMI_PAGE, HLS_JS_1_6, type HlsProfile, MPEGTS_JS_1_8, type PageProfile } from './profiles.js';

/**
 * hls.js 1.7.4 with the options of the page. What differs from 1.6.15 for a viewer of one live level: a gap stays a
 * gap, the newest segment is retried before it is given up, and a jump over a hole goes 0.1 s past its end.
 */
export const HLS_JS_1_7: HlsProfile = {
  ...HLS_JS_1_6,
  name: 'hls.js 1.7.4 with the page options',
  holeJump: { pastMs: 100, leastMs: 100 },
  lostSegment: { triesGapsAgain: false, newestIsRetried: true },
};

/** The same page, were it built with the newest versions of its libraries. mpegts.js 1.8.2 has the rules of 1.8.0. */
export const DORAMI_PAGE_NEWEST: PageProfile = {
  ...DORAMI_PAGE,
  name: 'dorami live page with hls.js 1.7.4 and mpegts.js 1.8.2',
  hls: HLS_JS_1_7,
  flv: { ...MPEGTS_JS_1_8, name: 'mpegts.js 1.8.2 with the page options' },
};

/** `page` = the libraries that the page has; `newest` = what it would be with the newest ones. */
export type PlayerProfileName = 'page' | 'newest';

export const PLAYER_PROFILES: Readonly<Record<PlayerProfileName, PageProfile>> = {
  page: DORAMI_PAGE,
  newest: DORAMI_PAGE_NEWEST,
};

export const PLAYER_PROFILE_NAMES: readonly PlayerProfileName[] = ['page', 'newest'];
