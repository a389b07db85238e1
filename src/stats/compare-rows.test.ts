import { describe, expect, test } from 'vitest';
import { contextOf, healthyRun, measure, PHASES } from '../../test/support/measured.js';
import { PERCENTILE_ROWS, spreadBehind } from './compare-rows.js';
import { judge } from './gate.js';
import { KPI_IDS, KPIS } from './kpis.js';

describe('the samples behind a row', () => {
  const totals = measure(healthyRun());
  const rows = judge(totals, contextOf()).rows.filter(
    ({ id, value }) => PERCENTILE_ROWS[id] && value !== undefined,
  );

  test.each(rows.map((row) => [row.id, row] as const))(
    'of %s have its percentile and its count',
    (id, row) => {
      const behind = spreadBehind(id, totals, PHASES);
      expect(behind?.spread.percentileMs(behind.percentile)).toBe(row.value);
      expect(behind?.spread.count).toBe(row.samples);
    },
  );

  test('are there for most of the rows of a good run', () => {
    expect(rows.length).toBeGreaterThan(6);
  });

  test('are known for every row that says that it is a p95 or p99 of spans', () => {
    const named = KPI_IDS.filter((id) => /_p9[59](_|$)/.test(id) && !id.endsWith('_growth'));
    for (const id of named) expect(PERCENTILE_ROWS[id] ?? KPIS[id].source, id).toBeDefined();
  });
});
