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
