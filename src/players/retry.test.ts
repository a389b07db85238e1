import { describe, expect, it } from 'vitest';
import { HLS_JS_1_6 } from './profiles.js';
import { listRetryDelayMs, nextTickAtMs, retryDelayMs } from './retry.js';

describe('the retry rule', () => {
  it('tries a segment of a failing server 1, 2, 4, 8, 8, 8 s later and then gives up', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6].map((n) =>
      retryDelayMs(HLS_JS_1_6.segmentPolicy, { kind: 'http_status', status: 503 }, n),
    );
    expect(delays).toEqual([1000, 2000, 4000, 8000, 8000, 8000, undefined]);
  });

  it('repeats a timeout at once, a 5xx with a delay, and a 4xx or a broken connection never', () => {
    const policy = HLS_JS_1_6.segmentPolicy;
    expect(retryDelayMs(policy, { kind: 'timeout' }, 3)).toBe(0);
    expect(retryDelayMs(policy, { kind: 'timeout' }, 4)).toBeUndefined();
    expect(retryDelayMs(policy, { kind: 'http_status', status: 502 }, 1)).toBe(2000);
    expect(retryDelayMs(policy, { kind: 'http_status', status: 404 }, 0)).toBeUndefined();
    expect(retryDelayMs(policy, { kind: 'network' }, 0)).toBeUndefined();
  });

  it('asks for a list again after any error, twice', () => {
    const policy = HLS_JS_1_6.playlistPolicy;
    for (const failure of [
      { kind: 'http_status', status: 404 },
      { kind: 'http_status', status: 502 },
      { kind: 'network' },
    ] as const) {
      expect([0, 1, 2].map((n) => listRetryDelayMs(policy, failure, n))).toEqual([1000, 2000, undefined]);
    }
    expect([0, 2].map((n) => listRetryDelayMs(policy, { kind: 'timeout' }, n))).toEqual([0, undefined]);
  });

  it('is quantised to the ticks of the controller', () => {
    expect(nextTickAtMs(1001, 30, 100)).toBe(1030);
    expect(nextTickAtMs(1030, 30, 100)).toBe(1030);
    expect(nextTickAtMs(1031, 30, 100)).toBe(1130);
  });
});
