import { describe, expect, test } from 'vitest';
import {
  HOLD_MS,
  healthyRun,
  player,
  recorderOf,
  reported,
  session,
  times,
} from '../../test/support/measured.js';
import type { ViewerEvent } from '../events.js';
import { addTick, createTotals } from '../stats/merge.js';
import { RecentWindow } from '../stats/recent.js';
import type { Recorder } from '../stats/recorder.js';
import { type LiveState, liveStateOf } from './live-state.js';

/** What is shown of one worker that saw `events`, at 20 s. */
function stateOf(
  events: readonly ViewerEvent[],
  prepare: (recorder: Recorder) => void = () => {},
): LiveState {
  const recorder = recorderOf();
  for (const event of events) recorder.on(reported(event));
  prepare(recorder);
  const totals = createTotals();
  const recent = new RecentWindow();
  for (const tick of recorder.takeTick(HOLD_MS)) {
    addTick(totals, tick);
    recent.add(tick);
  }
  return liveStateOf({
    ...{ profile: 'smoke', folder: 'runs/x', phase: 'hold', elapsedMs: HOLD_MS, totalMs: 60_000 },
    ...{ wantedVus: 50, totals, recent },
    facts: { workersPlanned: 1, workersDied: 0, completed: false },
  });
}

describe('the state of a run', () => {
  test('is read off what its workers sent', () => {
    const state = stateOf(healthyRun(), (recorder) => {
      recorder.gauge('vus_joined_count', 49);
      recorder.gauge('vus_watching_count', 48);
      recorder.gauge('vus_rebuffering_count', 2);
      recorder.gauge('vus_frozen_count', 1);
      recorder.gauge('rss_bytes', 345e6);
      recorder.count('generator_cpu_ms', 960, HOLD_MS);
      recorder.observe('event_loop_delay_ms', 7, HOLD_MS);
    });
    expect(state).toMatchObject({
      ...{ wanted: 50, joined: 49, watching: 48, lost: 0, rebuffering: 2, frozen: 1, errors: [] },
      ...{ firstFrameMs: { flv: 300, hls: 300 }, chatMs: 17 },
      generator: { health: 'ok', loopMs: 7, cpuMsPerViewerSecond: 1, rssBytes: 345e6, laggedPct: 0 },
    });
    expect(state.delayMs.flv).toBeCloseTo(1500, -1);
  });

  test('counts no viewers of a lost box as of now, and those of a late one until it is lost', () => {
    const totals = createTotals();
    for (const [box, watching] of [
      ['a', 3],
      ['b', 4],
    ] as const) {
      const recorder = recorderOf();
      recorder.gauge('vus_joined_count', watching);
      recorder.gauge('vus_watching_count', watching);
      for (const tick of recorder.takeTick(HOLD_MS)) addTick(totals, { ...tick, box });
    }
    const watchingWhen = (state: 'late' | 'lost'): number[] => {
      const one = { host: 'h', cores: 2, vus: 4, wasLost: false };
      const live = liveStateOf({
        ...{ profile: 'smoke', folder: 'runs/x', phase: 'hold', elapsedMs: HOLD_MS, totalMs: 60_000 },
        ...{ wantedVus: 8, totals, recent: new RecentWindow() },
        facts: { workersPlanned: 2, workersDied: 0, completed: false },
        boxes: [
          { ...one, id: 'a', state: 'here' },
          { ...one, id: 'b', state },
        ],
      });
      return [live.joined, live.watching];
    };
    expect(watchingWhen('late')).toEqual([7, 7]);
    expect(watchingWhen('lost')).toEqual([3, 3]);
  });

  test('counts errors by kind, most frequent first, and what is in order as none', () => {
    const { errors } = stateOf([
      ...healthyRun(),
      ...times(3, () => session({ kind: 'join_lost', namespace: '/chat' })),
      player('hls', { kind: 'start_failed', reason: 'stopped' }),
      player('flv', { kind: 'flv_ended', how: 'clean' }),
      player('hls', { kind: 'media_error', code: 'ts_sync' }),
      session({ kind: 'chat_echo_lost' }),
    ]);
    expect(errors).toEqual([
      { words: 'join lost: chat', count: 3 },
      { words: 'bad media: ts sync', count: 1 },
      { words: 'chat lost', count: 1 },
    ]);
  });

  test.each([
    ['ok', 0, 3],
    ['strained', 0, 30],
    ['strained', 7000, 3],
    ['invalid', 20_000, 3],
  ] as const)(
    'calls the generator %s with %d ms lagged and a loop delay of %d ms',
    (health, laggedMs, loopMs) => {
      const { generator } = stateOf(healthyRun(), (recorder) => {
        recorder.gauge('vus_watching_count', 50);
        recorder.count('lagged_viewer_ms', laggedMs, HOLD_MS);
        for (let i = 0; i < 200; i++) recorder.observe('event_loop_delay_ms', loopMs, HOLD_MS);
      });
      expect(generator.health).toBe(health);
      if (health === 'invalid') expect(generator.why).toContain('2.0 % of the viewer-time');
      else expect(generator.why).toBeUndefined();
    },
  );

  test('without a tick is unknown, not zero', () => {
    const state = liveStateOf({
      ...{ profile: 'smoke', folder: 'runs/x', phase: 'ramp', elapsedMs: 10, totalMs: 60_000, wantedVus: 1 },
      ...{ totals: createTotals(), recent: new RecentWindow() },
      facts: { workersPlanned: 1, workersDied: 0, completed: false },
    });
    expect(state.generator).toEqual({
      health: 'ok',
      ...{ loopMs: undefined, cpuMsPerViewerSecond: undefined, rssBytes: undefined, laggedPct: undefined },
    });
    expect(state.delayMs).toEqual({ flv: undefined, hls: undefined });
  });
});
