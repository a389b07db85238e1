import { describe, expect, it } from 'vitest';
import { healthyRun, player, times } from '../../test/support/measured.js';
import { summaryOf } from '../../test/support/summaries.js';

describe('sources of capture times', () => {
  const dated = times(30, (i) =>
    player('hls', { kind: 'latency', latencyMs: 2500, source: 'pdt' }, 12_000 + i * 1000),
  );

  it('are named with what each says, where there are several', () => {
    const notes = summaryOf([...healthyRun(), ...dated]).notes.join('\n');
    expect(notes).toMatch(
      /HLS capture times came from 2 sources \(stamp p95 1500 ms of \d+, pdt p95 2500 ms of 30\)/,
    );
    expect(notes).not.toContain('FLV capture times');
  });

  it('need no words where there is one', () => {
    expect(summaryOf(healthyRun()).notes.join('\n')).not.toContain('capture times');
  });
});
