import { expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { LiveStatus } from './live-status.js';
import { resolveStageOptions } from './stage-options.js';

function rig() {
  const clock = new VirtualClock({ startEpochMs: 0 });
  const endings: number[] = [];
  const { doneGraceMs } = resolveStageOptions({});
  const status = new LiveStatus(
    clock,
    () => doneGraceMs,
    () => endings.push(clock.nowMs()),
  );
  status.onPublish();
  clock.advance(10_000);
  return { clock, endings, status };
}

it('a stream ends 45 s after its unpublish, once', () => {
  const { clock, endings, status } = rig();
  status.onUnpublish();
  clock.advance(44_999);
  expect([status.live, endings]).toEqual([true, []]);
  clock.advance(600_000);
  expect([status.live, endings]).toEqual([false, [55_000]]);
  status.onPublish();
  expect([status.live, status.liveSinceEpochMs]).toEqual([true, clock.nowMs()]);
});

it('a publisher back within the grace ends nothing and has been live all along', () => {
  const { clock, endings, status } = rig();
  status.onUnpublish();
  clock.advance(5000);
  status.onPublish();
  clock.advance(600_000);
  expect([status.live, status.liveSinceEpochMs, endings, clock.pending]).toEqual([true, 0, [], 0]);
  status.onUnpublish();
  clock.advance(45_000);
  expect(endings).toHaveLength(1);
});
