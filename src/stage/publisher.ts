/**
 * One encoder publishing in real time: the single clock that FLV fan-out and HLS segmenter follow. The faults of
 * the source act here.
 *
 *   freeze(s)  units due within s are held and leave together at its end, times unchanged
 *   pause(s)   the encoder stands still for s and goes on without a gap in time: late for good
 *   loss(s)    units due within s are lost on the way, for everybody; the times that follow show the hole
 *   jump(s)    times leap forward at once
 */

import type { Clip } from './clip.js';
import type { Encoder } from './encoder.js';
import type { MediaUnit } from './media-unit.js';
import type { StageClock } from './stage-clock.js';
import { audioTimeMs, type TimelineTick, timelineTick } from './timeline.js';

/**
 * How units come: `live` as they are due, `burst` after having been held, `lost` = the server saw them, but no
 * viewer will get them.
 */
export type Delivery = 'live' | 'burst' | 'lost';

export interface PublisherSink {
  onPublish(): void;
  onUnits(units: readonly MediaUnit[], delivery: Delivery): void;
  onUnpublish(): void;
}

export interface PublisherSwitches {
  videoGone: boolean;
  audioGone: boolean;
  noStamps: boolean;
}

export class Publisher {
  readonly switches: PublisherSwitches = { videoGone: false, audioGone: false, noStamps: false };
  readonly #clip: Clip;
  readonly #encoder: Encoder;
  readonly #clock: StageClock;
  readonly #sinks: PublisherSink[] = [];
  readonly #baseMs: number;
  #publishing = false;
  #startEpochMs = 0;
  #jumpedMs = 0;
  #picture = 0;
  #heldUntilEpochMs = 0;
  #lostUntilEpochMs = 0;
  #held: MediaUnit[] = [];
  #cancelTimer: (() => void) | undefined;

  /** @param baseMs publisher's time at its start */
  constructor(clip: Clip, encoder: Encoder, clock: StageClock, baseMs: number) {
    this.#clip = clip;
    this.#encoder = encoder;
    this.#clock = clock;
    this.#baseMs = baseMs;
  }

  /** Who gets what is published, in the order of joining. */
  addSink(sink: PublisherSink): void {
    this.#sinks.push(sink);
  }

  get publishing(): boolean {
    return this.#publishing;
  }

  /** When the running publish began, ms since the Unix epoch. */
  get startEpochMs(): number {
    return this.#startEpochMs;
  }

  /** Begins a new publish, `prerollMs` of which have passed already (they are sent at once). */
  start(prerollMs: number): void {
    if (this.#publishing) return;
    this.#publishing = true;
    this.#startEpochMs = this.#clock.epochMs() - prerollMs;
    this.#picture = 0;
    this.#jumpedMs = 0;
    this.#heldUntilEpochMs = 0;
    this.#lostUntilEpochMs = 0;
    this.#held = [];
    for (const sink of this.#sinks) sink.onPublish();
    this.#run();
  }

  /** Ends the publish, as an encoder that stops or dies does. */
  stop(): void {
    if (!this.#publishing) return;
    this.#publishing = false;
    this.#cancelTimer?.();
    for (const sink of this.#sinks) sink.onUnpublish();
  }

  freeze(seconds: number): void {
    this.#heldUntilEpochMs = this.#clock.epochMs() + seconds * 1000;
    this.#reschedule();
  }

  /** Ends a freeze before its time. */
  thaw(): void {
    this.#heldUntilEpochMs = this.#clock.epochMs();
    this.#reschedule();
  }

  pause(seconds: number): void {
    this.#startEpochMs += seconds * 1000;
    this.#reschedule();
  }

  loss(seconds: number): void {
    this.#lostUntilEpochMs = this.#clock.epochMs() + seconds * 1000;
  }

  /** Ends a loss before its time. */
  endLoss(): void {
    this.#lostUntilEpochMs = this.#clock.epochMs();
  }

  jump(seconds: number): void {
    this.#jumpedMs += Math.round(seconds * 1000);
  }

  #run(): void {
    const now = this.#clock.epochMs();
    for (;;) {
      const tick = timelineTick(this.#picture, this.#clip.framesPerS, this.#clip.aac.sampleRateHz);
      const dueEpochMs = this.#startEpochMs + tick.dueMs;
      if (dueEpochMs > now) break;
      this.#release(dueEpochMs);
      this.#emit(tick, dueEpochMs);
      this.#picture++;
    }
    this.#release(now);
    this.#reschedule();
  }

  #reschedule(): void {
    this.#cancelTimer?.();
    if (!this.#publishing) return;
    const tick = timelineTick(this.#picture, this.#clip.framesPerS, this.#clip.aac.sampleRateHz);
    let nextEpochMs = this.#startEpochMs + tick.dueMs;
    if (this.#held.length > 0) nextEpochMs = Math.min(nextEpochMs, this.#heldUntilEpochMs);
    const delayMs = Math.max(0, nextEpochMs - this.#clock.epochMs());
    this.#cancelTimer = this.#clock.after(delayMs, () => this.#run());
  }

  #release(nowEpochMs: number): void {
    if (this.#held.length === 0 || nowEpochMs < this.#heldUntilEpochMs) return;
    const units = this.#held;
    this.#held = [];
    this.#deliver(units, 'burst');
  }

  #emit(tick: TimelineTick, dueEpochMs: number): void {
    const units = this.#unitsOf(tick, dueEpochMs);
    if (units.length === 0) return;
    if (dueEpochMs < this.#heldUntilEpochMs) this.#held.push(...units);
    else this.#deliver(units, dueEpochMs < this.#lostUntilEpochMs ? 'lost' : 'live');
  }

  #deliver(units: readonly MediaUnit[], delivery: Delivery): void {
    for (const sink of this.#sinks) sink.onUnits(units, delivery);
  }

  #unitsOf(tick: TimelineTick, dueEpochMs: number): MediaUnit[] {
    const units: MediaUnit[] = [];
    const offsetMs = this.#baseMs + this.#jumpedMs;
    const captureOf = (timeMs: number): number => dueEpochMs - tick.dueMs + timeMs;
    for (let index = tick.audioFrom; index < tick.audioTo && !this.switches.audioGone; index++) {
      const timeMs = audioTimeMs(index, this.#clip.aac.sampleRateHz);
      units.push(this.#encoder.audio(index, offsetMs + timeMs, captureOf(timeMs)));
    }
    if (this.switches.videoGone) return units;
    const time = { dtsMs: offsetMs + Math.round(tick.dueMs), captureEpochMs: dueEpochMs };
    const stamp = { frameNumber: tick.picture >>> 0, stamped: !this.switches.noStamps };
    units.push(this.#encoder.video(tick.picture, { ...time, ...stamp }));
    return units;
  }
}
