import { HLS_JS_1_7 } from './page-profiles.js';
import { DORAMI_PAGE, type FlvProfile, type HlsProfile, type PageProfile } from './profiles.js';

/** hls.js as it comes, 1.6: thirty seconds ahead, never pulled forward. */
export const HLS_JS_1_6_DEFAULTS: HlsProfile = {
  name: 'hls.js 1.6.15 defaults',
  liveSyncDurationCount: 3,
  liveSyncOnStallIncreaseMs: 1000,
  maxBufferMs: 30_000,
  maxBufferHoleMs: DORAMI_PAGE.hls.maxBufferHoleMs,
  holeJump: DORAMI_PAGE.hls.holeJump,
  attachMs: DORAMI_PAGE.hls.attachMs,
  listReadMs: DORAMI_PAGE.hls.listReadMs,
  requestMs: DORAMI_PAGE.hls.requestMs,
  tickMs: DORAMI_PAGE.hls.tickMs,
  manifestPolicy: DORAMI_PAGE.hls.manifestPolicy,
  playlistPolicy: DORAMI_PAGE.hls.playlistPolicy,
  segmentPolicy: DORAMI_PAGE.hls.segmentPolicy,
  lostSegment: DORAMI_PAGE.hls.lostSegment,
};

/** hls.js as it comes, 1.7. */
export const HLS_JS_1_7_DEFAULTS: HlsProfile = {
  ...HLS_JS_1_6_DEFAULTS,
  name: 'hls.js 1.7.4 defaults',
  holeJump: HLS_JS_1_7.holeJump,
  lostSegment: HLS_JS_1_7.lostSegment,
};

/**
 * mpegts.js without latency chasing and without what makes the size of its reads matter, the stash and the least
 * number of samples of a batch: the measured instants of the edge cases are those of the player, not of the size
 * of the synthetic frames.
 */
const MPEGTS_JS_DEFAULTS: FlvProfile = {
  name: 'mpegts.js 1.8 defaults, stash off',
  audioGapFrames: DORAMI_PAGE.flv.audioGapFrames,
  remuxMinSamples: 1,
  stash: false,
  stashInitialBytes: 0,
  workerStartMs: 0,
  readsAfterMs: { first: 0, reload: 0 },
};

/** A page that does nothing but attach the library. */
export function bare(hls: HlsProfile = HLS_JS_1_7_DEFAULTS): PageProfile {
  return {
    name: `${hls.name}, ${MPEGTS_JS_DEFAULTS.name}`,
    renderer: DORAMI_PAGE.renderer,
    hls,
    flv: MPEGTS_JS_DEFAULTS,
    page: {
      restartOnFatal: false,
      flvErrorFallsBackToHls: false,
      swap: DORAMI_PAGE.page.swap,
      firstFramePatienceMs: DORAMI_PAGE.page.firstFramePatienceMs,
      stoppedIsFailureAfterMs: DORAMI_PAGE.page.stoppedIsFailureAfterMs,
    },
  };
}

export const BARE_1_7 = bare();
export const BARE_1_6 = bare(HLS_JS_1_6_DEFAULTS);

/** The target's page; frames go through as they come, since synthetic ones are too small for its stash. */
export const PAGE: PageProfile = { ...DORAMI_PAGE, flv: { ...DORAMI_PAGE.flv, stash: false } };

/** The target's options of the FLV library without the page's watchdog. */
export const CHASING: PageProfile = { ...BARE_1_7, flv: PAGE.flv };
