import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { KPI_IDS } from '../stats/kpis.js';
import { METRIC_NAMES } from '../stats/metrics.js';
import { printedFiles } from './docs.js';

const files = printedFiles();

describe('printed files', () => {
  test.each(Object.keys(files))(
    '%s is what the tables say: else run `node dist/report/print-docs.js`',
    (path) => {
      expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(files[path]);
    },
  );

  test('every row of the gate and every metric is in them', () => {
    expect(KPI_IDS.filter((id) => !files['docs/kpi.md']?.includes(`| \`${id}\` |`))).toEqual([]);
    expect(METRIC_NAMES.filter((name) => !files['docs/metrics.md']?.includes(`| \`${name}\` |`))).toEqual([]);
  });
});
