/**
 * What browsers, player libraries and the target's own page do, as data: laws differ by version, so none of
 * these numbers may stand in the code that uses them. Times in milliseconds unless the name says otherwise.
 */

/** How the browser's media element starts, underruns and resumes. Chromium on the desktop and on Android. */
export interface RendererProfile {
  readonly name: string;
  /** Decodable video frames that must be ahead before playing starts. */
  readonly startVideoFrames: number;
  /** Audio ahead that the first start and a restart after a seek need. */
  readonly startAudioMs: number;
  /** Resume threshold after underrun number k since the last seek: min(this * 2^k, resumeAudioCapMs). */
  readonly resumeAudioBaseMs: number;
  readonly resumeAudioCapMs: number;
  /** Added to each resume threshold; other than 0 only where it is asked how certain a verdict is. */
  readonly resumeAudioShiftMs: number;
  /** `waiting` fires when the playhead is this close to the end of continuous audio. */
  readonly underrunGuardMs: number;
  /** After `playing` the playhead begins to move this much later. */
  readonly startLagMs: number;
  /** Data that arrives within this span after an underrun resumes with the line unbroken. */
  readonly undrainedMs: number;
  /** Audio runs, video is missing: the element waits after this. */
  readonly videoWaitMs: number;
  /** A gap at the start between first audio and first video that is played over. */
  readonly startGapMs: number;
  /** While media comes in the element says so this often; a library that waits for a jump acts on it. */
  readonly progressEveryMs: number;
  /** The decoder has read this much ahead of the playhead: four pictures. */
  readonly decodeAheadMs: number;
  /** A video-only stream starts and restarts with this much ahead. */
  readonly videoOnlyStartMs: number;
  /** From the arrival that completes the start rule to the painted picture / the `playing` event. */
  readonly flvPaintDelayMs: number;
  readonly flvPlayDelayMs: number;
  /** FLV: from the first byte on, before this nothing plays: the source's first append sets up the decoders. */
  readonly flvFirstAppendDelayMs: number;
  /** FLV: from the arrival until the element has the media: through the worker, the append, the audio decoder. */
  readonly flvAppendDelayMs: number;
  /** The same for the first segment of an HLS page (worker start, first append); later ones are quick. */
  readonly hlsFirstAppendDelayMs: number;
  readonly appendDelayMs: number;
  /**
   * An append takes this much longer while the element waits: the renderer, which had asked for data in vain, begins to
   * decode with the first of the tracks, and the library hears later that both are in.
   */
  readonly waitingAppendMs: number;
  readonly resumeDelayMs: number;
  /** A stall this long is a rebuffer; a shorter one is a micro-wait. */
  readonly rebufferMinMs: number;
  readonly frozenMinMs: number;
}

export interface RetryPolicy {
  readonly ttfbTimeoutMs?: number;
  readonly totalTimeoutMs: number;
  readonly timeoutRetries: number;
  readonly errorRetries: number;
  readonly retryDelayMs: number;
  readonly retryDelayMaxMs: number;
}

/** hls.js: the rules that differ by version and the options of the page. */
export interface HlsProfile {
  readonly name: string;
  /** Distance of the start position from the live edge, in target durations. */
  readonly liveSyncDurationCount: number;
  /** Forced forward seek when further behind than this many target durations; absent = never. */
  readonly liveMaxLatencyDurationCount?: number;
  /** Each stall raises the target latency by this, at most by one target duration in all. */
  readonly liveSyncOnStallIncreaseMs: number;
  readonly maxBufferMs: number;
  /** Holes up to this are treated as continuous. */
  readonly maxBufferHoleMs: number;
  /** A jump over a hole lands this far behind its end, and at least `leastMs` from where the playhead stood. */
  readonly holeJump: HoleJump;
  /**
   * From its start on, until the media element is attached: its gap controller ticks from then on. Measured 5 to
   * 20 ms; less what a browser's two requests for the lists take longer than ours, so that the order is the same.
   */
  readonly attachMs: number;
  /**
   * A browser loads in a process of its own: an answer is with the library, read, this long after its last byte came; and
   * a request is on its way this long after the library made it. Of all requests but those before the first append, which
   * `attachMs` and `hlsFirstAppendDelayMs` hold.
   */
  readonly listReadMs: number;
  readonly requestMs: number;
  /** Stream controller and gap controller tick; retries are quantised to it. */
  readonly tickMs: number;
  readonly manifestPolicy: RetryPolicy;
  readonly playlistPolicy: RetryPolicy;
  readonly segmentPolicy: RetryPolicy;
  readonly lostSegment: LostSegmentRule;
}

