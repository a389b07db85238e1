import { describe, expect, test } from 'vitest';
import {
  api,
  player,
  recorderOf,
  reported,
  session,
  times,
  totalsOf,
  WATCHED,
} from '../../test/support/measured.js';
import type { ViewerEvent } from '../events.js';
import { createLagLog } from './lag.js';
import type { Totals } from './merge.js';
import type { Recorder } from './recorder.js';
import type { Tick } from './tick.js';
import { type GeneratorFacts, invalidReasons, laggedPercent } from './validity.js';

const FACTS: GeneratorFacts = { workersPlanned: 1, workersDied: 0, completed: true };

function codes(totals: Totals, facts: Partial<GeneratorFacts> = {}): string[] {
  return invalidReasons(totals, { ...FACTS, ...facts }).map(({ code }) => code);
}

/** Ticks of one worker that lived for `seconds`; `each` prepares the recorder before each tick. */
function ticksOf(
  seconds: number,
  each: (recorder: Recorder, second: number) => void = () => {},
  worker = 0,
): Tick[] {
  const recorder = recorderOf(worker);
  return times(seconds, (second) => {
    each(recorder, second);
    return recorder.takeTick((second + 1) * 1000, second === seconds - 1);
  }).flat();
}

const eventsOf = (events: readonly ViewerEvent[]): Totals =>
  totalsOf(
    ticksOf(1, (recorder) => {
      for (const event of events) recorder.on(reported(event));
    }),
  );

test('a generator that did well is believed', () => {
  expect(codes(totalsOf(ticksOf(60)))).toEqual([]);
});

describe('workers', () => {
  test('one that died', () => {
    expect(codes(totalsOf(ticksOf(60)), { workersDied: 1 })).toEqual(['worker_died']);
  });

  test('one that sent nothing at all, in a run that came to its end', () => {
    expect(codes(totalsOf(ticksOf(60)), { workersPlanned: 2 })).toEqual(['last_tick_missing']);
    expect(codes(totalsOf([]))).toEqual(['last_tick_missing']);
  });

  test('one without its last tick, unless the whole run was killed', () => {
    const cut = totalsOf(ticksOf(60).slice(0, -1));
    expect(codes(cut)).toEqual(['last_tick_missing']);
    expect(codes(cut, { completed: false })).toEqual([]);
  });

  test('one that went silent long before the others', () => {
    const both = (seconds: number) =>
      totalsOf([...ticksOf(60), ...ticksOf(60, () => {}, 1).slice(0, seconds)]);
    expect(codes(both(55), { workersPlanned: 2, completed: false })).toEqual([]);
    expect(codes(both(54), { workersPlanned: 2, completed: false })).toEqual(['worker_silent']);
  });

  test('one that ended by plan is not silent', () => {
    const both = totalsOf([...ticksOf(60), ...ticksOf(10, () => {}, 1)]);
    expect(codes(both, { workersPlanned: 2 })).toEqual([]);
  });

  test.each([0, 7, 58])('tick %i missing', (missing) => {
    expect(codes(totalsOf(ticksOf(60).filter(({ seq }) => seq !== missing)))).toEqual(['ticks_missing']);
  });
});

describe('clock and event loop', () => {
  test.each([
    [100, []],
    [101, ['clock_jumped']],
  ])('a clock that jumped by %i ms', (jumpMs, expected) => {
    const ticks = ticksOf(60, (recorder, second) =>
      recorder.gauge('clock_jump_ms', second === 30 ? jumpMs : 0),
    );
    expect(codes(totalsOf(ticks))).toEqual(expected);
  });

  test.each([
    [1, 500, []],
    [2, 50, []],
    [2, 52, ['event_loop_lag']],
  ])('%i of 100 wake-ups %i ms late', (late, delayMs, expected) => {
    const ticks = ticksOf(1, (recorder) => {
      for (let i = 0; i < 100; i++) recorder.observe('event_loop_delay_ms', i < late ? delayMs : 1, i * 10);
    });
    expect(codes(totalsOf(ticks))).toEqual(expected);
  });

  // 100 viewers with a picture for 60 s: 6000 s, of which 1 % is 60 s.
  test.each([
    [60_000, []],
    [61_000, ['lagged_time']],
  ])('%i ms of 6000 s of viewer-time touched by own lag', (laggedMs, expected) => {
    const ticks = ticksOf(60, (recorder, second) => {
      recorder.gauge('vus_watching_count', 100);
      recorder.on(reported(player('hls', { ...WATCHED, playedMs: 99_000 }, second * 1000)));
      if (second === 30) recorder.count('lagged_viewer_ms', laggedMs, 30_000);
    });
    expect(codes(totalsOf(ticks))).toEqual(expected);
  });

  // A platform that gives a picture to few is no slow generator: 2 of 100 watch, 20 of 6000 viewer-seconds are late.
  test('lag is a part of the time of all viewers, of those without a picture too', () => {
    const ticks = ticksOf(60, (recorder, second) => {
      recorder.gauge('vus_active_count', 100);
      recorder.gauge('vus_watching_count', 2);
      recorder.on(reported(player('hls', { ...WATCHED, playedMs: 2000 }, second * 1000)));
      if (second === 30) recorder.count('lagged_viewer_ms', 20_000, 30_000);
    });
    expect(codes(totalsOf(ticks))).toEqual([]);
  });

  test('a run that was over before it was sampled is late by no more than all of it', () => {
    expect(laggedPercent(5000, { activeMs: 400, watchingMs: 0 })).toBe(100);
    expect(laggedPercent(5000, { activeMs: 0, watchingMs: 0 })).toBeUndefined();
  });

  test('one hitch while the first viewers come is forgiven', () => {
    const ticks = ticksOf(3, (recorder) => {
      recorder.gauge('vus_watching_count', 2);
      recorder.count('lagged_viewer_ms', 300, 0);
    });
    expect(codes(totalsOf(ticks))).toEqual([]);
  });
});

