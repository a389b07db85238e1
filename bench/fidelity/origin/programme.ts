import type { MediaUnit, StreamHeaders } from '../../../src/stage/media-unit.js';
import type { MediaEvent, MediaScript } from '../script.js';
import type { Reel } from './reel.js';

/** Units that reach the server together. */
export interface Batch {
  readonly atMs: number;
  readonly units: readonly MediaUnit[];
}

/** A publisher comes or goes. */
export interface PublishChange {
  readonly atMs: number;
  readonly on: boolean;
}

/** All that the publisher of one session does, from its start before zero to the end of the run. */
export interface Programme {
  readonly headers: StreamHeaders;
  readonly tracks: MediaScript['tracks'];
  readonly bytesPerMs: number;
  readonly batches: readonly Batch[];
  readonly publishes: readonly PublishChange[];
  /** Number on the picture -> ms since zero at which it was taken. */
  readonly captureMs: ReadonlyMap<number, number>;
}

const FRAME_MS = 1000 / 30;
const AAC_FRAME_MS = 1024 / 44.1;

/** What the script makes of the reel; the same every time. Units' capture times are ms since zero. */
export function planProgramme(script: MediaScript, reel: Reel, endMs: number): Programme {
  const camera = new Camera(script, reel);
  for (const event of [...script.events, undefined]) camera.runUntil(event?.atMs ?? endMs, event, endMs);
  return {
    headers: reel.headersOf(script.tracks),
    tracks: script.tracks,
    bytesPerMs: reel.bytesPerMs,
    ...camera,
  };
}

class Camera {
  readonly batches: Batch[] = [];
  readonly publishes: PublishChange[] = [];
  readonly captureMs = new Map<number, number>();
  readonly #script: MediaScript;
  readonly #reel: Reel;
  readonly #losses: readonly (MediaEvent & { kind: 'lose' })[];
  /** Pictures and audio frames of the reel that come next. */
  #picture = 0;
  #audio = 0;
  /** Picture with which the running publish began, and when. */
  #firstPicture = 0;
  #firstAudio = 0;
  #startedMs: number;
  /** To be added to the time since the publish began. */
  #timeMs: number;

  constructor(script: MediaScript, reel: Reel) {
    this.#script = script;
    this.#reel = reel;
    this.#losses = script.events.filter((event) => event.kind === 'lose');
    this.#startedMs = -script.prerollMs;
    this.#timeMs = script.firstTimeMs;
    this.publishes.push({ atMs: this.#startedMs, on: true });
  }

  runUntil(untilMs: number, event: MediaEvent | undefined, endMs: number): void {
    for (; this.#dueMs() < Math.min(untilMs, endMs); this.#picture++) this.#shoot(this.#dueMs());
    if (event === undefined) return;
    if (event.kind === 'standstill') this.#startedMs += event.forMs;
    if (event.kind === 'jump') this.#timeMs += event.byMs;
    if (event.kind === 'reset') this.#timeMs = -this.#elapsedMs();
    if (event.kind === 'unpublish') this.#republish(event.atMs, event.atMs + event.forMs);
  }

  #elapsedMs(): number {
    return (this.#picture - this.#firstPicture) * FRAME_MS;
  }

  #dueMs(): number {
    return this.#startedMs + this.#elapsedMs();
  }

  #republish(goneMs: number, backMs: number): void {
    this.publishes.push({ atMs: goneMs, on: false }, { atMs: backMs, on: true });
    this.#picture = Math.ceil(this.#picture / this.#reel.gopPictures) * this.#reel.gopPictures;
    this.#firstPicture = this.#picture;
    this.#firstAudio = this.#audio;
    this.#startedMs = backMs;
    this.#timeMs = 0;
  }

  /** One picture and the audio whose time is up to it, at the picture's instant. */
  #shoot(atMs: number): void {
    const units: MediaUnit[] = [];
    const elapsedMs = this.#elapsedMs();
    for (; (this.#audio - this.#firstAudio) * AAC_FRAME_MS <= elapsedMs; this.#audio++) {
      const timeMs = (this.#audio - this.#firstAudio) * AAC_FRAME_MS + this.#timeMs;
      const dtsMs = Math.max(0, Math.round(timeMs));
      if (!this.#isLost('audio', atMs)) units.push(this.#reel.audio(this.#audio, dtsMs, atMs));
    }
    const shown = this.#reel.shownFrame(this.#picture);
    const captureMs = atMs - (this.#picture + this.#reel.reorderPictures - shown) * FRAME_MS;
    if (this.#script.tracks === 'both' && !this.#isLost('video', atMs)) {
      this.captureMs.set(shown, captureMs);
      units.push(this.#reel.picture(this.#picture, Math.round(elapsedMs + this.#timeMs), captureMs));
    }
    if (units.length > 0) this.batches.push({ atMs, units });
  }

  #isLost(track: 'audio' | 'video', atMs: number): boolean {
    return this.#losses.some(
      (loss) => loss.track === track && atMs >= loss.atMs && atMs < loss.atMs + loss.forMs,
    );
  }
}
