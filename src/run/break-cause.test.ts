import { describe, expect, it } from 'vitest';
import type { StepOutcome } from '../scenarios/escalation.js';
import { breakCause } from './break-cause.js';
import type { StepJudged } from './step-judgement.js';

/** A measurement of `vus` in which these rows failed, the most upstream first. */
function step(vus: number, failed: readonly string[] = [], outcome?: StepOutcome): StepJudged {
  const phase = { name: `step-${vus}`, role: 'step', fromMs: 0, toMs: 1 } as const;
  const planned = { vus, users: vus, byProtocol: { hls: vus, flv: 0 }, writes: true };
  return {
    span: { vus, fromVus: 0, phases: [phase, phase], planned, exempt: {} },
    outcome: outcome ?? (failed.length > 0 ? 'broke' : 'held'),
    failed: failed.map((id) => ({ id, words: `${id} at ${vus}` })),
    reason: '',
  };
}

describe('why a platform breaks', () => {
  it('is what failed both times', () => {
    const judged = [step(10), step(20, ['api_success']), step(20, ['api_success'])];
    expect(breakCause(judged, 20)?.row.id).toBe('api_success');
  });

  it('is no hiccup, though it lies upstream of what failed both times', () => {
    const judged = [step(20, ['ready_root', 'rebuffer_ratio']), step(20, ['rebuffer_ratio'])];
    expect(breakCause(judged, 20)).toEqual({ row: judged[1]?.failed[0], shownBy: judged[1] });
  });

  it('is what a higher level shows too, where of all viewers too few failed the second time', () => {
    const judged = [
      ...[step(1000, ['ready_root', 'viewers_lost']), step(775)],
      ...[step(806, ['ready_root', 'viewers_lost']), step(806, ['viewers_lost'])],
    ];
    expect(breakCause(judged, 806)).toEqual({ row: judged[2]?.failed[0], shownBy: judged[2] });
  });

  it('is what the next level above shows, where only viewers are missing', () => {
    const judged = [
      ...[step(1000, ['ready_root', 'viewers_lost']), step(850, ['stream_start_success', 'viewers_lost'])],
      ...[step(806, ['viewers_lost', 'viewers_joined']), step(806, ['viewers_lost'])],
    ];
    expect(breakCause(judged, 806)).toEqual({
      row: {
        id: 'stream_start_success',
        words: 'stream_start_success at 850 (at 850; here viewers_lost at 806)',
      },
      shownBy: judged[3],
    });
  });

  it('is no limit that only higher levels meet', () => {
    const judged = [
      step(1000, ['ready_root', 'api_success']),
      step(500, ['api_success']),
      step(500, ['api_success']),
    ];
    expect(breakCause(judged, 500)?.row.words).toBe('api_success at 500');
  });

  it('is what failed last when nothing failed twice, and a missing viewer when nothing says more', () => {
    expect(breakCause([step(20, ['ready_root']), step(20, ['api_success'])], 20)?.row.id).toBe('api_success');
    expect(breakCause([step(20, ['viewers_lost'])], 20)?.row.words).toBe('viewers_lost at 20');
  });

  it('is not known of a level that did not break', () => {
    expect(breakCause([step(10), step(20, [], 'generator')], 20)).toBeUndefined();
    expect(breakCause([], 20)).toBeUndefined();
  });
});
