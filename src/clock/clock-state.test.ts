import { expect, test } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { checkClockState, FollowedClock } from './clock-state.js';

test('the same clock needs no offset and is certain', () => {
  const clock = new FollowedClock(() => 0, { kind: 'same', servers: true });
  expect([clock.offsetMs(), clock.uncertaintyMs(), clock.coversServers]).toEqual([0, 0, true]);
});

test('an unknown clock has no uncertainty that could be small enough', () => {
  const clock = new FollowedClock(() => 0, { kind: 'unknown' });
  expect([clock.offsetMs(), clock.uncertaintyMs(), clock.coversServers]).toEqual([0, undefined, false]);
});

test('between two readings the uncertainty grows, and a new reading takes it down', () => {
  const time = new VirtualClock();
  const reading = { offsetMs: -40, uncertaintyMs: 1, atEpochMs: time.epochMs() };
  const clock = new FollowedClock(() => time.epochMs(), { kind: 'measured', reading });
  expect(clock.uncertaintyMs()).toBe(1);
  time.advance(20_000);
  expect(clock.uncertaintyMs()).toBe(11);
  clock.set({ kind: 'measured', reading: { ...reading, offsetMs: -41, atEpochMs: time.epochMs() } });
  expect([clock.offsetMs(), clock.uncertaintyMs(), clock.coversServers]).toEqual([-41, 1, false]);
});

test.each([
  undefined,
  null,
  'same',
  {},
  { kind: 'same' },
  { kind: 'measured' },
  { kind: 'measured', reading: { offsetMs: Number.NaN, uncertaintyMs: 1, atEpochMs: 1 } },
  { kind: 'measured', reading: { offsetMs: 1, uncertaintyMs: -1, atEpochMs: 1 } },
  { kind: 'measured', reading: { offsetMs: 1, uncertaintyMs: 1 } },
])('what is no state of a clock is refused: %j', (value) => {
  expect(() => checkClockState(value)).toThrow(/not the state of a clock/);
});

test('each state passes its check', () => {
  const reading = { offsetMs: 1, uncertaintyMs: 2, atEpochMs: 3 };
  for (const state of [
    { kind: 'unknown' },
    { kind: 'same', servers: false },
    { kind: 'measured', reading },
  ]) {
    expect(checkClockState(state)).toEqual(state);
  }
});
