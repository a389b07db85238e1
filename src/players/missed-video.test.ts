import { expect, it } from 'vitest';
import { MissedVideo } from './missed-video.js';

it('video that goes on is one stretch; behind a picture that stands the next one begins', () => {
  const missed = new MissedVideo();
  expect(missed.lastMs).toBeUndefined();
  missed.append(567, 600, 600, 1);
  missed.append(600, 633, 633, 1);
  missed.append(633, 1200, 666, 1);
  missed.append(1200, 1233, 1233, 1);
  expect(missed.stretches).toEqual([
    { fromMs: 567, toMs: 1200, shownToMs: 666, frames: 3 },
    { fromMs: 1200, toMs: 1233, shownToMs: 1233, frames: 1 },
  ]);
  expect(missed.lastMs).toBe(1233);
});

it('holds no more than its last stretches, however broken the video is', () => {
  const missed = new MissedVideo();
  for (let i = 0; i < 1000; i++) missed.append(i * 100, i * 100 + 33, i * 100 + 33, 1);
  expect(missed.stretches.length).toBeLessThan(20);
  expect(missed.lastMs).toBe(99_933);
});
