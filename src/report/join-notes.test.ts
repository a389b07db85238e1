import { describe, expect, it } from 'vitest';
import { healthyRun, session, times } from '../../test/support/measured.js';
import { summaryOf } from '../../test/support/summaries.js';
import type { Namespace } from '../seams.js';
import { formatSummary } from './terminal.js';

const lost = (namespace: Namespace) => session({ kind: 'join_lost', namespace });
const sent = (namespace: Namespace) => session({ kind: 'join_attempt', namespace });

describe('joins that were lost', () => {
  it('are not spoken of when there are none', () => {
    expect(summaryOf(healthyRun()).notes.join()).not.toContain('lost');
    expect(formatSummary(summaryOf(healthyRun()), { color: false })).not.toContain('join lost');
  });

  it('are named per namespace, in the notes and beside what was joined, and fail the row of their namespace', () => {
    const events = [...times(5, () => [sent('/'), lost('/')]).flat(), sent('/streaming'), lost('/streaming')];
    const summary = summaryOf([...healthyRun(), ...events]);
    expect(summary.notes.join()).toContain('6 joins lost (/ 5, /streaming 1)');
    const rows = ['join_root', 'join_chat', 'join_streaming'].map((id) =>
      summary.kpis.find((row) => row.id === id),
    );
    expect(rows.map((row) => row?.status)).toEqual(['fail', 'pass', 'fail']);
    expect(rows[0]?.beside).toMatchObject({ lost: 5, timedOut: 0 });
    expect(formatSummary(summary, { color: false })).toContain('join lost: root 5');
  });

  it('do not keep a viewer from being fully joined', () => {
    const summary = summaryOf([...healthyRun(), lost('/')]);
    expect(summary.kpis.find(({ id }) => id === 'viewers_joined')?.status).toBe('pass');
  });
});
