import { expect, test } from 'vitest';
import { latency } from './kpi-rows-latency.js';
import type { Sight } from './sight.js';
import type { View } from './view.js';

test('latencies of which no uncertainty of the clocks was reported at all are no data', () => {
  const view = {
    count: (name: string) => (name === 'played_ms' ? 20_000 : 0),
    spread: (name: string) =>
      name === 'latency_ms'
        ? { count: 20, maxMs: 900, percentileMs: () => 900 }
        : { count: 0, percentileMs: () => undefined },
  } as unknown as View;
  expect(latency('flv', 3000).compute(view, view, {} as Sight).noData).toBe(
    'nothing was reported of how well the clocks are known',
  );
});

/** Viewers that play and wait for some seconds, of whom some report their latency each second of both. */
function crowd(...groups: readonly { known: boolean; viewers: number; playedS: number; stalledS: number }[]) {
  const sum = (of: (group: (typeof groups)[number]) => number) =>
    groups.reduce((all, group) => all + group.viewers * of(group), 0);
  const samples = sum(({ known, playedS, stalledS }) => (known ? playedS + stalledS : 0));
  const counts: Readonly<Record<string, number>> = {
    played_ms: sum(({ playedS }) => playedS) * 1000,
    stalled_ms: sum(({ stalledS }) => stalledS) * 1000,
  };
  const view = {
    count: (name: string) => counts[name] ?? 0,
    spread: (name: string) =>
      name === 'latency_ms'
        ? { count: samples, maxMs: 900, percentileMs: () => 900 }
        : {
            count: 0,
            maxMs: name === 'latency_uncertainty_ms' ? 1 : undefined,
            percentileMs: () => undefined,
          },
  } as unknown as View;
  return latency('flv', 3000).compute(view, view, {} as Sight).noData;
}

test.each([
  [{ known: true, viewers: 100, playedS: 60, stalledS: 0 }],
  // However long they wait.
  [{ known: true, viewers: 100, playedS: 10, stalledS: 50 }],
])('a latency that all know is judged', (group) => {
  expect(crowd(group)).toBeUndefined();
});

test.each([
  ['play all the time', 0, 70],
  ['wait for half of it', 30, 70],
])(
  'viewers that %s do not stand for the three of ten that know no capture time',
  (_how, stalledS, percent) => {
    const known = { known: true, viewers: 70, playedS: 60 - stalledS, stalledS };
    const unknown = { known: false, viewers: 30, playedS: 60, stalledS: 0 };
    expect(crowd(known, unknown)).toBe(`the capture time is known for ${percent} % of the time watched`);
  },
);
