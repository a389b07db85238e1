import type { RunRecord, Span, Story } from '../../bench/fidelity/story.js';

/** A story of 20 s in which nothing went wrong, with what the test wants to be different. */
export function story(changes: Partial<Story> = {}): Story {
  return {
    side: 'browser',
    startedMs: -20,
    firstFrameMs: 300,
    playingMs: 320,
    waits: [],
    frozen: [],
    latency: [1, 2, 3].map((n) => ({ atMs: 1000 * n, latencyMs: 2000 })),
    seeks: [],
    skippedMs: 0,
    replayedMs: 0,
    reloadsAtMs: [],
    protocolAtEnd: 'hls',
    endState: 'playing',
    watchedMs: 20_000,
    notes: [],
    ...changes,
  };
}

/** A run whose three viewers of ours are alike unless the test says otherwise. */
export function run(
  browser: Partial<Story>,
  ours: Partial<Story>,
  options: {
    readonly early?: Partial<Story>;
    readonly late?: Partial<Story>;
    readonly record?: Partial<RunRecord>;
  } = {},
): RunRecord {
  return {
    condition: 'pause-hls',
    seed: 7,
    modelVersion: 'm1',
    repeat: 1,
    libraries: 'page',
    libraryVersion: '1.6.15',
    chromium: 'Chromium 1',
    startedEpochMs: 1_000_000,
    inParallel: 1,
    originLagMs: 1,
    ourLagMs: 1,
    pageLagMs: 1,
    ...options.record,
    stories: [
      story(browser),
      story({ ...ours, side: 'ours' }),
      story({ ...ours, ...options.early, side: 'ours-early' }),
      story({ ...ours, ...options.late, side: 'ours-late' }),
    ],
  };
}

/** Spans from pairs; a pair without an end is open. */
export function spansOf(...pairs: readonly (readonly [number, number?])[]): readonly Span[] {
  return pairs.map(([fromMs, toMs]) => (toMs === undefined ? { fromMs } : { fromMs, toMs }));
}
