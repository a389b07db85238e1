import type { LiveState } from '../../src/report/live-state.js';

/** A run that goes well, in the middle of its hold. */
export function liveState(changes: Partial<LiveState> = {}): LiveState {
  return {
    profile: 'smoke',
    folder: 'runs/20261122T090605Z-smoke-a1b2c3',
    phase: 'hold',
    elapsedMs: 25_000,
    totalMs: 60_000,
    wanted: 50,
    joined: 50,
    watching: 48,
    lost: 0,
    firstFrameMs: { flv: 312, hls: 1234 },
    rebuffering: 0,
    frozen: 0,
    rebuffers: 0,
    delayMs: { flv: 1234, hls: 4100 },
    clockUncertaintyMs: 0.4,
    chatMs: 12.4,
    errors: [],
    generator: {
      health: 'ok',
      loopMs: 3,
      cpuMsPerViewerSecond: 1.94,
      rssBytes: 345_000_000,
      laggedPct: 0,
    },
    ...changes,
  };
}
