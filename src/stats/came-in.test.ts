import { describe, expect, it } from 'vitest';
import { createRng } from '../rng.js';
import { CameIn, type Share } from './came-in.js';
import { KPI_IDS, KPIS } from './kpis.js';
import type { MetricName } from './metrics.js';
import type { Sight } from './sight.js';
import { keyOf, SLOTS, type Slot } from './slots.js';

const NO_SIGHT = {} as Sight;

const keyOfCount = (name: MetricName): string =>
  keyOf(SLOTS.find(({ metric }) => metric === name) as Slot, 'hold');

/** Stretches in which so many viewers began and so many had come in: share and number of each. */
function shares(...stretches: readonly (readonly [began: number, came: number])[]) {
  const came = new CameIn(KPIS.viewers_joined);
  for (const [began, joined] of stretches) {
    const counters = [
      [keyOfCount('vu_started_count'), began],
      [keyOfCount('vu_joined_count'), joined],
    ] as const;
    came.add(counters, NO_SIGHT);
  }
  return came.shares().map(({ value, samples }) => [value && Math.round(value * 10) / 10, samples]);
}

describe('what comes in later, over time', () => {
  it('is whole where all came in at last, however the borders of the stretches fell', () => {
    expect(shares([6, 4], [6, 6], [6, 2], [2, 8])).toEqual([
      [100, 6],
      [100, 6],
      [100, 6],
      [100, 2],
    ]);
  });

  it('is short where those began that never came in, while others come and go on coming', () => {
    expect(shares([10, 10], [10, 7], [10, 9], [10, 10], [0, 1])).toEqual([
      [100, 10],
      [70, 10],
      [100, 10],
      [100, 10],
      [undefined, 0],
    ]);
  });

  it('comes to what the row says of the whole run', () => {
    const found = shares([10, 8], [20, 19], [5, 3]);
    const came = found.reduce(
      (sum, [value = 0, samples = 0]) => sum + (Number(value) / 100) * Number(samples),
      0,
    );
    expect(came).toBeCloseTo(30);
  });

  it('is nothing where nobody came in, and says nothing of a stretch in which nobody began', () => {
    expect(shares([4, 0], [0, 0], [4, 0])).toEqual([
      [0, 4],
      [undefined, 0],
      [0, 4],
    ]);
  });

  it('is for the rows in which a share of beginnings is counted when they end', () => {
    const later = KPI_IDS.filter((id) => KPIS[id].comesLater);
    expect(later).toEqual([
      ...['stream_start_success', 'viewers_joined', 'join_root', 'join_chat', 'join_streaming'],
      ...['chat_delivery_ratio', 'chat_burst_delivery', 'spike_start_success'],
    ]);
  });

  it('says the same of stretches that are held no more, once what was on the way has come', () => {
    const rng = createRng(3, 'came');
    const draw = (most: number): number => Math.floor(rng.next() * most);
    let onTheWay = 0;
    const whole = new CameIn(KPIS.viewers_joined);
    const settling = new CameIn(KPIS.viewers_joined);
    const settled: Share[] = [];
    for (let stretch = 0; stretch < 300; stretch++) {
      const began = draw(10);
      // One in ten never comes; the others within the stretch or the next one.
      const failed = began > 0 && rng.next() < 0.1 ? 1 : 0;
      const late = draw(began - failed + 1);
      const came = onTheWay + began - failed - late;
      onTheWay = late;
      const counters = [
        [keyOfCount('vu_started_count'), began],
        [keyOfCount('vu_joined_count'), came],
      ] as const;
      for (const one of [whole, settling]) one.add(counters, NO_SIGHT);
      if (settling.length === 40) settled.push(...settling.settle(20));
    }
    expect(settling.length).toBeLessThan(40);
    const rounded = (list: readonly Share[]) =>
      list.map(({ value, samples }) => [value && Math.round(value * 1000), samples]);
    expect(rounded([...settled, ...settling.shares()])).toEqual(rounded(whole.shares()));
  });
});
