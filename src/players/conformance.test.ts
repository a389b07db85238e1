import { describe, expect, it } from 'vitest';
import { playStory } from '../../test/support/story-world.js';
import { problemsOf } from './conformance.js';
import { FLV_CASES } from './conformance-flv.js';
import { HLS_CASES } from './conformance-hls.js';

describe.each([
  ['an HLS viewer', HLS_CASES],
  ['an FLV viewer', FLV_CASES],
] as const)('%s', (_, cases) => {
  it.each(cases)('case $number: $sentence', async (one) => {
    expect(await problemsOf(one, playStory)).toEqual([]);
  });
});
