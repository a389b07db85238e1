import { beforeEach, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { createPace } from './pace.js';

const NEVER = new Promise<never>(() => {});
let clock: VirtualClock;

beforeEach(() => {
  clock = new VirtualClock();
});

/** When each of `count` turns, all asked for at once, came. */
async function turnsOf(pace: ReturnType<typeof createPace>, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) void pace.turn().then(() => times.push(clock.nowMs()));
  await clock.run(120_000);
  return times;
}

it('lets everybody go at once where no pace is asked for', async () => {
  expect(await turnsOf(createPace(clock, 0, NEVER), 3)).toEqual([0, 0, 0]);
});

it('keeps the time between two turns, whoever asks', async () => {
  expect(await turnsOf(createPace(clock, 250, NEVER), 4)).toEqual([0, 250, 500, 750]);
});

it('pauses for all after a limit, longer each time in a row up to 30 s, and forgets it after a success', async () => {
  const pace = createPace(clock, 250, NEVER);
  const pauses: number[] = [];
  for (let i = 0; i < 7; i++) {
    const fromMs = clock.nowMs();
    pace.limited();
    // A second lane meets the same limit.
    pace.limited();
    const turn = pace.turn().then(() => pauses.push(clock.nowMs() - fromMs));
    await clock.run(40_000);
    await turn;
  }
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  pace.passed();
  pace.limited();
  const fromMs = clock.nowMs();
  void pace.turn().then(() => pauses.push(clock.nowMs() - fromMs));
  await clock.run(40_000);
  expect(pauses.at(-1)).toBe(1000);
});

it('keeps nobody waiting once it is over', async () => {
  let end = (): void => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const pace = createPace(clock, 250, over);
  pace.limited();
  let came = false;
  const turn = pace.turn().then(() => {
    came = true;
  });
  await clock.run(10);
  expect(came).toBe(false);
  end();
  await turn;
  expect([came, clock.pending]).toEqual([true, 0]);
});
