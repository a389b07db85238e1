import type { MediaUnit, StreamHeaders } from '../../../src/stage/media-unit.js';
import type { MediaEvent, MediaScript } from '../script.js';
import type { Breathe } from './breathe.js';
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
  /** On the wire of an FLV viewer, framing included, while all tracks run. */
  readonly flvBytesPerMs: number;
  readonly batches: readonly Batch[];
  readonly publishes: readonly PublishChange[];
  /** Number on the picture -> ms since zero at which it was taken. */
  readonly captureMs: ReadonlyMap<number, number>;
}

const FRAME_MS = 1000 / 30;
const AAC_FRAME_MS = 1024 / 44.1;
/** Tag headers and trailers of all units, and the chunk of each batch. */
const FRAMING_BYTES_PER_MS = (15 + 8) / FRAME_MS + 15 / AAC_FRAME_MS;

/** What the script makes of the reel; the same every time. Units' capture times are ms since zero. */
export async function planProgramme(
  script: MediaScript,
  reel: Reel,
  endMs: number,
  breathe: Breathe,
): Promise<Programme> {
  const camera = new Camera(script, reel);
  for (const event of [...script.events, undefined]) {
    while (camera.dueMs < Math.min(event?.atMs ?? endMs, endMs)) {
      camera.shoot();
      await breathe();
    }
    if (event !== undefined) camera.meet(event);
  }
  return {
    headers: reel.headersOf(script.tracks),
    tracks: script.tracks,
    flvBytesPerMs: reel.bytesPerMs + FRAMING_BYTES_PER_MS,
    batches: camera.batches,
    publishes: camera.publishes,
    captureMs: camera.captureMs,
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
  #awaitsKeyframe = false;
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

  /** When the next picture is taken. */
  get dueMs(): number {
    return this.#startedMs + this.#elapsedMs();
  }

  meet(event: MediaEvent): void {
    if (event.kind === 'standstill') this.#startedMs += event.forMs;
    if (event.kind === 'jump') this.#timeMs += event.byMs;
    if (event.kind === 'reset') this.#timeMs = -this.#elapsedMs();
    if (event.kind === 'unpublish') this.#republish(event.atMs, event.atMs + event.forMs);
  }

  #elapsedMs(): number {
    return (this.#picture - this.#firstPicture) * FRAME_MS;
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
  shoot(): void {
    const atMs = this.dueMs;
    const units: MediaUnit[] = [];
    const elapsedMs = this.#elapsedMs();
    for (; (this.#audio - this.#firstAudio) * AAC_FRAME_MS <= elapsedMs; this.#audio++) {
      const timeMs = (this.#audio - this.#firstAudio) * AAC_FRAME_MS + this.#timeMs;
      const dtsMs = Math.max(0, Math.round(timeMs));
      if (!this.#isLost('audio', atMs)) units.push(this.#reel.audio(this.#audio, dtsMs, atMs));
    }
    const shown = this.#reel.shownFrame(this.#picture);
    const captureMs = atMs - (this.#picture + this.#reel.reorderPictures - shown) * FRAME_MS;
    if (this.#script.tracks === 'both' && !this.#videoIsLost(atMs)) {
      this.captureMs.set(shown, captureMs);
      units.push(this.#reel.picture(this.#picture, Math.round(elapsedMs + this.#timeMs), captureMs));
    }
    if (units.length > 0) this.batches.push({ atMs, units });
    this.#picture++;
  }

  /** Lost pictures come back with a keyframe: an encoder does not build on what it never sent. */
  #videoIsLost(atMs: number): boolean {
    if (this.#isLost('video', atMs)) this.#awaitsKeyframe = true;
    else if (this.#picture % this.#reel.gopPictures === 0) this.#awaitsKeyframe = false;
    return this.#awaitsKeyframe;
  }

  #isLost(track: 'audio' | 'video', atMs: number): boolean {
    return this.#losses.some(
      (loss) => loss.track === track && atMs >= loss.atMs && atMs < loss.atMs + loss.forMs,
    );
  }
}
