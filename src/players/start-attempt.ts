import type { StartFailure } from '../events.js';
import type { FirstOf, LibraryEvent } from './library.js';

/**
 * One attempt to start watching, from the first request to the first frame or a failure. Every attempt ends in
 * exactly one of `first_frame` and `start_failed`; first byte, description, tag and keyframe are measured on the way.
 */
export class StartAttempt {
  readonly startedAtMs: number;
  readonly #report: (event: LibraryEvent) => void;
  #byte = false;
  #ready = false;
  #tag = false;
  #keyframe = false;
  #paintedAtMs: number | undefined;
  #ended = false;

  constructor(startedAtMs: number, report: (event: LibraryEvent) => void) {
    this.startedAtMs = startedAtMs;
    this.#report = report;
    report({ kind: 'play_attempt', atMs: startedAtMs });
  }

  get ended(): boolean {
    return this.#ended;
  }

  get hasBytes(): boolean {
    return this.#byte;
  }

  first(what: FirstOf, atMs: number): void {
    if (this.#ended) return;
    const sinceStartMs = atMs - this.startedAtMs;
    if (what === 'byte' && !this.#byte) {
      this.#byte = true;
      this.#report({ kind: 'first_byte', sinceStartMs, atMs });
    } else if (what === 'ready' && !this.#ready) {
      this.#ready = true;
      this.#report({ kind: 'media_ready', sinceStartMs, atMs });
    } else if (what === 'tag' && !this.#tag) {
      this.#tag = true;
      this.#report({ kind: 'first_tag', sinceStartMs, atMs });
    } else if (what === 'keyframe' && !this.#keyframe) {
      this.#keyframe = true;
      this.#report({ kind: 'first_keyframe', sinceStartMs, atMs });
    }
  }

  painted(atMs: number): void {
    this.#paintedAtMs ??= atMs;
  }

  /** A still picture that never plays is no start: the success is reported when playing begins. */
  playing(atMs: number): void {
    if (this.#ended) return;
    this.#ended = true;
    const sinceStartMs = atMs - this.startedAtMs;
    if (this.#paintedAtMs === undefined) this.#report({ kind: 'no_video', atMs });
    else
      this.#report({
        kind: 'first_frame',
        sinceStartMs: this.#paintedAtMs - this.startedAtMs,
        atMs: Math.max(this.#paintedAtMs, this.startedAtMs),
      });
    this.#report({ kind: 'playing', sinceStartMs, atMs });
  }

  failed(reason: StartFailure, atMs: number, status?: number): void {
    if (this.#ended) return;
    this.#ended = true;
    const phaseAtMs = this.startedAtMs;
    this.#report({
      kind: 'start_failed',
      reason,
      ...(status === undefined ? {} : { status }),
      atMs,
      phaseAtMs,
    });
  }
}
