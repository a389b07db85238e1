import { describe, expect, it } from 'vitest';
import { machineSpeed } from './calibrate.js';

/** A clock that goes on by `stepMs` at each look. */
function clockOf(stepMs: () => number): () => number {
  let nowMs = 0;
  return () => {
    nowMs += stepMs();
    return nowMs;
  };
}

describe('how fast a machine is', () => {
  it('goes by its fastest round: what others take from it now and then does not count', async () => {
    let looks = 0;
    const disturbed = await machineSpeed(clockOf(() => (++looks % 7 === 0 ? 20 : 0.575)));
    const quiet = await machineSpeed(clockOf(() => 0.575));
    expect(disturbed).toBeCloseTo(quiet, 5);
  });

  it.each([
    ['a machine that is much faster', 0.1, 4],
    ['a machine that is stopped all the time', 300, 0.25],
  ])('is bounded for %s', async (_, stepMs, speed) => {
    expect(await machineSpeed(clockOf(() => stepMs))).toBe(speed);
  });

  it('can be found out here', async () => {
    const speed = await machineSpeed();
    expect(speed).toBeGreaterThanOrEqual(0.25);
    expect(speed).toBeLessThanOrEqual(4);
  });
});
