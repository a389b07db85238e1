import { describe, expect, it } from 'vitest';
import { Meter } from './meter.js';
import { closingLine } from './status.js';

/** A broadcast of `seconds` at 30 fps whose source moves `speed` seconds per second. */
function ran(seconds: number, speed: number): Meter {
  const meter = new Meter();
  meter.sample(0, 0);
  for (let s = 1; s <= seconds; s++) {
    meter.made(s * speed * 1e6);
    for (let n = 0; n < 30 * speed; n++) meter.stamped((n + 1) * 1000);
    meter.sample(s * 1000, s * 250_000);
  }
  return meter;
}

describe('Meter', () => {
  it('tells the rates of the last five seconds', () => {
    expect(ran(60, 1).rates()).toEqual({ fps: 30, bitsPerS: 2_000_000, speed: 1 });
    expect(ran(1, 1).rates()).toBeUndefined();
  });

  it('does not count the time before the first frame', () => {
    const meter = new Meter();
    for (let s = 0; s < 10; s++) meter.sample(s * 1000, 0);
    expect(meter.rates()).toBeUndefined();
    expect(meter.slowShare).toBe(0);
  });

  it('gives the median delay of the last frames', () => {
    const meter = new Meter();
    expect(meter.encoderDelayUs).toBeUndefined();
    for (let n = 0; n < 500; n++) meter.stamped(900_000);
    for (const delayUs of Array.from({ length: 91 }, (_, n) => n)) meter.stamped(delayUs);
    expect(meter.encoderDelayUs).toBe(45);
    expect(meter.frames).toBe(591);
  });

  it('says at the end whether the source kept up', () => {
    expect(closingLine(ran(60, 1))).toBe('1800 frames stamped');
    expect(closingLine(ran(60, 1.2))).toBe('2160 frames stamped');
    expect(closingLine(ran(60, 3))).toMatch(/the source ran ahead of time.*-re before the -i/);
    expect(closingLine(ran(60, 0.8))).toMatch(/for 98 % of the time the source did not keep up/);
  });
});
