import { expect, it } from 'vitest';
import { recorderOf } from '../../test/support/measured.js';
import { addTick, createTotals } from '../stats/merge.js';
import { RecentWindow } from '../stats/recent.js';
import type { BoxStory } from './box-stories.js';
import { liveBoxesOf } from './live-boxes.js';

const record = (id: string, workers = 1) => ({
  ...{ id, hostname: `host-${id}`, cores: 4, memoryBytes: 1e9, version: '1', nodeVersion: 'v20' },
  ...{ workers, vus: 4, users: 0, byProtocol: { hls: 3, flv: 1 } },
});
const fleet = { boxes: [record('a'), record('a2'), record('b')] };
const story = (box: string, more: Partial<BoxStory>): BoxStory => ({
  ...{ box, isGone: false, silences: [] },
  ...more,
});

/** One tick of each box: its viewers with a picture, its CPU time, and whether it was the last one. */
function measured(...ticks: readonly [box: string, watching: number, cpuMs: number, last?: boolean][]) {
  const [totals, recent] = [createTotals(), new RecentWindow()];
  for (const [box, watching, cpuMs, last = false] of ticks) {
    const recorder = recorderOf();
    recorder.gauge('vus_watching_count', watching);
    recorder.count('generator_cpu_ms', cpuMs, 900);
    recorder.observe('event_loop_delay_ms', watching, 900);
    for (const tick of recorder.takeTick(1000, last)) {
      addTick(totals, { ...tick, box });
      recent.add({ ...tick, box });
    }
  }
  return { totals, recent };
}

it('a run on one machine has no boxes', () => {
  expect(liveBoxesOf({ fleet: undefined, stories: undefined, ...measured() })).toBeUndefined();
});

it('each box has its own figures, also where one name begins as another', () => {
  const boxes = liveBoxesOf({ fleet, stories: [], ...measured(['a', 3, 500], ['a2', 4, 2000]) });
  expect(boxes).toMatchObject([
    { id: 'a', host: 'host-a', vus: 4, state: 'here', watching: 3, cpuCores: 0.5, wasLost: false },
    { id: 'a2', watching: 4, cpuCores: 2 },
    { id: 'b', state: 'here' },
  ]);
  expect(boxes?.map(({ loopMs }) => loopMs && Math.round(loopMs))).toEqual([3, 4, undefined]);
  // Nothing came of it yet: that is no zero.
  expect(boxes?.[2]?.watching).toBeUndefined();
  expect(boxes?.[2]?.cpuCores).toBeUndefined();
});

it('a box of which nobody hears says nothing of now, but since when and why', () => {
  const stories = [
    story('a', {
      isGone: true,
      lostBy: 'no sign of life for 5.2 s',
      silences: [{ fromMs: 32_000, state: 'lost' }],
    }),
    story('a2', { silences: [{ fromMs: 40_000, state: 'late' }] }),
    story('b', { lostBy: 'no sign', silences: [{ fromMs: 1, toMs: 9, state: 'lost' }] }),
  ];
  const boxes = liveBoxesOf({ fleet, stories, ...measured(['a', 3, 1], ['a2', 4, 1], ['b', 4, 1]) });
  expect(boxes).toMatchObject([
    { state: 'lost', sinceMs: 32_000, why: 'no sign of life for 5.2 s', wasLost: false },
    { state: 'late', sinceMs: 40_000, wasLost: false },
    { state: 'here', watching: 4, wasLost: true },
  ]);
  for (const silent of boxes?.slice(0, 2) ?? []) expect(silent.watching ?? silent.cpuCores).toBeUndefined();
});

it('a box is over when all its threads have said their last word', () => {
  const two = { boxes: [record('a', 2), record('b')] };
  const seen = liveBoxesOf({ fleet: two, stories: [], ...measured(['a', 0, 1, true], ['b', 0, 1, true]) });
  expect(seen?.map(({ state }) => state)).toEqual(['here', 'over']);
});

it('the clock is what this end knows now, else what was written down, else not known', () => {
  const known = { received: 1, duplicates: 0, missing: 0, garbage: 0 };
  const stories = [
    story('a', { figures: { ...known, clockOffsetMs: 9, clockErrorMs: 9 } }),
    story('a2', { figures: { ...known, clockOffsetMs: 7 } }),
  ];
  const figures = (id: string) =>
    id === 'a' ? { ...known, clockOffsetMs: -2.5, clockErrorMs: 0.4 } : undefined;
  expect(liveBoxesOf({ fleet, stories, figures, ...measured() })?.map(({ clock }) => clock)).toEqual([
    { offsetMs: -2.5, errorMs: 0.4 },
    { offsetMs: 7, errorMs: undefined },
    undefined,
  ]);
});
