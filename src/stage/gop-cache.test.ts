import { describe, expect, it } from 'vitest';
import { GopCache } from './gop-cache.js';
import type { MediaUnit } from './media-unit.js';

const none = new Uint8Array(0);
const unit = (kind: 'video' | 'audio', dtsMs: number, keyframe = false): MediaUnit => {
  const bytes = { flvHead: none, flvRest: none, esHead: none, esRest: none };
  return { kind, dtsMs, ptsMs: dtsMs, keyframe, captureEpochMs: 0, ...bytes };
};

describe('the GOP cache', () => {
  it('begins with a keyframe and holds what followed', () => {
    const cache = new GopCache(30);
    cache.push(unit('audio', 0));
    cache.push(unit('video', 10, true));
    cache.push(unit('audio', 20));
    cache.push(unit('video', 40));
    expect(cache.units.map(({ dtsMs }) => dtsMs)).toEqual([10, 20, 40]);
    cache.push(unit('video', 1000, true));
    expect(cache.units.map(({ dtsMs }) => dtsMs)).toEqual([1000]);
  });

  it('is emptied by message 31 and then begins in the middle of a GOP, at the next picture', () => {
    const cache = new GopCache(30);
    cache.push(unit('video', 0, true));
    for (let index = 1; index < 30; index++) cache.push(unit('audio', index));
    expect(cache.units).toHaveLength(30);
    cache.push(unit('audio', 30));
    expect(cache.units).toEqual([]);
    cache.push(unit('audio', 31));
    cache.push(unit('video', 32));
    cache.push(unit('audio', 33));
    expect(cache.units.map(({ dtsMs, keyframe }) => [dtsMs, keyframe])).toEqual([
      [32, false],
      [33, false],
    ]);
  });

  it('without a limit keeps the whole GOP', () => {
    const cache = new GopCache(0);
    cache.push(unit('video', 0, true));
    for (let index = 1; index < 100; index++) cache.push(unit('video', index));
    expect(cache.units).toHaveLength(100);
  });

  it('gives up when only audio comes for long', () => {
    const cache = new GopCache(0);
    cache.push(unit('video', 0, true));
    for (let index = 0; index < 115; index++) cache.push(unit('audio', index));
    expect(cache.units).toHaveLength(116);
    cache.push(unit('audio', 115));
    expect(cache.units).toEqual([]);
  });
});
