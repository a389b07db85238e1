import { describe, expect, test } from 'vitest';
import { LongCrowd, NO_TROUBLE, type Trouble } from '../support/long-crowd.js';
import { HOUR_MS, heldBytes, LongRun } from '../support/long-run.js';

/** Six hours of viewers that are but what they report: recorder, ticks, merge and gate are the real ones. */
async function soak(vus: number, trouble: Trouble) {
  const run = new LongRun({ profile: 'soak', vus: `${vus}` });
  const crowd = new LongCrowd(run, trouble);
  const hours: { heldBytes: number; tickBytes: number }[] = [];
  for (let hour = 1; hour <= 5; hour++) {
    const before = run.tickBytes;
    await crowd.runTo(hour * HOUR_MS);
    hours.push({ heldBytes: heldBytes(), tickBytes: run.tickBytes - before });
  }
  await crowd.end();
  const { summary } = run.conclude();
  const rows = (status: string) => summary.kpis.flatMap((row) => (row.status === status ? [row.id] : []));
  return { run, given: crowd.given, hours, summary, rows };
}

describe('a soak of six hours, as samples', () => {
  test('with 300 viewers passes, loses no sample, and holds and writes no more in hour 5 than in hour 2', {
    timeout: 300_000,
  }, async () => {
    const { given, hours, summary, rows } = await soak(300, NO_TROUBLE);
    expect([summary.verdict, summary.invalidReasons, rows('fail'), rows('no_data')]).toEqual([
      'pass',
      [],
      [],
      [],
    ]);
    const { metrics } = summary;
    expect(metrics.latency_ms?.count).toBe(given.latency);
    expect(metrics.chat_delivered_count).toMatchObject({ total: given.delivered });
    expect(metrics.api_read_since_due_ms?.count).toBe(given.reads);
    expect(metrics.played_ms).toMatchObject({ total: given.playedMs });
    const [, second, , , fifth] = hours;
    expect((fifth?.heldBytes ?? 0) - (second?.heldBytes ?? 0)).toBeLessThan(2e6);
    expect((fifth?.tickBytes ?? 0) / (second?.tickBytes ?? 0)).toBeCloseTo(1, 1);
  });

  test('fails by the worst five minutes and tells of the slower API, where reads slow down by a quarter and hour 5 has ten bad minutes', {
    timeout: 300_000,
  }, async () => {
    const fromMs = 4.5 * HOUR_MS;
    const { given, summary, rows } = await soak(60, {
      apiMs: (atMs) => 60 * (1 + (0.25 * atMs) / (6 * HOUR_MS)),
      rebuffers: (atMs) => (atMs >= fromMs && atMs < fromMs + 600_000 ? 0.2 : 0),
    });
    expect([summary.verdict, rows('fail').sort()]).toEqual([
      'fail',
      ['api_read_growth', 'rebuffer_sustained'],
    ]);
    expect(summary.metrics.rebuffer_count).toMatchObject({ total: given.rebuffers });
    expect(given.rebuffers).toBeGreaterThan(0);
  });
});
