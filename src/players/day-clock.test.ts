import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { captureEpochMsOf, resolveDayMs } from './day-clock.js';

const HOUR_MS = 3_600_000;
const NOON = Date.UTC(2026, 10, 22, 12);
const DAY_MS = 24 * HOUR_MS;

describe('a time of day', () => {
  it('is the instant nearest to now, in whatever zone the encoder lives', () => {
    const zone = fc.integer({ min: -24, max: 28 }).map((halfHours) => halfHours * 0.5 * HOUR_MS);
    const lateMs = fc.integer({ min: -4000, max: 59_000 });
    fc.assert(
      fc.property(
        fc.integer({ min: NOON - DAY_MS, max: NOON + DAY_MS }),
        zone,
        lateMs,
        (now, zoneMs, late) => {
          const captured = now - late;
          const dayMs = (((captured + zoneMs) % DAY_MS) + DAY_MS) % DAY_MS;
          expect(resolveDayMs(dayMs, now)).toBe(captured);
        },
      ),
    );
  });

  it('goes on over midnight', () => {
    const midnight = Date.UTC(2026, 10, 23);
    expect(resolveDayMs(DAY_MS - 500, midnight + 800)).toBe(midnight - 500);
    expect(resolveDayMs(200, midnight + 800)).toBe(midnight + 200);
  });

  it('is no time where nothing near now fits: a counter that began at zero', () => {
    expect(resolveDayMs(3 * 60_000, NOON + 10 * 60_000)).toBeUndefined();
    expect(resolveDayMs(12 * HOUR_MS + 6000, NOON)).toBeUndefined();
    expect(resolveDayMs(12 * HOUR_MS - 61_000, NOON)).toBeUndefined();
  });
});

describe('what a reader found', () => {
  const clock = new VirtualClock({ startEpochMs: NOON });

  it('is an instant, or a time of day that is resolved by when the picture came', () => {
    const seen = { captureEpochUs: 7_000_500, captureDayMs: 0 };
    expect(captureEpochMsOf({ ...seen, captureSource: 'obs' }, clock, 0)).toBe(7000.5);
    expect(captureEpochMsOf({ ...seen, captureSource: undefined }, clock, 0)).toBeUndefined();
    const timed = {
      captureSource: 'pic_timing',
      captureEpochUs: 0,
      captureDayMs: 12 * HOUR_MS - 900,
    } as const;
    expect(captureEpochMsOf(timed, clock, 0)).toBe(NOON - 900);
  });
});
