const FLV_OPTIONS = {
  enableWorker: true,
  enableStashBuffer: true,
  stashInitialSize: 512,
  liveBufferLatencyChasing: true,
  liveBufferLatencyMaxLatency: 5.0,
  liveBufferLatencyMinRemain: 2.0,
  autoCleanupSourceBuffer: true,
  autoCleanupMaxBackwardDuration: 20,
  autoCleanupMinBackwardDuration: 7,
};
const HLS_OPTIONS = {
  enableWorker: true,
  lowLatencyMode: false,
  backBufferLength: 10,
  maxBufferLength: 20,
  liveSyncDurationCount: 3,
  liveMaxLatencyDurationCount: 6,
  maxLiveSyncPlaybackRate: 1.1,
};
const TICK_MS = 1000;
const DRIFT = { aheadS: 5, remainS: 1.5 };
const WATCHDOG = { movedS: 0.01, stuckTicks: 5, maxReloads: 5, stableMs: 30_000 };
const FLV_RETRY = { delaysMs: [1000, 2000, 4000], stableMs: 10_000 };

/**
 * The live page's own layer around the libraries, as the target's page has it: FLV or HLS first, HLS for good
 * after an FLV error, a drift check and a stall watchdog of one second each.
 */
export class LivePage {
  #video;
  #urls;
  #log;
  #player;
  #hls;
  #flvRetries = 0;
  #timers = new Set();
  #watching = false;
  #gaveUp = false;

  constructor(video, urls, log) {
    this.#video = video;
    this.#urls = urls;
    this.#log = log;
    video.addEventListener('playing', () => this.#watch());
  }

  get protocol() {
    return this.#hls === undefined ? 'flv' : 'hls';
  }

  start(protocol) {
    if (protocol === 'flv') this.#startFlv();
    else this.#startHls();
  }

  stop() {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers.clear();
    this.#dropFlv();
    this.#hls?.destroy();
  }

  #startFlv() {
    const { mpegts } = window;
    const player = mpegts.createPlayer({ type: 'flv', isLive: true, url: this.#urls.flvUrl }, FLV_OPTIONS);
    this.#player = player;
    player.on(mpegts.Events.ERROR, (type, detail) => this.#flvError(type, detail));
    player.on(mpegts.Events.LOADING_COMPLETE, () => this.#log.note('flv: loading complete'));
    player.attachMediaElement(this.#video);
    player.load();
    this.#play();
  }

  #flvError(type, detail) {
    this.#log.note(`flv: ${type} ${detail}`);
    if (this.#player === undefined) return;
    const { mpegts } = window;
    if (detail === mpegts.ErrorDetails.MEDIA_MSE_ERROR && this.#flvRetries < FLV_RETRY.delaysMs.length) {
      const delayMs = FLV_RETRY.delaysMs[this.#flvRetries];
      this.#flvRetries += 1;
      this.#later(delayMs, () => this.#reloadFlv());
      return;
    }
    this.#log.fellBack();
    this.#dropFlv();
    this.#startHls();
  }

  #reloadFlv() {
    if (this.#player === undefined) return;
    this.#player.unload();
    this.#player.load();
    this.#play();
  }

  #dropFlv() {
    this.#player?.destroy();
    this.#player = undefined;
  }

  #startHls() {
    const { Hls } = window;
    const hls = new Hls(HLS_OPTIONS);
    this.#hls = hls;
    this.#log.hls(hls, Hls.Events);
    hls.on(Hls.Events.MANIFEST_PARSED, () => this.#play());
    hls.on(Hls.Events.ERROR, (_, data) => this.#hlsError(data));
    hls.loadSource(this.#urls.hlsUrl);
    hls.attachMedia(this.#video);
    this.#every(TICK_MS, () => this.#drift());
  }

  #hlsError(data) {
    this.#log.note(`hls: ${data.fatal ? 'fatal ' : ''}${data.type} ${data.details}`);
    if (!data.fatal) return;
    const { ErrorTypes } = window.Hls;
    if (data.type === ErrorTypes.NETWORK_ERROR) {
      this.#log.reloaded();
      this.#hls.startLoad();
    } else if (data.type === ErrorTypes.MEDIA_ERROR) this.#hls.recoverMediaError();
    else {
      this.#log.dead();
      this.#hls.destroy();
    }
  }

  #drift() {
    const { buffered, currentTime } = this.#video;
    if (buffered.length === 0) return;
    const endS = buffered.end(buffered.length - 1);
    if (endS - currentTime > DRIFT.aheadS) this.#video.currentTime = endS - DRIFT.remainS;
  }

  /** From the first `playing` on: standing still for five ticks loads anew, at most five times. */
  #watch() {
    if (this.#watching) return;
    this.#watching = true;
    let lastS = this.#video.currentTime;
    let stuck = 0;
    let reloads = 0;
    let movingSinceMs = performance.now();
    this.#every(TICK_MS, () => {
      if (this.#gaveUp) return;
      const nowS = this.#video.currentTime;
      const moved = Math.abs(nowS - lastS) >= WATCHDOG.movedS;
      lastS = nowS;
      if (moved) {
        stuck = 0;
        if (performance.now() - movingSinceMs >= FLV_RETRY.stableMs) this.#flvRetries = 0;
        if (performance.now() - movingSinceMs >= WATCHDOG.stableMs) reloads = 0;
        return;
      }
      movingSinceMs = performance.now();
      stuck += 1;
      if (stuck < WATCHDOG.stuckTicks) return;
      stuck = 0;
      reloads += 1;
      if (reloads > WATCHDOG.maxReloads) {
        this.#gaveUp = true;
        this.#log.dead();
        return;
      }
      this.#log.reloaded();
      if (this.#hls === undefined) this.#reloadFlv();
      else this.#hls.startLoad();
    });
  }

  #play() {
    // Refused or cut short by the next load: the events say what became of it.
    this.#video.play().catch((error) => this.#log.note(`play: ${error.name}`));
  }

  #every(ms, fn) {
    this.#timers.add(setInterval(fn, ms));
  }

  #later(ms, fn) {
    this.#timers.add(setTimeout(fn, ms));
  }
}
