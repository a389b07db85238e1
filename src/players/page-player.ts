import type { CaptureSource, FlvEnd, PlayerEvent, Protocol, StartFailure, SwitchCause } from '../events.js';
import type { Cancel, PublisherClock } from '../seams.js';
import { flvStreamUrl, hlsEntryUrl } from '../target.js';
import { ArrivalLog } from './arrival-log.js';
import { CaptureClock } from './capture-clock.js';
import { every } from './every.js';
import { FlvPlayer } from './flv-player.js';
import { FrameCount } from './frame-count.js';
import { HlsPlayer } from './hls-player.js';
import type { Library, LibraryEvent, LibraryHost } from './library.js';
import type { OpenPlayer, PlayerDeps, PlayerLook } from './player.js';
import { Playout, type PlayoutSink } from './playout.js';
import { StartAttempt } from './start-attempt.js';
import { Watchdog } from './watchdog.js';

/**
 * The live page's video player: one media element, one library at a time, and the page's own layer around them
 * (contract 4.4): FLV or HLS first, any FLV network error moves the viewer to HLS for good, a watchdog reloads
 * what stands still, HLS that drifts too far ahead of the playhead is pulled forward.
 */
export function createPagePlayer(deps: PlayerDeps & { readonly startWith: Protocol }): OpenPlayer {
  return new PagePlayer(deps);
}

const UNKNOWN_CLOCK: PublisherClock = {
  offsetMs: () => 0,
  uncertaintyMs: () => undefined,
  coversServers: false,
};

class PagePlayer implements OpenPlayer {
  readonly #deps: PlayerDeps;
  readonly #playout: Playout;
  readonly #capture = new CaptureClock();
  readonly #publisher: PublisherClock;
  readonly #arrivals: ArrivalLog;
  readonly #frames = new FrameCount();
  readonly #watchdog: Watchdog | undefined;
  #protocol: Protocol;
  #library: Library | undefined;
  #attempt: StartAttempt | undefined;
  #drifting: Cancel | undefined;
  #watching: Cancel | undefined;
  #patience: Cancel | undefined;
  #stopped = false;
  #dead = false;
  #mediaErrors = 0;
  /** Before the last report. */
  #receivedBytes = 0;
  #bytes = 0;
  #segments = 0;
  #tags = 0;

