import { describe, expect, it } from 'vitest';
import { healthyRun, measure, session } from '../../test/support/measured.js';
import { recordOf } from '../../test/support/run-record.js';
import { conclude, type Ending } from './conclude.js';

const ended: Ending = { completed: true, workersDied: [], notes: [] };
const totals = measure(healthyRun());

describe('conclude', () => {
  it('gives the gate the last word when nothing outranks it', () => {
    const { summary, reason } = conclude(recordOf(), totals, ended);
    expect(summary).toMatchObject({ verdict: 'pass', exitCode: 0 });
    expect(reason).toMatch(/^PASS \(viewer, smoke\)/);
  });

  it.each([
    {
      name: 'a fault of ours',
      ending: { ...ended, ownFault: 'the stage died' },
      exitCode: 1,
      verdict: 'invalid',
    },
    { name: 'a full disk', ending: { ...ended, diskFault: 'cannot write' }, exitCode: 1, verdict: 'pass' },
    { name: 'a signal', ending: { ...ended, stoppedBy: 'SIGINT' }, exitCode: 105, verdict: 'pass' },
    { name: 'no end at all', ending: { ...ended, completed: false }, exitCode: 105, verdict: 'pass' },
    {
      name: 'a fault before a signal',
      ending: { ...ended, ownFault: 'the stage died', stoppedBy: 'SIGINT' },
      exitCode: 1,
      verdict: 'invalid',
    },
  ])('$name outranks the verdict: $exitCode', ({ ending, exitCode, verdict }) => {
    const { summary, reason } = conclude(recordOf(), totals, ending);
    expect(summary).toMatchObject({ exitCode, verdict });
    expect(reason).toContain('measured until then');
  });

  it('is invalid with a dead worker, and says which viewers it took along', () => {
    const workersDied = [{ worker: 1, vus: 25, reason: 'out of memory' }];
    const { summary, reason } = conclude(recordOf(), totals, { ...ended, workersDied });
    expect(summary).toMatchObject({ verdict: 'invalid', exitCode: 111 });
    expect(summary.notes).toContain('worker 1 died with 25 VUs: out of memory');
    expect(reason).toContain('died');
  });

  it('does not blame the platform for a viewer that fell over our own code', () => {
    const events = [...healthyRun(), session({ kind: 'vu_lost', reason: 'internal' })];
    const { summary, reason } = conclude(recordOf(), measure(events), ended);
    expect(summary).toMatchObject({ verdict: 'invalid', exitCode: 1 });
    expect(reason).toContain('1 viewers were lost to faults of our own');
  });

  it('says how many rows the run was too small for', () => {
    const record = recordOf({ exempt: { api_write_p95: 'too small', api_read_p99: 'too small' } });
    const reads = measure(healthyRun().filter((event) => event.kind !== 'api_call' || !event.write));
    expect(conclude(record, reads, ended).summary.notes).toEqual([
      'this run is too small or too short for 1 of the rows of its profile',
    ]);
    expect(conclude(record, totals, ended).summary.notes).toEqual([]);
  });
});
