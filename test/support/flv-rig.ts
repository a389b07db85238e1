import { CaptureClock } from '../../src/players/capture-clock.js';
import { FlvTimeline } from '../../src/players/flv-timeline.js';
import { FrameCount } from '../../src/players/frame-count.js';
import { Playout, type PlayoutSink } from '../../src/players/playout.js';
import { CHROMIUM_RENDERER, MPEGTS_JS_1_8 } from '../../src/players/profiles.js';

/** What a rig saw, as rounded milliseconds. */
export interface RigLog {
  painted: number[];
  playing: number[];
  moving: number[];
  rebuffers: { from: number; to: number }[];
  microWaits: number;
  frozen: { from: number; to: number }[];
  seeks: { cause: string; from: number; to: number; at: number }[];
}

export interface RigFrame {
  track: 'audio' | 'video';
  mediaMs: number;
  arriveMs: number;
  keyframe: boolean;
}

export const AUDIO_FRAME_MS = 1024 / 44.1;
export const VIDEO_FRAME_MS = 1000 / 30;

/** A live source: 30 fps with a keyframe a second, 44.1 kHz AAC; `arrive` maps media time to its arrival. */
export function liveFrames(
  fromMs: number,
  toMs: number,
  arrive: (mediaMs: number, track: 'audio' | 'video') => number | undefined,
): RigFrame[] {
  const frames: RigFrame[] = [];
  for (let i = 0; i * VIDEO_FRAME_MS < toMs; i++) {
    const mediaMs = Math.round(i * VIDEO_FRAME_MS);
    const arriveMs = arrive(mediaMs, 'video');
    if (mediaMs >= fromMs && arriveMs !== undefined)
      frames.push({ track: 'video', mediaMs, arriveMs, keyframe: i % 30 === 0 });
  }
  for (let i = 0; i * AUDIO_FRAME_MS < toMs; i++) {
    const mediaMs = Math.round(i * AUDIO_FRAME_MS);
    const arriveMs = arrive(mediaMs, 'audio');
    if (mediaMs >= fromMs && arriveMs !== undefined)
      frames.push({ track: 'audio', mediaMs, arriveMs, keyframe: false });
  }
  return frames.sort((a, b) => a.arriveMs - b.arriveMs || a.mediaMs - b.mediaMs);
}

/** Plays frames through the FLV remuxer rules into the media element; `stampOf` gives capture times. */
export function playFlv(
  frames: readonly RigFrame[],
  untilMs: number,
  options: {
    stampOf?: (mediaMs: number) => number;
    tracks?: { audio: boolean; video: boolean };
    /** Called each second of run time, and at the end, before the viewer leaves. */
    inspect?: (playout: Playout, capture: CaptureClock, nowMs: number) => void;
  } = {},
): { log: RigLog; playout: Playout; capture: CaptureClock; frames: FrameCount } {
  const log: RigLog = {
    painted: [],
    playing: [],
    moving: [],
    rebuffers: [],
    microWaits: 0,
    frozen: [],
    seeks: [],
  };
  const sink: PlayoutSink = {
    painted: (at) => log.painted.push(Math.round(at)),
    playing: (at) => log.playing.push(Math.round(at)),
    moving: (at) => log.moving.push(Math.round(at)),
    rebufferStarted: () => undefined,
    rebufferEnded: (from, to) => log.rebuffers.push({ from: Math.round(from), to: Math.round(to) }),
    microWait: () => {
      log.microWaits += 1;
    },
    frozen: (from, to) => log.frozen.push({ from: Math.round(from), to: Math.round(to) }),
    ended: () => undefined,
    seeked: (from, to, cause, at) => log.seeks.push({ cause, from, to, at }),
  };
  const playout = new Playout(CHROMIUM_RENDERER, sink);
  const capture = new CaptureClock();
  const count = new FrameCount();
  const timeline = new FlvTimeline(MPEGTS_JS_1_8, playout, capture, count);
  playout.load(0, { kind: 'first_sample' }, { paintMs: 18, playMs: 24 });
  playout.setTracks(options.tracks?.audio ?? true, options.tracks?.video ?? true);
  let nextInspectMs = 1000;
  for (const frame of frames) {
    if (frame.arriveMs > untilMs) break;
    for (; nextInspectMs <= frame.arriveMs; nextInspectMs += 1000)
      options.inspect?.(playout, capture, nextInspectMs);
    playout.advance(frame.arriveMs);
    timeline.append({
      track: frame.track,
      dtsMs: frame.mediaMs,
      ptsMs: frame.mediaMs,
      keyframe: frame.keyframe,
      wrapped: false,
      audioFrameMs: frame.track === 'audio' ? AUDIO_FRAME_MS : 0,
      captureEpochMs: frame.track === 'video' ? options.stampOf?.(frame.mediaMs) : undefined,
      captureSource: frame.track === 'video' && options.stampOf !== undefined ? 'stamp' : undefined,
      frameNumber: undefined,
    });
    playout.settle(frame.arriveMs);
  }
  options.inspect?.(playout, capture, untilMs);
  playout.stop(untilMs);
  return { log, playout, capture, frames: count };
}