  constructor(deps: PlayerDeps & { readonly startWith: Protocol }) {
    this.#deps = deps;
    this.#protocol = deps.startWith;
    this.#publisher = deps.publisherClock ?? UNKNOWN_CLOCK;
    this.#arrivals = new ArrivalLog(deps.clock, this.#publisher, (latenciesMs, beforeCapture) =>
      this.#report({ kind: 'arrived', latenciesMs, beforeCapture, atMs: this.#deps.clock.nowMs() }),
    );
    this.#playout = new Playout(deps.profile.renderer, this.#playoutSink());
    const watchdog = deps.profile.page.watchdog;
    this.#watchdog = watchdog === undefined ? undefined : new Watchdog(watchdog);
  }

  get protocol(): Protocol {
    return this.#protocol;
  }

  get watching(): boolean {
    return this.#playout.hasPlayed && !this.#dead && !this.#stopped;
  }

  get rebuffering(): boolean {
    return this.watching && this.#playout.rebuffering;
  }

  get frozen(): boolean {
    return this.watching && this.#playout.frozen;
  }

  start(): void {
    const nowMs = this.#deps.clock.nowMs();
    this.#startLibrary(nowMs);
  }

  sample(nowMs: number): void {
    if (this.#stopped) return;
    this.#reportWatched(nowMs);
    this.#arrivals.flush();
    this.#reportLatency(nowMs);
  }

  look(nowMs: number): PlayerLook {
    const playheadMs = this.#playout.playheadMs(nowMs);
    const pictureMs = this.#playout.pictureMs(nowMs);
    return {
      playheadMs,
      bufferedMs: Math.max(0, this.#playout.bufferedEndMs(nowMs) - playheadMs),
      ...(pictureMs === undefined ? {} : { pictureMs }),
      receivedBytes: this.#receivedBytes + this.#bytes,
    };
  }

  #reportWatched(nowMs: number): void {
    const shares = this.#playout.sample(nowMs);
    const { frames, missing, missingByNumber, missingByTime, bySource } = this.#frames.take();
    this.#report({
      kind: 'watched',
      playedMs: shares.played,
      joiningMs: shares.joining,
      stalledMs: shares.stalled,
      microWaitMs: shares.microWait,
      seekingMs: shares.seeking,
      endedMs: shares.ended,
      frozenMs: shares.frozenMs,
      replayedMs: shares.replayedMs,
      bytes: this.#bytes,
      frames,
      missingFrames: missing,
      ...(missingByNumber === undefined ? {} : { missingByNumber }),
      missingByTime,
      framesBySource: bySource,
      segments: this.#segments,
      tags: this.#tags,
      atMs: nowMs,
    });
    this.#receivedBytes += this.#bytes;
    this.#bytes = 0;
    this.#segments = 0;
    this.#tags = 0;
  }

  stop(): void {
    if (this.#stopped) return;
    const { clock, profile } = this.#deps;
    const nowMs = clock.nowMs();
    const attempt = this.#attempt;
    if (attempt !== undefined && !attempt.ended) {
      const waitedMs = nowMs - attempt.startedAtMs;
      attempt.failed(
        waitedMs >= profile.page.stoppedIsFailureAfterMs ? this.#whyNoStart() : 'stopped',
        nowMs,
      );
    }
    this.#library?.stop();
    this.#playout.stop(nowMs);
    this.#reportWatched(nowMs);
    this.#arrivals.flush();
    this.#stopped = true;
    this.#drifting?.();
    this.#watching?.();
    this.#patience?.();
  }

  #startLibrary(nowMs: number): void {
    const { clock, target, profile } = this.#deps;
    this.#attempt = new StartAttempt(nowMs, (event) => this.#report(event));
    this.#mediaErrors = 0;
    this.#patience?.();
    this.#patience = clock.after(profile.page.firstFramePatienceMs, () => {
      this.#attempt?.failed(this.#whyNoStart(), clock.nowMs());
    });
    const host = this.#host();
    this.#library =
      this.#protocol === 'flv'
        ? new FlvPlayer(host, flvStreamUrl(target))
        : new HlsPlayer(host, hlsEntryUrl(target), this.#library !== undefined);
    const drift = profile.page.driftCheck;
    if (this.#protocol === 'hls' && drift !== undefined)
      this.#drifting ??= every(clock, nowMs, drift.everyMs, () => this.#driftTick());
    this.#library.start(nowMs);
  }

  #host(): LibraryHost {
    const { clock, http, profile, headers, observer } = this.#deps;
    return {
      clock,
      http,
      profile,
      headers,
      playout: this.#playout,
      capture: this.#capture,
      arrivals: this.#arrivals,
      frames: this.#frames,
      report: (event) => {
        if (event.kind === 'media_error') this.#mediaErrors += 1;
        this.#report(event);
      },
      first: (what, atMs) => {
        if (what === 'keyframe') observer?.keyframe(atMs);
        this.#attempt?.first(what, atMs);
      },
      count: (what, by) => {
        observer?.arrived(what, by);
        if (what === 'bytes') this.#bytes += by;
        else if (what === 'tags') this.#tags += by;
        else this.#segments += by;
      },
      flvEnded: (how, reason, atMs, status) => this.#flvEnded(how, reason, atMs, status),
      complete: (atMs) => this.#complete(atMs),
      dead: (reason, atMs, status) => this.#die(reason, atMs, status),
    };
  }

  #playoutSink(): PlayoutSink {
    const { observer } = this.#deps;
    return {
      ...(observer && { entered: (state, atMs) => observer.entered(state, atMs) }),
      painted: (atMs) => this.#attempt?.painted(atMs),
      playing: (atMs) => {
        this.#attempt?.playing(atMs);
        this.#patience?.();
        this.#watch(atMs);
      },
      ended: (atMs) => this.#die('ended', atMs),
      moving: (atMs) => {
        const sinceStartMs = atMs - (this.#attempt?.startedAtMs ?? atMs);
        this.#report({ kind: 'moving', sinceStartMs, atMs });
      },
      rebufferStarted: (startedAtMs) => {
        if (this.#library instanceof HlsPlayer) this.#library.noteStall();
        this.#report({ kind: 'rebuffer_started', startedAtMs, atMs: startedAtMs });
      },
      rebufferEnded: (startedAtMs, endedAtMs, cutOff) =>
        this.#report({
          kind: 'rebuffer_ended',
          startedAtMs,
          durationMs: endedAtMs - startedAtMs,
          cutOff,
          atMs: endedAtMs,
          phaseAtMs: startedAtMs,
        }),
      microWait: (startedAtMs, endedAtMs) =>
        this.#report({
          kind: 'micro_wait',
          startedAtMs,
          durationMs: endedAtMs - startedAtMs,
          atMs: endedAtMs,
        }),
      frozen: (startedAtMs, endedAtMs) =>
        this.#report({
          kind: 'frozen',
          startedAtMs,
          durationMs: endedAtMs - startedAtMs,
          atMs: endedAtMs,
          phaseAtMs: startedAtMs,
        }),
      seeked: (fromMs, toMs, cause, atMs) =>
        this.#report({
          kind: 'seek',
          cause,
          fromMediaMs: fromMs,
          toMediaMs: toMs,
          skippedMs: Math.max(0, toMs - fromMs),
          replayedMs: Math.max(0, fromMs - toMs),
          atMs,
        }),
    };
  }

  /** Any error of the FLV library moves the page to HLS for good; a clean end raises none. */
  #flvEnded(how: FlvEnd, reason: StartFailure, atMs: number, status?: number): void {
    this.#report({ kind: 'flv_ended', how, atMs, ...(status === undefined ? {} : { status }) });
    this.#attempt?.failed(reason, atMs, status);
    // No error was raised: what is buffered plays out, then the watchdog sees that nothing moves.
    if (how === 'clean') {
      this.#complete(atMs);
      return;
    }
    if (!this.#deps.profile.page.flvErrorFallsBackToHls) {
      this.#die(reason, atMs, status);
      return;
    }
    this.#library?.stop();
    this.#arrivals.flush();
    this.#protocol = 'hls';
    this.#capture.clear();
    this.#frames.restart();
    this.#report({ kind: 'protocol_switched', from: 'flv', cause: switchCause(how, reason), atMs });
    this.#startLibrary(atMs);
  }

  /** A page with a watchdog takes the end of the media for a player that is stuck and loads it again. */
  #complete(atMs: number): void {
    if (this.#watchdog === undefined) this.#playout.finish(atMs);
    else this.#playout.endOfStream(atMs);
  }

  #die(reason: StartFailure | 'fatal' | 'ended', atMs: number, status?: number): void {
    if (this.#dead || this.#stopped) return;
    const startFailure: StartFailure = reason === 'fatal' || reason === 'ended' ? this.#whyNoStart() : reason;
    this.#attempt?.failed(startFailure, atMs, status);
    this.#dead = true;
    this.#playout.abandon(atMs);
    this.#patience?.();
    this.#report({ kind: 'player_dead', reason, atMs });
  }

  /** What a person who never saw a picture was waiting for. */
  #whyNoStart(): StartFailure {
    if (this.#mediaErrors > 0) return 'media_error';
    return this.#frames.sawAny || !this.#attempt?.hasBytes ? 'no_data' : 'no_video';
  }

  /** HLS only, once a second from the library's start on: what drifted too far ahead is pulled forward. */
  #driftTick(): void {
    const { clock, profile } = this.#deps;
    const drift = profile.page.driftCheck;
    if (this.#dead || this.#stopped || drift === undefined || !this.#playout.hasPlayed) return;
    const nowMs = clock.nowMs();
    this.#playout.advance(nowMs);
    if (this.#playout.state !== 'running') return;
    const endMs = this.#playout.bufferedEndMs(nowMs);
    if (endMs - this.#playout.playheadMs(nowMs) > drift.aheadMs)
      this.#playout.seek(nowMs, endMs - drift.remainMs, 'drift');
  }

  /** The page begins to watch for stalls at the first `playing`, and goes on to the end. */
  #watch(playingAtMs: number): void {
    const watchdog = this.#watchdog;
    if (watchdog === undefined || this.#watching !== undefined) return;
    const { clock, profile } = this.#deps;
    watchdog.tick(playingAtMs, this.#playout.playheadMs(playingAtMs));
    const everyMs = profile.page.watchdog?.tickMs ?? 1000;
    this.#watching = every(clock, playingAtMs, everyMs, () => this.#watchTick(clock.nowMs(), watchdog));
  }

  #watchTick(nowMs: number, watchdog: Watchdog): void {
    if (this.#dead || this.#stopped) return;
    this.#playout.advance(nowMs);
    const verdict = watchdog.tick(nowMs, this.#playout.playheadMs(nowMs));
    if (verdict === 'reload') {
      this.#report({ kind: 'player_reload', cause: 'watchdog', atMs: nowMs });
      this.#library?.reload(nowMs);
    } else if (verdict === 'give_up') {
      // The page asks its viewer to reload it; its library goes on, and what comes is played.
      this.#report({ kind: 'player_dead', reason: 'gave_up', atMs: nowMs });
    } else if (verdict === 'back') {
      this.#report({ kind: 'player_back', atMs: nowMs });
    }
  }

  #reportLatency(nowMs: number): void {
    const { clock } = this.#deps;
    const pictureMs = this.#playout.pictureMs(nowMs);
    if (pictureMs === undefined || this.#dead) return;
    const captureEpochMs = this.#capture.at(pictureMs);
    const source = this.#capture.sourceAt(pictureMs);
    if (captureEpochMs === undefined || source === undefined) return;
    // The instant asked for may lie a little in the past of the wall clock read now.
    const epochMs = clock.epochMs() - (clock.nowMs() - nowMs);
    const latencyMs = epochMs + this.#publisher.offsetMs() - captureEpochMs;
    if (latencyMs < 0) this.#report({ kind: 'clock_warning', aheadMs: -latencyMs, source, atMs: nowMs });
    else {
      const uncertainty = this.#clockUncertainty(source);
      this.#report({ kind: 'latency', latencyMs, source, ...uncertainty, atMs: nowMs });
    }
  }

  /** A playlist's date is on the media server's clock, which nobody compared with ours. */
  #clockUncertainty(source: CaptureSource): { readonly clockUncertaintyMs?: number } {
    const clockUncertaintyMs = this.#publisher.uncertaintyMs();
    if (clockUncertaintyMs === undefined) return {};
    return source === 'pdt' && !this.#publisher.coversServers ? {} : { clockUncertaintyMs };
  }

  #report(event: LibraryEvent): void {
    if (this.#stopped) return;
    this.#deps.emit({ ...event, protocol: this.#protocol } as PlayerEvent);
  }
}

function switchCause(how: FlvEnd, reason: StartFailure): SwitchCause {
  if (reason === 'media_error') return 'media_error';
  if (how === 'http_status') return 'http_status';
  if (how === 'cut' || how === 'reset' || how === 'clean') return 'cut';
  return 'network_error';
}
