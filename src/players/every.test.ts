import { expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { every } from './every.js';

it('calls on a grid from the given instant on until it is cancelled', async () => {
  const clock = new VirtualClock();
  const at: number[] = [];
  await clock.run(30);
  const cancel = every(clock, 50, 100, () => at.push(clock.nowMs()));
  await clock.run(350);
  cancel();
  await clock.run(300);
  expect(at).toEqual([150, 250, 350]);
});

it('a cancel from within the call is the end', async () => {
  const clock = new VirtualClock();
  let calls = 0;
  const cancel = every(clock, 0, 100, () => {
    calls += 1;
    cancel();
  });
  await clock.run(1000);
  expect(calls).toBe(1);
});
