import { describe, expect, test } from 'vitest';
import type { PlayerEvent } from '../../../src/events.js';
import { ourStory } from './our-story.js';
import type { OurRaw } from './raw.js';

const ZERO_MS = 5000;
type Part = PlayerEvent extends infer E ? (E extends PlayerEvent ? Omit<E, 'protocol'> : never) : never;

function raw(events: readonly Part[], more: Partial<OurRaw> = {}): OurRaw {
  return {
    side: 'ours',
    startedMs: 4990,
    stoppedMs: 25_000,
    events: events.map((event) => ({ ...event, protocol: 'flv' }) as PlayerEvent),
    protocolAtEnd: 'flv',
    atEnd: { rebuffering: false, frozen: false },
    lagMs: 0,
    ...more,
  };
}

const START: readonly Part[] = [
  { kind: 'first_frame', sinceStartMs: 110, atMs: 5100 },
  { kind: 'playing', sinceStartMs: 120, atMs: 5110 },
  { kind: 'moving', sinceStartMs: 160, atMs: 5150 },
];

describe('the story of our viewer', () => {
  test("counts from the session's zero, and first frame and playing from its own beginning", () => {
    expect(ourStory(raw(START), ZERO_MS)).toMatchObject({
      side: 'ours',
      startedMs: -10,
      firstFrameMs: 110,
      playingMs: 120,
      waits: [],
      frozen: [],
      endState: 'playing',
      watchedMs: 20_000,
    });
  });

  test('has rebuffers and micro-waits in the order of time', () => {
    const story = ourStory(
      raw([
        ...START,
        { kind: 'rebuffer_ended', startedAtMs: 9000, durationMs: 500, cutOff: false, atMs: 9500 },
        { kind: 'micro_wait', startedAtMs: 8000, durationMs: 20, atMs: 8020 },
      ]),
      ZERO_MS,
    );
    expect(story.waits).toEqual([
      { fromMs: 3000, toMs: 3020 },
      { fromMs: 4000, toMs: 4500 },
    ]);
  });

  test('a wait that was cut off by the end is open, and the state is stalled', () => {
    const story = ourStory(
      raw([
        ...START,
        { kind: 'rebuffer_ended', startedAtMs: 9000, durationMs: 16_000, cutOff: true, atMs: 25_000 },
      ]),
      ZERO_MS,
    );
    expect(story.waits).toEqual([{ fromMs: 4000 }]);
    expect(story.endState).toBe('stalled');
  });

  test('the picture that moves late after playing was frozen', () => {
    const late = START.map((event) => (event.kind === 'moving' ? { ...event, atMs: 5900 } : event));
    expect(ourStory(raw(late), ZERO_MS).frozen).toEqual([{ fromMs: 150, toMs: 900 }]);
  });

  test('a freeze up to the end is open, and the state is frozen', () => {
    const freeze: Part = { kind: 'frozen', startedAtMs: 20_000, durationMs: 5000, atMs: 25_000 };
    const story = ourStory(raw([...START, freeze]), ZERO_MS);
    expect(story.frozen).toEqual([{ fromMs: 15_000 }]);
    expect(story.endState).toBe('frozen');
  });

  test('no latency is taken while nothing moves', () => {
    const latency = (atMs: number): Part => ({ kind: 'latency', latencyMs: 700, source: 'stamp', atMs });
    const wait: Part = {
      kind: 'rebuffer_ended',
      startedAtMs: 9000,
      durationMs: 500,
      cutOff: false,
      atMs: 9500,
    };
    const story = ourStory(raw([...START, latency(8900), latency(9200), latency(9600), wait]), ZERO_MS);
    expect(story.latency.map(({ atMs }) => atMs)).toEqual([3900, 4600]);
  });

  test('seeks, reloads, the change to HLS and a dead player are told with their instants', () => {
    const story = ourStory(
      raw([
        ...START,
        {
          kind: 'seek',
          cause: 'chaser',
          fromMediaMs: 100,
          toMediaMs: 1100,
          skippedMs: 1000,
          replayedMs: 0,
          atMs: 6000,
        },
        { kind: 'player_reload', cause: 'watchdog', atMs: 7000 },
        { kind: 'protocol_switched', from: 'flv', cause: 'cut', atMs: 8000 },
        { kind: 'player_dead', reason: 'gave_up', atMs: 9000 },
      ]),
      ZERO_MS,
    );
    expect(story).toMatchObject({
      seeks: [{ atMs: 1000, fromMediaMs: 100, toMediaMs: 1100, cause: 'chaser' }],
      skippedMs: 1000,
      reloadsAtMs: [2000],
      fellBackAtMs: 3000,
      endState: 'dead',
      notes: ['4000 player_dead gave_up'],
    });
  });

  test('who never played has not started', () => {
    expect(ourStory(raw([]), ZERO_MS)).toMatchObject({ endState: 'not_started', waits: [] });
  });
});
