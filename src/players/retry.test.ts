import { describe, expect, it } from 'vitest';
import { HLS_JS_1_6 } from './profiles.js';
import { nextTickAtMs, retryDelayMs } from './retry.js';

describe('the retry rule', () => {
  it('tries a failing segment 1, 2, 4, 8, 8, 8 s later and then gives up', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6].map((n) =>
      retryDelayMs(HLS_JS_1_6.segmentPolicy, { kind: 'network' }, n),
    );
    expect(delays).toEqual([1000, 2000, 4000, 8000, 8000, 8000, undefined]);
  });

  it('repeats a timeout at once, a 5xx with a delay, and a 4xx never', () => {
    const policy = HLS_JS_1_6.playlistPolicy;
    expect(retryDelayMs(policy, { kind: 'timeout' }, 0)).toBe(0);
    expect(retryDelayMs(policy, { kind: 'timeout' }, 2)).toBeUndefined();
    expect(retryDelayMs(policy, { kind: 'http_status', status: 502 }, 1)).toBe(2000);
    expect(retryDelayMs(policy, { kind: 'http_status', status: 404 }, 0)).toBeUndefined();
  });

  it('is quantised to the ticks of the controller', () => {
    expect(nextTickAtMs(1001, 30, 100)).toBe(1030);
    expect(nextTickAtMs(1030, 30, 100)).toBe(1030);
    expect(nextTickAtMs(1031, 30, 100)).toBe(1130);
  });
});
