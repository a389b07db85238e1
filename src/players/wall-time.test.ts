import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WallTime } from './wall-time.js';

const sum = (shares: object) => Object.values(shares).reduce((total: number, ms: number) => total + ms, 0);

describe('the time of a session', () => {
  it('goes into joining until a turn, then into what is turned to', () => {
    const wall = new WallTime();
    wall.begin(100);
    wall.turn('played', 400);
    expect(wall.take(1000)).toMatchObject({ joining: 300, played: 600 });
    expect(sum(wall.take(1000))).toBe(0);
  });

  it('holds an undecided wait back until it is decided', () => {
    const wall = new WallTime();
    wall.begin(0);
    wall.turn('played', 0);
    wall.turn('undecided', 950);
    expect(wall.take(1000)).toMatchObject({ played: 950, stalled: 0 });
    wall.decide('stalled');
    expect(wall.take(2000)).toMatchObject({ stalled: 1050 });
    wall.turn('played', 2100);
    expect(wall.take(2200)).toMatchObject({ stalled: 100, played: 100 });
  });

  it('gives a turn that lies ahead its time only when that has come, and forgets it when another comes first', () => {
    const wall = new WallTime();
    wall.begin(0);
    wall.turn('played', 0);
    wall.turn('undecided', 1000);
    wall.turn('played', 1500, 'stalled');
    expect(wall.take(1200)).toMatchObject({ played: 1000, stalled: 200 });
    wall.turn('undecided', 1400);
    wall.turn('played', 1450, 'seeking');
    expect(wall.take(2000)).toMatchObject({ stalled: 200, seeking: 50, played: 550 });
  });

  it('is given out once and whole, however it is turned and sampled', () => {
    const step = fc.record({
      kind: fc.constantFrom('played', 'undecided', 'ended', 'stalled'),
      afterMs: fc.double({ min: 0, max: 500, noNaN: true }),
      aheadMs: fc.constantFrom(0, 0, 5, 40),
      sample: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const wall = new WallTime();
        wall.begin(0);
        let nowMs = 0;
        let given = 0;
        for (const { kind, afterMs, aheadMs, sample } of steps) {
          nowMs += afterMs;
          wall.turn(kind as 'played', nowMs + aheadMs, 'microWait');
          if (sample) given += sum(wall.take(nowMs));
        }
        wall.turn('ended', nowMs + 1000, 'stalled');
        expect(given + sum(wall.take(nowMs + 1000))).toBeCloseTo(nowMs + 1000, 6);
      }),
    );
  });
});