export interface HoleJump {
  readonly pastMs: number;
  readonly leastMs: number;
}

/**
 * A segment of a live list that will not come: any 4xx, a broken connection, retries used up. It becomes a gap that
 * playback jumps over, except where the version says otherwise.
 */
export interface LostSegmentRule {
  /** A new list makes a gap a segment like any other again: it is asked for once more (1.6, not 1.7). */
  readonly triesGapsAgain: boolean;
  /** The newest segment of the list climbs the ladder of retries first, whatever the error, then is fatal (1.7). */
  readonly newestIsRetried: boolean;
}

/** mpegts.js: options of the page and remuxer rules. */
export interface FlvProfile {
  readonly name: string;
  /** Live latency chasing: beyond `maxMs` ahead, seek to `remainMs` before the end. Absent = off. */
  readonly chasing?: { readonly maxMs: number; readonly remainMs: number };
  /** An audio gap of this many frames and more is filled with silence. */
  readonly audioGapFrames: number;
  /** A track is remuxed only when it has got this many samples since the last time. */
  readonly remuxMinSamples: number;
  /** The stash is dispatched when the next chunk would overflow it; 512 bytes is as good as off at first. */
  readonly stash: boolean;
  readonly stashInitialBytes: number;
  /** Its worker is started before anything is asked for, at each load; 0 = the page runs it without a worker. */
  readonly workerStartMs: number;
  /**
   * From the first byte of a connection to its first read. All that came until then is one read, and the clock of its
   * speed begins there. At a reload the page has its hands full, and it takes longer.
   */
  readonly readsAfterMs: { readonly first: number; readonly reload: number };
  /**
   * A player that is loaded again goes to position 0 and empties its buffer a moment later: what it had kept from
   * there plays on for as long as it was decoded already. `playsAfterMs` from the reload to `playing`; audio and
   * pictures that are still heard and seen; new pictures begin with the first keyframe behind them.
   */
  readonly reloadPlaysOld?: {
    readonly playsAfterMs: number;
    readonly audioMs: number;
    readonly picturesMs: number;
  };
}

/** The page around the libraries (contract 4.4). */
export interface PageLayer {
  /** HLS: every `everyMs`, more than `aheadMs` buffered -> seek to end - `remainMs`. */
  readonly driftCheck?: { readonly everyMs: number; readonly aheadMs: number; readonly remainMs: number };
  /** From the first frame on: this many ticks without movement -> reload. */
  readonly watchdog?: {
    readonly tickMs: number;
    readonly stuckTicks: number;
    readonly maxReloads: number;
    readonly stableResetMs: number;
  };
  /** A fatal network error of HLS starts loading again; absent = the player stays dead. */
  readonly restartOnFatal: boolean;
  /** Any FLV network error moves the viewer to HLS for good. */
  readonly flvErrorFallsBackToHls: boolean;
  /**
   * One library takes the other's place: after `awayMs` it begins; after `attachMs` more the element takes media, and
   * after `listsMs` at the earliest the page has read both lists and asks for a segment. Which of them comes first is
   * a race: a list that finds no element waits for the library's next tick.
   */
  readonly swap: { readonly awayMs: number; readonly attachMs: number; readonly listsMs: number };
  /** How long a person waits for the first frame before the attempt counts as failed. */
  readonly firstFramePatienceMs: number;
  /** A viewer who is sent away after waiting this long has seen a failed start, not an interrupted one. */
  readonly stoppedIsFailureAfterMs: number;
}

