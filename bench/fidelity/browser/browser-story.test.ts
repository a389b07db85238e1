import { describe, expect, test } from 'vitest';
import { browserStory } from './browser-story.js';
import type { RawLog, SessionTruth } from './raw-log.js';

const FRAME_MS = 1000 / 30;
/** The page's clock at the session's zero. */
const ZERO_MS = 1000;
const truth: SessionTruth = { zeroMs: ZERO_MS, captureMs: (frame) => frame * FRAME_MS - 500 };

/** What the clock and the screen do from `fromMs` (page ms) for `forMs`. */
interface Piece {
  readonly forMs: number;
  readonly does: 'run' | 'stand' | 'freeze';
  /** The position jumps by this much at the piece's beginning. */
  readonly jumpMs?: number;
}

/** A log of a page that begins at 990, plays from 1100 on, and then does as `pieces` say. */
function log(pieces: readonly Piece[], more: Partial<RawLog> = {}): RawLog {
  const ticks: [number, number][] = [];
  const frames: [number, number, number][] = [];
  let atMs = 1100;
  let mediaMs = 0;
  let shown = -1;
  for (const { forMs, does, jumpMs } of pieces) {
    mediaMs += jumpMs ?? 0;
    for (const endMs = atMs + forMs; atMs < endMs; atMs += 20) {
      ticks.push([atMs, mediaMs / 1000]);
      const frame = Math.floor(mediaMs / FRAME_MS);
      if (does === 'run' && frame !== shown) {
        shown = frame;
        frames.push([atMs, frame, mediaMs / 1000]);
      }
      if (does !== 'stand') mediaMs += 20;
    }
  }
  return {
    startedMs: 990,
    stoppedMs: atMs,
    events: [[1100, 'playing', 0, 4]],
    ticks,
    frames,
    seeks: [],
    notes: [],
    appends: [],
    library: [],
    reloadsMs: [],
    fellBackMs: null,
    deadMs: null,
    protocolAtEnd: 'flv',
    atEnd: { currentTime: mediaMs / 1000, ended: false, readyState: 4 },
    ...more,
  };
}

const RUN: Piece = { forMs: 3000, does: 'run' };

