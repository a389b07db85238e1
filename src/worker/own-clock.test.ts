import { expect, test } from 'vitest';
import { DRIFT_MS_PER_S, FollowedClock } from '../clock/clock-state.js';
import { createClock } from '../seams-node.js';
import { OwnClockFollower } from './own-clock.js';

const START_MS = 1_800_000_000_000;

test('a thread reads the clock of the run, and its error grows with the age of the last word', () => {
  const time = { mono: START_MS, wallEpochMs: () => 0, monotonicEpochMs: () => time.mono };
  const clock = createClock(START_MS, time);
  const own = new OwnClockFollower(clock, { offsetMs: 120, uncertaintyMs: 3 });
  expect(clock.epochMs()).toBe(START_MS + 120);
  time.mono += 10_000;
  expect(own.errorMs()).toBeCloseTo(3 + 10 * DRIFT_MS_PER_S, 6);
  own.set({ offsetMs: 121, uncertaintyMs: 2 });
  expect(own.errorMs()).toBe(2);
  // A publisher on the coordinator's machine is known no better from here than that machine's clock.
  const publisher = new FollowedClock(
    () => clock.epochMs(),
    { kind: 'same', servers: true },
    () => own.errorMs(),
  );
  expect(publisher.uncertaintyMs()).toBe(2);
});

test('on the machine of the run itself there is nothing to follow and no error', () => {
  const clock = createClock(START_MS, { wallEpochMs: () => 0, monotonicEpochMs: () => START_MS + 5 });
  expect(new OwnClockFollower(clock).errorMs()).toBe(0);
  expect(clock.epochMs()).toBe(START_MS + 5);
});
