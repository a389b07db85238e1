import type { PlaylistErrorCode, StartFailure } from '../events.js';
import type { Cancel } from '../seams.js';
import { type FetchOutcome, fetchPlaylist } from './exchange.js';
import { HlsSegments } from './hls-segments.js';
import { HlsTimeline } from './hls-timeline.js';
import type { Library, LibraryHost } from './library.js';
import { forcedSeek, reloadIntervalMs, syncPositionMs, targetLatencyMs } from './live-edge.js';
import { type MediaPlaylist, parsePlaylist } from './playlist.js';
import type { RetryPolicy } from './profiles.js';
import { resolveUrl } from './resolve-url.js';
import { listRetryDelayMs, retryDelayMs } from './retry.js';

/**
 * The page restarts loading at once after a fatal error, and again after the next one. From the second restart on
 * ours come no faster than this: an origin that answers garbage is not to be hammered.
 */
const RESTART_DELAY_MS = 1000;
/** A list unchanged for this many target durations is reported stale once. */
const STALE_DURATIONS = 3;

/**
 * The HLS library on one live stream: entry URL -> master -> media playlist, reloaded for ever, and segments
 * fetched one after another (hls-segments.ts). RFC 8216 section 6.3; retry and timing rules from the profile.
 *
 * ```
 *  start -> entry --master--> list --ok--> schedule --timer--> list ...
 *             |                 | fatal (retries used up, a master, garbage)
 *             | fatal           +--> page restarts loading, or dead
 *             +--> dead
 * ```
 */
export class HlsPlayer implements Library {
  readonly #host: LibraryHost;
  readonly #entryUrl: string;
  readonly #timeline = new HlsTimeline();
  readonly #segments: HlsSegments;
  #open = true;
  #timer: Cancel | undefined;
  #listUrl: string | undefined;
  /** When the next list is due, by the last one that came; retries and restarts leave it where it was. */
  #dueAtMs: number | undefined;
  #failures = 0;
  #restartedAtMs = Number.NEGATIVE_INFINITY;
  #loading = false;
  #started = false;
  #advancedAtMs = 0;
  #staleReported = false;
  #stalls = 0;
  readonly #replaces: boolean;
  /** From then on the media element takes segments. */
  #attachedAtMs = Number.NEGATIVE_INFINITY;
  /** Of a library that takes another's place: before that its page has not read both lists. */
  #listsReadAtMs = Number.NEGATIVE_INFINITY;

  /** @param replaces another library had the media element before, and is taken away first */
  constructor(host: LibraryHost, entryUrl: string, replaces = false) {
    this.#replaces = replaces;
    this.#host = host;
    this.#entryUrl = entryUrl;
    this.#segments = new HlsSegments(host, this.#timeline, () => this.#restartLoading());
  }