describe('the story of a browser', () => {
  test("counts from the session's zero, and first frame and playing from the beginning of the page", () => {
    const story = browserStory(log([RUN]), truth);
    expect(story).toMatchObject({
      startedMs: -10,
      firstFrameMs: 110,
      playingMs: 110,
      waits: [],
      frozen: [],
      seeks: [],
      skippedMs: 0,
      replayedMs: 0,
      endState: 'playing',
      watchedMs: 3100,
    });
  });

  test('has the latency of the picture that is on screen, about twice a second', () => {
    const { latency } = browserStory(log([RUN]), truth);
    expect(latency.length).toBeGreaterThanOrEqual(5);
    // Frame n is on screen at 100 + n * 33.3 and was taken at n * 33.3 - 500, up to one tick late.
    for (const { latencyMs } of latency) {
      expect(latencyMs).toBeGreaterThanOrEqual(600 - 0.001);
      expect(latencyMs).toBeLessThan(625);
    }
  });

  test('has a wait from waiting to playing, of any length, and one that is open at the end', () => {
    const events: RawLog['events'] = [
      [1050, 'waiting', 0, 2],
      [1100, 'playing', 0, 4],
      [2000, 'waiting', 0.9, 2],
      [2030, 'playing', 0.9, 4],
      [3000, 'waiting', 1.9, 2],
    ];
    const story = browserStory(
      log(
        [
          { forMs: 1900, does: 'run' },
          { forMs: 2000, does: 'stand' },
        ],
        { events },
      ),
      truth,
    );
    expect(story.waits).toEqual([{ fromMs: 1000, toMs: 1030 }, { fromMs: 2000 }]);
    expect(story.endState).toBe('stalled');
    expect(story.latency.every(({ atMs }) => atMs <= 2000)).toBe(true);
  });

  test('has a wait for a seek that interrupts playing, and for a source that was taken away', () => {
    const events: RawLog['events'] = [
      [1100, 'playing', 0, 4],
      [2000, 'seeking', 0.9, 1],
      [2002, 'waiting', 0.9, 1],
      [2050, 'playing', 3, 4],
      [2500, 'emptied', 0, 0],
      [2700, 'playing', 0, 4],
    ];
    expect(browserStory(log([RUN], { events }), truth).waits).toEqual([
      { fromMs: 1000, toMs: 1050 },
      { fromMs: 1500, toMs: 1700 },
    ]);
  });

  test('is frozen where the clock ran and no picture came, and not where both stood', () => {
    const story = browserStory(
      log([RUN, { forMs: 1000, does: 'freeze' }, RUN, { forMs: 1000, does: 'stand' }, RUN]),
      truth,
    );
    expect(story.frozen).toHaveLength(1);
    expect(story.frozen[0]?.fromMs).toBeGreaterThan(3090);
    expect(story.frozen[0]?.fromMs).toBeLessThan(3160);
    expect(story.frozen[0]?.toMs).toBeGreaterThan(4070);
    expect(story.frozen[0]?.toMs).toBeLessThan(4130);
  });

  test('ends frozen where the picture stood to the end', () => {
    const story = browserStory(log([RUN, { forMs: 1000, does: 'freeze' }]), truth);
    expect(story.frozen[0]).not.toHaveProperty('toMs');
    expect(story.endState).toBe('frozen');
  });

  test('skips what a seek jumped over, and does not take a freeze for a skip', () => {
    const seeks: RawLog['seeks'] = [[4100, 3, 5]];
    const jumped = browserStory(log([RUN, { forMs: 2000, does: 'run', jumpMs: 2000 }], { seeks }), truth);
    expect(jumped.skippedMs).toBeGreaterThan(1900);
    expect(jumped.skippedMs).toBeLessThan(2100);
    expect(jumped.seeks).toEqual([{ atMs: 3100, fromMediaMs: 3000, toMediaMs: 5000 }]);
    const frozen = browserStory(log([RUN, { forMs: 1000, does: 'freeze' }, RUN]), truth);
    expect(frozen.skippedMs).toBe(0);
  });

  test('replays what was shown before', () => {
    const story = browserStory(log([RUN, { forMs: 2000, does: 'run', jumpMs: -1000 }]), truth);
    expect(story.replayedMs).toBeGreaterThan(900);
    expect(story.replayedMs).toBeLessThan(1100);
  });

  test('a stream that ended and plays again after a reload was a wait, one that stays ended is none', () => {
    const events = (more: RawLog['events']): RawLog['events'] => [[1100, 'playing', 0, 4], ...more];
    const ended: RawLog['events'][number] = [2000, 'ended', 1, 2];
    const again = browserStory(log([RUN], { events: events([ended, [4000, 'playing', 0, 4]]) }), truth);
    expect(again.waits).toEqual([{ fromMs: 1000, toMs: 3000 }]);
    const atEnd = { currentTime: 1, ended: true, readyState: 2 };
    expect(browserStory(log([RUN], { events: events([ended]), atEnd }), truth).waits).toEqual([]);
  });

  test.each([
    ['dead', { deadMs: 3000 }],
    ['ended', { atEnd: { currentTime: 1, ended: true, readyState: 2 } }],
    ['not_started', { events: [] }],
  ] as const)('ends %s', (endState, more) => {
    expect(browserStory(log([RUN], more), truth).endState).toBe(endState);
  });

  test('a page that never showed anything has no first frame and no latency', () => {
    const story = browserStory(log([], { events: [], frames: [], ticks: [] }), truth);
    expect(story).not.toHaveProperty('firstFrameMs');
    expect(story).not.toHaveProperty('playingMs');
    expect(story.latency).toEqual([]);
  });
});
