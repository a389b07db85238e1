import { describe, expect, it } from 'vitest';
import { HOSTILE, hostile } from '../../test/support/hostile-summary.js';
import { passedSummary } from '../../test/support/passed-summary.js';
import { annotationLines } from './annotations.js';
import type { KpiSummary } from './summary-schema.js';

const good = passedSummary();
const all = (change: Partial<KpiSummary>) => good.kpis.map((row) => ({ ...row, ...change }));

describe('annotationLines', () => {
  it('says in one notice that all is well', () => {
    const lines = annotationLines(good);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^::notice title=PASS \(viewer%2C smoke\)::PASS \(viewer, smoke\): all \d+ judged mandatory rows/,
    );
  });

  it('has an error per mandatory row that is no pass, and a warning per advisory one', () => {
    const kpis = good.kpis.map((row, i) => ({
      ...row,
      status: i < 2 ? ('fail' as const) : row.status,
      mandatory: i !== 1,
      value: 1234,
    }));
    const lines = annotationLines({ ...good, verdict: 'fail', kpis });
    expect(lines.map((line) => line.slice(0, 9))).toEqual(['::error t', '::warning']);
    expect(lines[0]).toContain('title=First frame HTTP-FLV%2C p95::1234 ms, wanted <= 3000 ms');
  });

  it('shows ten of a level at most, the last of which names the rest', () => {
    const lines = annotationLines({
      ...good,
      verdict: 'fail',
      kpis: all({ status: 'fail', mandatory: true }),
    });
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toMatch(/^::error title=and \d+ more rows::.*; /);
  });

  it('blames no row of an invalid run', () => {
    const invalidReasons = [{ code: 'lagged_time', text: 'our own event loop held up 7 %' }];
    const kpis = all({ status: 'fail' });
    expect(annotationLines({ ...good, verdict: 'invalid', invalidReasons, kpis })).toEqual([
      '::error title=INVALID (viewer%2C smoke)::our own event loop held up 7 %25',
    ]);
  });

  it('says that a run was stopped although what it measured passed', () => {
    expect(annotationLines({ ...good, exitCode: 105 })[0]).toMatch(/^::error title=exit 105%3A/);
  });

  it('lets nobody else begin a command', () => {
    const summary = hostile({ ...good, verdict: 'fail', kpis: all({ status: 'no_data', mandatory: true }) });
    const lines = annotationLines(summary)
      .join('\n')
      .split(/\r?\n|\r/);
    expect(lines).toHaveLength(10);
    expect(lines.every((line) => line.startsWith('::error title='))).toBe(true);
    expect(HOSTILE).toContain('\n::error');
  });
});