describe('probes', () => {
  test('one refused sample is enough', () => {
    const nan = session({ kind: 'chat_echo', deliveryMs: Number.NaN, sinceDueMs: 1 });
    const [reason] = invalidReasons(eventsOf([nan]), FACTS);
    expect(reason).toEqual({
      code: 'refused_samples',
      text: '1 samples were no usable numbers: chat_echo_ms',
    });
  });

  test('a socket that this machine had no room for', () => {
    const ticks = ticksOf(3, (recorder, second) =>
      recorder.count('local_failure_count', second === 1 ? 7 : 0, second * 1000),
    );
    expect(invalidReasons(totalsOf(ticks), FACTS)).toEqual([
      { code: 'local_shortage', text: 'this machine had no descriptors, ports or memory for 7 sockets' },
    ]);
  });

  test('a socket that our own allow list did not let open: what failed for it is not the platform', () => {
    const ticks = ticksOf(3, (recorder, second) =>
      recorder.count('not_allowed_count', second === 1 ? 2 : 0, second * 1000),
    );
    const [reason, ...more] = invalidReasons(totalsOf(ticks), FACTS);
    expect(more).toEqual([]);
    expect(reason?.code).toBe('not_allowed');
    expect(reason?.text).toMatch(/^2 sockets were not opened: .*--allow-target/);
  });

  test('an account that was no good when it came: the users file is the operator’s, not the platform’s', () => {
    const refresh = { kind: 'token_refresh', atMs: 1, durationMs: 5, outcome: 'refused' } as const;
    expect(codes(eventsOf([{ ...refresh, cause: 'start' }]))).toEqual(['accounts_spent']);
    expect(codes(eventsOf([{ ...refresh, cause: 'timer' }]))).toEqual([]);
  });

  test('an event that nobody knows', () => {
    expect(codes(eventsOf([{ kind: 'x', atMs: 1 } as unknown as ViewerEvent]))).toEqual(['unknown_events']);
  });

  test.each([
    [71, []],
    [69, ['feed_lost']],
  ])('viewers with a picture that report %i % of their time', (percent, expected) => {
    const ticks = ticksOf(100, (recorder, second) => {
      recorder.gauge('vus_watching_count', 1);
      if (second < percent) recorder.on(reported(player('hls', WATCHED)));
    });
    expect(codes(totalsOf(ticks))).toEqual(expected);
  });

  test(`short waits and jumps are reports, too: a trickle is the platform's, no loss of ours`, () => {
    const trickle = { ...WATCHED, playedMs: 500, microWaitMs: 300, seekingMs: 200 };
    const ticks = ticksOf(100, (recorder) => {
      recorder.gauge('vus_watching_count', 1);
      recorder.on(reported(player('flv', trickle)));
    });
    expect(codes(totalsOf(ticks))).toEqual([]);
  });

  test.each([
    [1000, []],
    [1001, ['tainted_time']],
  ])('%i ms of 100 s watched that our own lag may have made', (durationMs, expected) => {
    const lag = createLagLog();
    lag.add(19_990, 20_100);
    const recorder = recorderOf(0, lag);
    for (const event of times(100, () => player('hls', WATCHED))) recorder.on(reported(event));
    const ended = { kind: 'rebuffer_ended', startedAtMs: 20_000, durationMs, cutOff: false } as const;
    recorder.on(reported(player('hls', ended)));
    expect(codes(totalsOf(recorder.takeTick(60_000, true)))).toEqual(expected);
  });
});

describe('late actions', () => {
  const late = (count: number) => times(count, () => session({ kind: 'action_late', lateMs: 80 }));
  test.each([
    [100, 5, []],
    [100, 6, ['late_actions']],
    [9, 9, []],
  ])('of %i actions %i late', (actions, count, expected) => {
    const half = Math.floor(actions / 2);
    const done = [
      ...times(half, () => api(false)),
      ...times(actions - half, () => session({ kind: 'chat_sent', expectedOthers: 0 })),
    ];
    expect(codes(eventsOf([...done, ...late(count)]))).toEqual(expected);
  });
});
