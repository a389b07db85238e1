import { expect, test } from 'vitest';
import { api, contextOf, healthyRun, measure, times } from '../../test/support/measured.js';
import { recordOf } from '../../test/support/run-record.js';
import { resolveAbortOn } from '../config/abort-on.js';
import type { ConfigIssue } from '../errors.js';
import type { ViewerEvent } from '../events.js';
import { AbortWatch } from './abort-watch.js';
import { conclude } from './conclude.js';

const faults = times(40, () => ({ ...api(false), outcome: 'server_fault', status: 502 }) as ViewerEvent);
const good = measure(healthyRun());
const bad = measure([...healthyRun(), ...faults]);

test('a row that fails without a break for its delay ends the run; one that recovered begins anew', () => {
  const watch = new AbortWatch([{ id: 'api_success', afterMs: 30_000 }], contextOf());
  expect(watch.look(bad, 10_000)).toBeUndefined();
  expect(watch.look(bad, 39_000)).toBeUndefined();
  expect(watch.look(good, 39_500)).toBeUndefined();
  expect(watch.look(bad, 40_000)).toBeUndefined();
  expect(watch.look(bad, 69_999)).toBeUndefined();
  expect(watch.look(bad, 70_000)).toBe('api_success');
});

test('a row without data, or that passes, ends nothing', () => {
  const watch = new AbortWatch([{ id: 'api_success', afterMs: 0 }], contextOf());
  expect(watch.look(good, 1e6)).toBeUndefined();
  expect(watch.look(measure([]), 1e6)).toBeUndefined();
  expect(watch.look(bad, 1e6)).toBe('api_success');
});

test('a run cut short by a failing row ends as failed, and says what cut it short', () => {
  const stopped = { completed: true, workersDied: [], notes: [], stoppedBy: 'abort: api_success' };
  const failed = conclude(recordOf(), bad, stopped);
  expect(failed.summary).toMatchObject({
    verdict: 'fail',
    exitCode: 99,
    run: { stoppedBy: 'abort: api_success' },
  });
  expect(failed.summary.notes.join()).toContain('cut short by abort: api_success');
  // An advisory row may end a run, too; then nothing has failed.
  expect(conclude(recordOf(), good, stopped).summary).toMatchObject({ verdict: 'pass', exitCode: 105 });
});

test('rows and delays are read, and what is wrong is said', () => {
  const issues: ConfigIssue[] = [];
  expect(resolveAbortOn(['api_success:10s,rebuffer_ratio', 'viewers_lost:0s'], '1m', issues)).toEqual([
    { id: 'api_success', afterMs: 10_000 },
    { id: 'rebuffer_ratio', afterMs: 60_000 },
    { id: 'viewers_lost', afterMs: 0 },
  ]);
  expect(issues).toEqual([]);
  expect(resolveAbortOn(['rebuffer_ratio'], undefined, issues)).toEqual([
    { id: 'rebuffer_ratio', afterMs: 30_000 },
  ]);
  resolveAbortOn(['rebufer_ratio', 'api_success:soon'], 'x', issues);
  expect(issues.map(({ path }) => path)).toEqual(['--abort-after', '--abort-on', '--abort-on']);
});
