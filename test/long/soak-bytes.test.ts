import { expect, test } from 'vitest';
import { HOUR_MS, heldBytes, LongRun } from '../support/long-run.js';
import { LongViewers } from '../support/long-viewers.js';

test('a soak with 20 viewers, byte by byte, passes, and holds and writes at its end what it did when it was warm', {
  timeout: 600_000,
}, async () => {
  // HLS costs twice what FLV does here: its lists and segments are read anew each second.
  const run = new LongRun({ profile: 'soak', vus: '20', mix: 'hls=30,flv=70', duration: '6h' });
  const world = new LongViewers(run);
  const hold = run.plan.phases.find(({ role }) => role === 'hold');
  const [fromMs, toMs] = [hold?.fromMs ?? 0, hold?.toMs ?? 0];
  const middleMs = fromMs + 0.4 * (toMs - fromMs);
  await world.clock.runTo(middleMs);
  const warm = { heldBytes: heldBytes(), tickBytes: run.tickBytes, pending: world.clock.pending };
  await world.clock.runTo(toMs);
  const perHour = (run.tickBytes - warm.tickBytes) / ((toMs - middleMs) / HOUR_MS);
  expect(world.viewers.census()).toMatchObject({
    ...{ joined: 20, watching: 20 },
    sessions: { '/': 20, '/chat': 20, '/streaming': 20 },
  });
  expect(heldBytes() - warm.heldBytes).toBeLessThan(3e6);
  expect(world.clock.pending).toBeLessThan(2 * warm.pending);
  expect(perHour / (warm.tickBytes / (middleMs / HOUR_MS))).toBeLessThan(1.3);

  await world.end(run.plan.totalMs);
  run.intake.end(world.clock.nowMs());
  expect(world.faults).toEqual([]);
  expect(world.hub.platform.sockets.size).toBe(0);
  expect(world.platform.flv.viewers.size).toBe(0);
  const { summary } = run.conclude();
  expect(summary.kpis.filter(({ status }) => status === 'fail')).toEqual([]);
  expect(summary.verdict).toBe('pass');
  expect(summary.vus).toMatchObject({ joined: 20, lost: 0 });
});
