import { describe, expect, it } from 'vitest';
import { healthyRun, session, times } from '../../test/support/measured.js';
import { summaryOf } from '../../test/support/summaries.js';
import type { ApiOutcome, ViewerEvent } from '../events.js';

function call(outcome: ApiOutcome): ViewerEvent {
  return session({
    kind: 'api_call',
    call: 'products',
    write: false,
    outcome,
    status: 503,
    durationMs: 5,
    sinceDueMs: 5,
  });
}

function notesAfter(outcome: ApiOutcome, count: number): string {
  return summaryOf([...healthyRun(), ...times(count, () => call(outcome))]).notes.join('\n');
}

describe('limits of a proxy', () => {
  it('are named, with what helps against them', () => {
    expect(notesAfter('proxy_limit', 7)).toMatch(/7 calls were turned away with 503 by a proxy.*--local-ips/);
    expect(notesAfter('proxy_limit', 1)).toContain('1 call was turned away');
  });

  it.each(['server_fault', 'throttled', 'ok'] as const)('are not seen in %s', (outcome) => {
    expect(notesAfter(outcome, 7)).not.toContain('proxy');
  });
});
