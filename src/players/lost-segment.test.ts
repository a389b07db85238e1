import { describe, expect, it } from 'vitest';
import { afterFailure } from './lost-segment.js';
import { HLS_JS_1_7 } from './page-profiles.js';
import { HLS_JS_1_6 } from './profiles.js';

const NOT_FOUND = { kind: 'http_status', status: 404 } as const;
const BROKEN = { kind: 'network' } as const;

describe('a segment that does not come', () => {
  it('is a gap at once after a 4xx or a broken connection, newest or not, in 1.6', () => {
    for (const failure of [NOT_FOUND, BROKEN])
      for (const isNewest of [true, false])
        expect(afterFailure(HLS_JS_1_6, failure, 0, isNewest)).toEqual({ kind: 'gap' });
  });

  it('is a gap in 1.7 only when newer ones are listed', () => {
    expect(afterFailure(HLS_JS_1_7, NOT_FOUND, 0, false)).toEqual({ kind: 'gap' });
    expect(afterFailure(HLS_JS_1_7, NOT_FOUND, 0, true)).toEqual({ kind: 'retry', delayMs: 1000 });
  });

  it('climbs the whole ladder in 1.7 while it stays the newest, and then is fatal', () => {
    const ladder = [0, 1, 2, 3, 4, 5, 6].map((n) => afterFailure(HLS_JS_1_7, BROKEN, n, true));
    expect(ladder.map((next) => (next.kind === 'retry' ? next.delayMs : next.kind))).toEqual([
      1000,
      2000,
      4000,
      8000,
      8000,
      8000,
      'fatal',
    ]);
  });

  it('is tried again after a 5xx or a timeout by either, and never fatal in 1.6', () => {
    for (const profile of [HLS_JS_1_6, HLS_JS_1_7]) {
      expect(afterFailure(profile, { kind: 'http_status', status: 503 }, 2, true)).toEqual({
        kind: 'retry',
        delayMs: 4000,
      });
      expect(afterFailure(profile, { kind: 'timeout' }, 0, false)).toEqual({ kind: 'retry', delayMs: 0 });
    }
    expect(afterFailure(HLS_JS_1_6, { kind: 'timeout' }, 9, true)).toEqual({ kind: 'gap' });
  });
});