  start(nowMs: number): void {
    if (!this.#replaces) this.#begins(nowMs);
    else {
      const { awayMs, attachMs, listsMs } = this.#host.profile.page.swap;
      this.#attachedAtMs = nowMs + awayMs + attachMs;
      this.#listsReadAtMs = nowMs + awayMs + listsMs;
      this.#later(awayMs, () => this.#begins(this.#host.clock.nowMs()));
    }
  }

  #begins(nowMs: number): void {
    const { renderer, hls } = this.#host.profile;
    this.#host.arrivals.begin(nowMs);
    const attachedAtMs = this.#replaces ? this.#attachedAtMs : nowMs + hls.attachMs;
    this.#host.playout.load(
      nowMs,
      { kind: 'position', mediaMs: 0 },
      { paintMs: renderer.hlsFirstAppendDelayMs, playMs: renderer.hlsFirstAppendDelayMs },
      { tickMs: hls.tickMs, phaseMs: attachedAtMs, ...hls.holeJump },
    );
    void this.#loadEntry();
  }

  /** The watchdog's restart: segments are asked for at once, the list when it is due, nothing buffered is lost. */
  reload(nowMs: number): void {
    this.#segments.restart(nowMs);
    if (this.#listUrl === undefined || this.#loading || nowMs < (this.#dueAtMs ?? 0)) return;
    this.#timer?.();
    void this.#loadList();
  }

  stop(): void {
    this.#open = false;
    this.#timer?.();
    this.#timer = undefined;
    this.#segments.stop();
  }

  /** The library raises its target latency at each stall (player-model 1.4). */
  noteStall(): void {
    this.#stalls += 1;
  }

  async #loadEntry(): Promise<void> {
    const { http, clock, profile, headers } = this.#host;
    const outcome = await fetchPlaylist(http, clock, this.#entryUrl, headers, profile.hls.manifestPolicy);
    if (!this.#open) return;
    this.#reportRequest('master', outcome);
    if (outcome.kind === 'failed') {
      if (outcome.stopped) return;
      const delayMs = this.#retryDelayMs(outcome, profile.hls.manifestPolicy, retryDelayMs);
      if (delayMs !== undefined) {
        this.#later(delayMs, () => void this.#loadEntry());
        return;
      }
      this.#reportListError(outcome);
      this.#die(outcome.reason, outcome.endedAtMs, outcome.failure.status);
      return;
    }
    this.#failures = 0;
    this.#host.first('byte', outcome.firstByteAtMs);
    this.#host.count('bytes', outcome.bodyBytes);
    this.#readEntry(outcome);
  }

  #readEntry(outcome: FetchOutcome & { kind: 'ok' }): void {
    const parsed = parsePlaylist(outcome.text);
    if (parsed.kind === 'error') {
      this.#host.report({ kind: 'playlist_error', code: parsed.code, atMs: outcome.endedAtMs });
      this.#die('not_a_playlist', outcome.endedAtMs);
      return;
    }
    this.#host.first('ready', outcome.endedAtMs);
    this.#segments.holdUntil(this.#attachedAtMs, outcome.endedAtMs);
    if (parsed.kind === 'media') {
      this.#listUrl = outcome.url;
      this.#acceptList(parsed.list, outcome);
      return;
    }
    const child =
      parsed.variants[0] === undefined ? undefined : resolveUrl(parsed.variants[0].uri, outcome.url);
    if (child === undefined) {
      this.#host.report({ kind: 'playlist_error', code: 'bad_segment', atMs: outcome.endedAtMs });
      this.#die('not_a_playlist', outcome.endedAtMs);
      return;
    }
    this.#listUrl = child;
    void this.#loadList();
  }

  async #loadList(): Promise<void> {
    if (!this.#open || this.#listUrl === undefined || this.#loading) return;
    const { http, clock, profile, headers } = this.#host;
    this.#loading = true;
    const outcome = await fetchPlaylist(http, clock, this.#listUrl, headers, profile.hls.playlistPolicy);
    this.#loading = false;
    if (!this.#open) return;
    this.#reportRequest('playlist', outcome);
    if (outcome.kind === 'ok') {
      this.#host.count('bytes', outcome.bodyBytes);
      this.#readList(outcome);
      return;
    }
    if (outcome.stopped) return;
    this.#reportListError(outcome);
    const delayMs = this.#retryDelayMs(outcome, profile.hls.playlistPolicy, listRetryDelayMs);
    if (delayMs === undefined) this.#fatalList(outcome.endedAtMs, outcome.failure.status);
    else this.#later(delayMs, () => void this.#loadList());
  }

  #readList(outcome: FetchOutcome & { kind: 'ok' }): void {
    const parsed = parsePlaylist(outcome.text);
    // A redirected list is reloaded, and its relative URIs resolved, at the final URL.
    this.#listUrl = outcome.url;
    if (parsed.kind === 'media') {
      this.#failures = 0;
      this.#acceptList(parsed.list, outcome);
      return;
    }
    const code: PlaylistErrorCode = parsed.kind === 'master' ? 'no_target_duration' : parsed.code;
    this.#host.report({ kind: 'playlist_error', code, atMs: outcome.endedAtMs });
    if (parsed.kind === 'master') this.#host.report({ kind: 'context_lost', atMs: outcome.endedAtMs });
    this.#fatalList(outcome.endedAtMs);
  }

  #acceptList(list: MediaPlaylist, outcome: FetchOutcome & { kind: 'ok' }): void {
    const { playout, profile, clock } = this.#host;
    const nowMs = outcome.endedAtMs;
    const update = this.#timeline.update(list, outcome.firstByteAtMs);
    if (update.mismatch) {
      this.#host.report({ kind: 'playlist_error', code: 'mismatch', atMs: nowMs });
      this.#fatalList(nowMs);
      return;
    }
    // A list that begins anew did not advance: its age counts from the last one that did.
    if (update.advanced) this.#advancedAtMs = outcome.firstByteAtMs;
    if (update.advanced || update.reset) {
      this.#staleReported = false;
    } else this.#noteStale(nowMs);
    if (update.reset) this.#host.report({ kind: 'sequence_reset', atMs: nowMs });
    if (profile.hls.lostSegment.triesGapsAgain && update.changed)
      this.#timeline.retryGaps(playout.playheadMs(nowMs));
    playout.advance(nowMs);
    if (!this.#started) this.#begin(nowMs);
    else this.#seekIfOutside(nowMs + profile.hls.listReadMs);
    this.#segments.listed(outcome.url, nowMs);
    if (list.endList) return;
    const intervalMs = reloadIntervalMs({
      targetDurationMs: this.#timeline.targetDurationMs,
      lastSegmentMs: this.#timeline.lastSegmentMs,
      changed: update.changed,
      behindEdgeMs: this.#timeline.edgeMs - playout.playheadMs(nowMs),
    });
    // A list that is overdue when the one before it is read is asked for at once, and the next ones count from then.
    const dueMs = (this.#dueAtMs ?? outcome.startedAtMs) + Math.max(50, intervalMs);
    const { listReadMs, requestMs } = profile.hls;
    this.#dueAtMs = Math.max(dueMs, nowMs + listReadMs + requestMs);
    this.#later(this.#dueAtMs - clock.nowMs(), () => void this.#loadList());
  }

  #begin(nowMs: number): void {
    this.#started = true;
    const readAtMs = Math.max(nowMs, this.#listsReadAtMs);
    if (this.#attachedAtMs <= readAtMs) this.#segments.holdFor(readAtMs);
    const sync = this.#syncMs(nowMs);
    const segment = this.#timeline.segments.find((s) => sync >= s.startMs && sync < s.endMs);
    const startMs = Math.max(sync, segment?.startMs ?? this.#timeline.startMs);
    this.#segments.startMs = startMs;
    this.#host.playout.startFrom({ kind: 'position', mediaMs: startMs });
  }

  #syncMs(nowMs: number): number {
    const { hls } = this.#host.profile;
    const targetDurationMs = this.#timeline.targetDurationMs;
    const latencyMs = targetLatencyMs(
      targetDurationMs,
      hls.liveSyncDurationCount,
      this.#stalls,
      hls.liveSyncOnStallIncreaseMs,
    );
    return syncPositionMs(
      {
        listStartMs: this.#timeline.startMs,
        edgeMs: this.#timeline.edgeMs,
        targetDurationMs,
        ageMs: Math.max(0, nowMs - this.#advancedAtMs),
      },
      latencyMs,
    );
  }

  #seekIfOutside(nowMs: number): void {
    const { playout, profile, frames } = this.#host;
    if (!playout.hasPlayed) return;
    const jump = forcedSeek({
      playheadMs: playout.playheadMs(nowMs),
      listStartMs: this.#timeline.startMs,
      edgeMs: this.#timeline.edgeMs,
      targetDurationMs: this.#timeline.targetDurationMs,
      maxLatencyCount: profile.hls.liveMaxLatencyDurationCount,
      starved: playout.state !== 'running',
    });
    if (!jump) return;
    frames.restart();
    playout.seek(nowMs, this.#syncMs(nowMs), 'window');
  }

  #noteStale(nowMs: number): void {
    if (this.#staleReported) return;
    if (nowMs - this.#advancedAtMs < STALE_DURATIONS * this.#timeline.targetDurationMs) return;
    this.#staleReported = true;
    this.#host.report({ kind: 'playlist_stale', atMs: nowMs });
  }

  /** Fatal for the library. The page restarts loading of the same list, or the player is dead. */
  #fatalList(atMs: number, status?: number): void {
    if (!this.#host.profile.page.restartOnFatal) {
      this.#die(status === undefined ? 'not_a_playlist' : 'http_status', atMs, status);
      return;
    }
    this.#restartLoading();
  }

  #restartLoading(): void {
    const { clock } = this.#host;
    const nowMs = clock.nowMs();
    this.#failures = 0;
    this.#host.report({ kind: 'player_reload', cause: 'fatal', atMs: nowMs });
    const againAtMs = Math.max(nowMs, this.#restartedAtMs + RESTART_DELAY_MS);
    this.#restartedAtMs = againAtMs;
    this.#later(againAtMs - nowMs, () => {
      this.#segments.restart(clock.nowMs());
      this.#later(Math.max(0, (this.#dueAtMs ?? 0) - clock.nowMs()), () => void this.#loadList());
    });
  }

  #retryDelayMs(
    outcome: FetchOutcome & { kind: 'failed' },
    policy: RetryPolicy,
    rule: typeof retryDelayMs,
  ): number | undefined {
    return outcome.tooLarge ? undefined : rule(policy, outcome.failure, this.#failures++);
  }

  #later(delayMs: number, fn: () => void): void {
    this.#timer?.();
    this.#timer = this.#host.clock.after(delayMs, () => {
      if (this.#open) fn();
    });
  }

  #die(reason: StartFailure, atMs: number, status?: number): void {
    this.stop();
    this.#host.dead(reason, atMs, status);
  }

  #reportListError(outcome: FetchOutcome & { kind: 'failed' }): void {
    const code: PlaylistErrorCode = outcome.tooLarge
      ? 'too_large'
      : outcome.failure.kind === 'http_status'
        ? 'http_status'
        : 'network';
    this.#host.report({ kind: 'playlist_error', code, atMs: outcome.endedAtMs });
  }

  #reportRequest(what: 'master' | 'playlist', outcome: FetchOutcome): void {
    if (outcome.kind === 'failed') {
      if (outcome.stopped) return;
      const { kind, status } = outcome.failure;
      this.#host.report({
        kind: 'media_request',
        what,
        outcome: kind === 'http_status' && status === 404 ? 'not_found' : kind,
        ...(status === undefined ? {} : { status }),
        durationMs: outcome.endedAtMs - outcome.startedAtMs,
        atMs: outcome.endedAtMs,
      });
      return;
    }
    this.#host.report({
      kind: 'media_request',
      what,
      outcome: 'ok',
      status: 200,
      durationMs: outcome.endedAtMs - outcome.startedAtMs,
      ttfbMs: outcome.firstByteAtMs - outcome.startedAtMs,
      atMs: outcome.endedAtMs,
    });
  }
}
