import { describe, expect, it } from 'vitest';
import { createClock, type TimeSources } from './seams-node.js';

function fakeTime(): TimeSources & { wall: number; mono: number } {
  return {
    wall: 1000,
    mono: 1000,
    wallEpochMs() {
      return Math.floor(this.wall);
    },
    monotonicEpochMs() {
      return this.mono;
    },
  };
}

describe('createClock', () => {
  it('reads 0 at the start of the run and is negative before it', () => {
    const time = fakeTime();
    const clock = createClock(1500, time);
    expect(clock.nowMs()).toBe(-500);
    time.mono = 1500;
    expect(clock.nowMs()).toBe(0);
    time.mono = 1750.25;
    expect(clock.nowMs()).toBe(250.25);
    expect(clock.epochMs()).toBe(1750.25);
  });

  it('reads another clock once it is led, while run time goes on as it was', () => {
    const time = fakeTime();
    const clock = createClock(1000, time);
    time.mono = 2000;
    clock.follow(-250);
    expect([clock.epochMs(), clock.nowMs()]).toEqual([1750, 1000]);
    clock.follow(30.5);
    expect([clock.epochMs(), clock.nowMs()]).toEqual([2030.5, 1000]);
  });

  it('does not follow a step of the wall clock, and tells how large the step was', () => {
    const time = fakeTime();
    const clock = createClock(1000, time);
    time.mono += 60_000;
    time.wall += 60_000;
    expect(Math.abs(clock.clockJumpMs())).toBeLessThanOrEqual(1);
    time.wall -= 3_600_000;
    expect(clock.nowMs()).toBe(60_000);
    expect(clock.clockJumpMs()).toBeCloseTo(-3_600_000, -1);
    time.wall += 3_605_000;
    expect(clock.clockJumpMs()).toBeCloseTo(5000, -1);
  });

  it('never calls early, also when the timer of the platform does', async () => {
    const time = fakeTime();
    const clock = createClock(1000, time);
    let calledAtMs: number | undefined;
    const called = new Promise<void>((resolve) => {
      clock.after(5, () => {
        calledAtMs = clock.nowMs();
        resolve();
      });
    });
    // The fake time moves 2 ms each time somebody looks: the first platform timer is too early by 1 ms or more.
    const original = time.monotonicEpochMs.bind(time);
    time.monotonicEpochMs = () => {
      time.mono += 2;
      return original();
    };
    await called;
    expect(calledAtMs).toBeGreaterThanOrEqual(5);
  });

  it('calls nothing that was cancelled, and cancelling twice does nothing', async () => {
    const clock = createClock(performance.timeOrigin);
    let calls = 0;
    const cancel = clock.after(0, () => calls++);
    cancel();
    cancel();
    await new Promise<void>((resolve) => clock.after(3, resolve));
    expect(calls).toBe(0);
  });

  it('waits for delays beyond the limit of setTimeout instead of calling at once', async () => {
    const clock = createClock(performance.timeOrigin);
    let calls = 0;
    const cancel = clock.after(2 ** 40, () => calls++);
    await new Promise<void>((resolve) => clock.after(3, resolve));
    expect(calls).toBe(0);
    cancel();
  });

  it('treats a negative delay as none and refuses one that is not a number', async () => {
    const clock = createClock(performance.timeOrigin);
    await new Promise<void>((resolve) => clock.after(-5, resolve));
    expect(() => clock.after(Number.NaN, () => undefined)).toThrow(RangeError);
    expect(() => createClock(Number.NaN)).toThrow(RangeError);
  });

  it('agrees with the wall clock of this machine', () => {
    const clock = createClock(performance.timeOrigin);
    const readings = Array.from({ length: 20 }, () => Math.abs(Date.now() - clock.epochMs()));
    expect(Math.min(...readings)).toBeLessThan(1000);
    expect(clock.nowMs()).toBeGreaterThan(0);
  });
});
