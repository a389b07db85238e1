import { expect, test } from 'vitest';
import { HOLD_MS, healthyRun, measure, player, session } from '../../test/support/measured.js';
import { createTotals } from '../stats/merge.js';
import { formatProgress } from './progress.js';

const AT = { phase: 'hold', elapsedMs: 25_000, totalMs: 60_000, plannedVus: 50 };

test('a line of progress says where the run stands', () => {
  const events = [
    ...healthyRun(),
    player('hls', { kind: 'rebuffer_started', startedAtMs: HOLD_MS }),
    player('hls', { kind: 'rebuffer_started', startedAtMs: HOLD_MS }),
    player('hls', { kind: 'rebuffer_ended', startedAtMs: HOLD_MS, durationMs: 300, cutOff: false }),
    player('hls', { kind: 'start_failed', reason: 'stopped' }),
    session({ kind: 'join_lost', namespace: '/chat' }),
  ];
  const totals = measure(events, (recorder) => {
    recorder.gauge('vus_watching_count', 48);
    recorder.observe('event_loop_delay_ms', 7, HOLD_MS);
  });
  expect(formatProgress({ ...AT, totals })).toBe(
    'hold 0:25 left 0:35 | 48/50 watching | first 300 ms | rebuffering 1 | lag flv 1.5 s hls 1.5 s | chat 17 ms | err 1 | loop 7 ms',
  );
});

test('before anything is measured, what is unknown is a dash', () => {
  expect(formatProgress({ ...AT, totals: createTotals() })).toBe(
    'hold 0:25 left 0:35 | 0/50 watching | first - | rebuffering 0 | lag flv - hls - | chat - | err 0 | loop -',
  );
});
