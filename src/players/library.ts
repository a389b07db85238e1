import type { FlvEnd, PlayerEvent, StartFailure } from '../events.js';
import type { Clock, Http } from '../seams.js';
import type { ArrivalLog } from './arrival-log.js';
import type { CaptureClock } from './capture-clock.js';
import type { FrameCount } from './frame-count.js';
import type { Playout } from './playout.js';
import type { PageProfile } from './profiles.js';

type WithoutProtocol<E> = E extends PlayerEvent ? Omit<E, 'protocol'> : never;

/** An event as a library reports it; the page adds the protocol. */
export type LibraryEvent = WithoutProtocol<PlayerEvent>;

/** `ready` = the element knows what it will play: FLV's `loadedmetadata`, HLS's `MANIFEST_PARSED`. */
export type FirstOf = 'byte' | 'ready' | 'tag' | 'keyframe';

/** What a player library gets from the page that runs it. */
export interface LibraryHost {
  readonly clock: Clock;
  readonly http: Http;
  readonly profile: PageProfile;
  readonly headers: Readonly<Record<string, string>>;
  /** The page's one media element. */
  readonly playout: Playout;
  readonly capture: CaptureClock;
  readonly arrivals: ArrivalLog;
  readonly frames: FrameCount;
  report(event: LibraryEvent): void;
  /**
   * First byte, description of the media, tag or keyframe of this attempt; later calls of a kind change nothing in it.
   * Every keyframe is told, for whoever follows the player.
   */
  first(what: FirstOf, atMs: number): void;
  count(what: 'bytes' | 'segments' | 'tags', by: number): void;
  /** FLV only: the connection is over. `clean` raises no error in the library; the others are fatal. */
  flvEnded(how: FlvEnd, reason: StartFailure, atMs: number, status?: number): void;
  /** All of an ended stream is appended: what is buffered plays out. */
  complete(atMs: number): void;
  /** The library can never play again. */
  dead(reason: StartFailure | 'fatal', atMs: number, status?: number): void;
}

/** One player library attached to the page's media element. */
export interface Library {
  start(nowMs: number): void;
  /** The page's watchdog or error handler restarts loading. */
  reload(nowMs: number): void;
  /** Detaches: connections are closed, no report comes after it. */
  stop(): void;
}
