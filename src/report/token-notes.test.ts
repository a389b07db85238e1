import { describe, expect, it } from 'vitest';
import { healthyRun, session, times } from '../../test/support/measured.js';
import { summaryOf } from '../../test/support/summaries.js';
import type { SessionEvent, ViewerEvent } from '../events.js';
import { formatSummary } from './terminal.js';

type Refresh = Extract<SessionEvent, { kind: 'token_refresh' }>;

function refresh(outcome: Refresh['outcome']): ViewerEvent {
  return session({ kind: 'token_refresh', cause: 'timer', outcome, durationMs: 30 });
}

describe('what became of the sign-ins', () => {
  it('is not spoken of when every token was renewed', () => {
    const summary = summaryOf([...healthyRun(), refresh('ok'), refresh('minted')]);
    expect(summary.notes).toEqual(summaryOf(healthyRun()).notes);
    expect(summary.metrics.token_refresh_count).toMatchObject({ total: 2, parts: { ok: 1, minted: 1 } });
  });

  it('is said in the summary and at its end in the terminal, apart from faults of the server', () => {
    const events = [...times(3, () => refresh('refused')), refresh('no_token'), refresh('failed')];
    const summary = summaryOf([...healthyRun(), ...events]);
    expect(summary.notes.join('\n')).toMatch(
      /refused to renew the token of 3 viewers[\s\S]*1 viewer got a 401 and had no refresh token[\s\S]*1 try to renew/,
    );
    expect(formatSummary(summary, { color: false }).replaceAll(/\n\s+/g, ' ')).toContain(
      'note: the platform refused to renew the token of 3 viewers: they were signed out',
    );
    const faults = summary.kpis.find(({ id }) => id === 'api_5xx_rate');
    expect(faults?.status).toBe('pass');
  });
});
