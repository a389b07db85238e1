import type { ViewerEvent } from '../../src/events.js';
import { buildSummary, type RunFacts, type Summary } from '../../src/report/summary.js';
import { type JudgeContext, judge } from '../../src/stats/gate.js';
import { contextOf, measure } from './measured.js';

export const RUN_FACTS: RunFacts = {
  id: '20260101T000000Z-smoke-abc123',
  profile: 'smoke',
  target: 'http://127.0.0.1:4000',
  seed: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  plannedMs: 60_000,
  version: '0.1.0',
  nodeVersion: 'v20.19.0',
  host: 'box',
  workers: 1,
};

/** The summary of a run that reported `events`. */
export function summaryOf(events: readonly ViewerEvent[], changes: Partial<JudgeContext> = {}): Summary {
  const totals = measure(events, (recorder) => {
    recorder.gauge('vus_watching_count', events.length === 0 ? 0 : 40);
    recorder.gauge('rss_bytes', 345_000_000);
    recorder.count('generator_cpu_ms', 4000, 20_000);
    recorder.observe('event_loop_delay_ms', 3, 20_000);
  });
  const context = contextOf(changes);
  return buildSummary({ verdict: judge(totals, context), totals, context, run: RUN_FACTS });
}
