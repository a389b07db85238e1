import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.js';
import { resolveStageFlags } from './stage-flags.js';

describe('the bitrate of the stage', () => {
  it.each(['100k', '2.6M', '100M'])('%s is one that a stream has', (bitrate) => {
    expect(resolveStageFlags({ bitrate })).toMatchObject({ bitsPerS: expect.any(Number) });
  });

  it.each(['5', '99k', '101M', '2.6G', ''])('%j is refused', (bitrate) => {
    expect(() => resolveStageFlags({ bitrate })).toThrow(ConfigError);
  });
});
