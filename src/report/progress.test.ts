import { expect, test } from 'vitest';
import { liveState } from '../../test/support/live-state.js';
import { formatProgress } from './progress.js';

test('a line of progress says where the run stands', () => {
  expect(formatProgress(liveState())).toBe(
    'hold 0:25/1:00, 48/50 watching, 0 rebuffering, err 0, ok, flv 1.2 s, hls 4.1 s, ±0.4 ms, chat 12 ms',
  );
});

test('trouble stands in it', () => {
  const errors = [
    { words: 'API throttled', count: 31 },
    { words: 'chat lost', count: 1 },
  ];
  const generator = { ...liveState().generator, health: 'strained' as const };
  expect(formatProgress(liveState({ rebuffering: 7, frozen: 2, errors, generator }))).toBe(
    'hold 0:25/1:00, 48/50 watching, 7 rebuffering, 2 frozen, err 32, strained, flv 1.2 s, hls 4.1 s',
  );
});

test('boxes stand in it when one is late or lost', () => {
  const box = { host: 'h', cores: 2, vus: 4, wasLost: false };
  const here = { ...box, id: 'a', state: 'here' as const };
  expect(formatProgress(liveState({ boxes: [here] }))).not.toContain('boxes');
  const boxes = [
    here,
    { ...box, id: 'b', state: 'late' as const },
    { ...box, id: 'c', state: 'lost' as const },
  ];
  expect(formatProgress(liveState({ boxes }))).toMatch(
    /^hold 0:25\/1:00, 48\/50 watching, 2 of 3 boxes \(c lost, b late\), 0 rebuffering/,
  );
});

test('what is unknown is left out', () => {
  const unknown = { flv: undefined, hls: undefined };
  const early = {
    delayMs: unknown,
    clockUncertaintyMs: undefined,
    chatMs: undefined,
    firstFrameMs: { flv: 300, hls: undefined },
  };
  expect(formatProgress(liveState({ ...early, phase: 'ramp', elapsedMs: 5000 }))).toBe(
    'ramp 0:05/1:00, 48/50 watching, 0 rebuffering, err 0, ok, first flv 300 ms',
  );
});

test('a run that is told to leave says so', () => {
  expect(formatProgress(liveState({ leaving: 'SIGTERM' }))).toMatch(/^leaving 0:25\/1:00, /);
});

test('is never wider than 100 columns', () => {
  const huge = liveState({
    phase: '日本'.repeat(80),
    watching: 123_456_789,
    wanted: 1e15,
    rebuffering: 1e12,
  });
  expect(formatProgress(huge).length).toBeLessThanOrEqual(100);
  expect(
    formatProgress(liveState({ watching: 1e15, wanted: 1e15, rebuffering: 1e15 })).length,
  ).toBeLessThanOrEqual(100);
});
