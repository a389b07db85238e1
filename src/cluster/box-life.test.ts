import { expect, test } from 'vitest';
import type { BoxNews } from './box.js';
import { BoxLife, LOOK_EVERY_MS } from './box-life.js';

/** Looks as a coordinator does, with a beat each second unless the box is silent. */
function follow(
  toMs: number,
  {
    silent = () => false,
    up = () => true,
    asleep = () => false,
  }: {
    silent?: (atMs: number) => boolean;
    up?: (atMs: number) => boolean;
    asleep?: (atMs: number) => boolean;
  },
): { atMs: number; news: BoxNews }[] {
  const life = new BoxLife('a', 0);
  const all: { atMs: number; news: BoxNews }[] = [];
  for (let atMs = 0; atMs <= toMs; atMs += LOOK_EVERY_MS) {
    if (asleep(atMs)) continue;
    const heard =
      atMs % 1000 === 0 && !silent(atMs) && up(atMs) ? life.beat({ epoch: 'a' }, atMs) : undefined;
    for (const news of [heard, life.look(atMs, up(atMs))]) if (news) all.push({ atMs, news });
  }
  return all;
}

const states = (all: { news: BoxNews }[]): string[] => all.map(({ news }) => news.state);

test('a box that beats each second is never news', () => {
  expect(follow(600_000, {})).toEqual([]);
});

test('silence is late after more than two beats, lost when the entry has expired, and back with the next beat', () => {
  const all = follow(30_000, { silent: (atMs) => atMs > 10_000 && atMs < 20_000 });
  expect(all).toEqual([
    { atMs: 13_000, news: { state: 'late', reason: 'no sign of life for 3 s' } },
    { atMs: 15_500, news: { state: 'lost', reason: 'no sign of life for 5.5 s' } },
    { atMs: 20_000, news: { state: 'back', reason: 'it gives signs again, 10 s after the last one' } },
  ]);
});

test('a box that was late only comes back without having been lost', () => {
  expect(states(follow(30_000, { silent: (atMs) => atMs > 10_000 && atMs < 14_000 }))).toEqual([
    'late',
    'back',
  ]);
});

test('while this end is cut off nobody is late, and after it a box has its full time', () => {
  const cut = (atMs: number): boolean => atMs > 10_000 && atMs < 40_000;
  const back = follow(60_000, {
    up: (atMs) => !cut(atMs),
    silent: (atMs) => cut(atMs) || (atMs >= 40_000 && atMs < 43_000),
  });
  expect(states(back)).toEqual(['late', 'back']);
  expect(back[0]?.atMs).toBeGreaterThan(42_000);
});

test('a coordinator that stood still blames no box for its own sleep', () => {
  expect(
    follow(60_000, {
      asleep: (atMs) => atMs > 10_000 && atMs < 30_000,
      silent: (atMs) => atMs > 10_000 && atMs < 32_000,
    }),
  ).toEqual([]);
});

test('another process of the same name means that the viewers are gone, for good', () => {
  const life = new BoxLife('a', 0);
  expect(life.beat({ epoch: 'b' }, 100)).toEqual({
    state: 'lost',
    reason: 'it came back as another process: its viewers are gone',
  });
  expect(life.beat({ epoch: 'a' }, 200)).toBeUndefined();
  expect(life.beat({ epoch: 'b' }, 300)).toBeUndefined();
  expect(life.isForGood).toBe(true);
});

test('a box whose viewers left because it was cut off does not come back', () => {
  const life = new BoxLife('a', 0);
  for (let atMs = 500; atMs <= 20_000; atMs += 500) life.look(atMs, true);
  expect(life.state).toBe('lost');
  expect(life.beat({ epoch: 'a', gaveUp: 'cut off for 15 s: its viewers have left' }, 20_100)).toEqual({
    state: 'lost',
    reason: 'cut off for 15 s: its viewers have left',
  });
  expect(life.beat({ epoch: 'a' }, 21_000)).toBeUndefined();
});