export interface PageProfile {
  readonly name: string;
  readonly renderer: RendererProfile;
  readonly hls: HlsProfile;
  readonly flv: FlvProfile;
  readonly page: PageLayer;
}

export const CHROMIUM_RENDERER: RendererProfile = {
  name: 'chromium',
  startVideoFrames: 1,
  startAudioMs: 200,
  resumeAudioBaseMs: 200,
  resumeAudioCapMs: 3000,
  resumeAudioShiftMs: 0,
  underrunGuardMs: 50,
  startLagMs: 40,
  undrainedMs: 50,
  videoWaitMs: 3000,
  startGapMs: 1000,
  progressEveryMs: 350,
  decodeAheadMs: 130,
  videoOnlyStartMs: 130,
  flvPaintDelayMs: 6,
  flvPlayDelayMs: 8,
  flvFirstAppendDelayMs: 26,
  flvAppendDelayMs: 4,
  hlsFirstAppendDelayMs: 100,
  appendDelayMs: 8,
  waitingAppendMs: 6,
  resumeDelayMs: 5,
  rebufferMinMs: 100,
  frozenMinMs: 150,
};

export const HLS_JS_1_6: HlsProfile = {
  name: 'hls.js 1.6.15 with the page options',
  liveSyncDurationCount: 3,
  liveMaxLatencyDurationCount: 6,
  liveSyncOnStallIncreaseMs: 1000,
  maxBufferMs: 20_000,
  maxBufferHoleMs: 100,
  holeJump: { pastMs: 50, leastMs: 100 },
  attachMs: 5,
  listReadMs: 3,
  requestMs: 3,
  tickMs: 100,
  manifestPolicy: {
    totalTimeoutMs: 20_000,
    timeoutRetries: 2,
    errorRetries: 1,
    retryDelayMs: 1000,
    retryDelayMaxMs: 8000,
  },
  playlistPolicy: {
    ttfbTimeoutMs: 10_000,
    totalTimeoutMs: 20_000,
    timeoutRetries: 2,
    errorRetries: 2,
    retryDelayMs: 1000,
    retryDelayMaxMs: 8000,
  },
  segmentPolicy: {
    ttfbTimeoutMs: 10_000,
    totalTimeoutMs: 120_000,
    timeoutRetries: 4,
    errorRetries: 6,
    retryDelayMs: 1000,
    retryDelayMaxMs: 8000,
  },
  lostSegment: { triesGapsAgain: true, newestIsRetried: false },
};

export const MPEGTS_JS_1_8: FlvProfile = {
  name: 'mpegts.js 1.8.0 with the page options',
  chasing: { maxMs: 5000, remainMs: 2000 },
  audioGapFrames: 3,
  remuxMinSamples: 2,
  stash: true,
  stashInitialBytes: 512,
  workerStartMs: 50,
  readsAfterMs: { first: 5, reload: 14 },
  reloadPlaysOld: { playsAfterMs: 12, audioMs: 263, picturesMs: 167 },
};

/** The live page of the target as deployed: player-model section 9, contract 4.4. */
export const DORAMI_PAGE: PageProfile = {
  name: 'dorami live page 2026-05',
  renderer: CHROMIUM_RENDERER,
  hls: HLS_JS_1_6,
  flv: MPEGTS_JS_1_8,
  page: {
    driftCheck: { everyMs: 1000, aheadMs: 5000, remainMs: 1500 },
    watchdog: { tickMs: 1000, stuckTicks: 5, maxReloads: 5, stableResetMs: 30_000 },
    restartOnFatal: true,
    flvErrorFallsBackToHls: true,
    swap: { awayMs: 16, attachMs: 40, listsMs: 55 },
    firstFramePatienceMs: 15_000,
    stoppedIsFailureAfterMs: 6000,
  },
};
