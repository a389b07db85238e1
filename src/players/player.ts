import type { EmitPlayerEvent, Protocol } from '../events.js';
import type { Clock, Http, PublisherClock, Rng } from '../seams.js';
import type { Target } from '../target.js';
import type { PlayoutState } from './playout.js';
import type { PageProfile } from './profiles.js';

/**
 * One viewer's player as its page runs it: starts with one protocol, may fall back, and reports what a person
 * in front of it would have seen. All reports go through `emit`.
 */
export interface Player {
  /** Protocol now. */
  readonly protocol: Protocol;
  /** True from the first painted frame on, until the player is dead. */
  readonly watching: boolean;
  /** What its viewer looks at, as of the last `sample`: a rebuffer, a picture that stands still. */
  readonly rebuffering: boolean;
  readonly frozen: boolean;
  start(): void;
  /** Brings the model to `nowMs` and reports `watched` and `latency`. Called about once a second. */
  sample(nowMs: number): void;
  /** Leaves: the last `watched` is reported, connections are closed. No event comes after it. */
  stop(): void;
}

/** A player that can be looked into at any instant; looking changes nothing. */
export interface OpenPlayer extends Player {
  look(nowMs: number): PlayerLook;
}

/** Where the media element stands. Media milliseconds on the element's timeline. */
export interface PlayerLook {
  readonly playheadMs: number;
  /** Media ahead of the playhead that can be played without a hole, ms. */
  readonly bufferedMs: number;
  /** Position of the picture on screen; absent = there is none. */
  readonly pictureMs?: number;
  /** Media received since the player's start. */
  readonly receivedBytes: number;
}

/** Who follows one player closely: told of what is too much for events. */
export interface PlayerObserver {
  /** The media element entered a state, at an instant that may lie before the call. */
  entered(state: PlayoutState, atMs: number): void;
  /** A keyframe arrived. */
  keyframe(atMs: number): void;
  /** Media arrived just now. */
  arrived(what: 'bytes' | 'segments' | 'tags', by: number): void;
}

export interface PlayerDeps {
  readonly clock: Clock;
  readonly http: Http;
  readonly rng: Rng;
  readonly emit: EmitPlayerEvent;
  readonly target: Target;
  readonly profile: PageProfile;
  /** Sent with media requests, e.g. the browser's User-Agent. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The clock that capture times are on; absent = unknown, and latencies are taken as if it was ours. */
  readonly publisherClock?: PublisherClock;
  /** Absent = nobody follows this player. */
  readonly observer?: PlayerObserver | undefined;
}
