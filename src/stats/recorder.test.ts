import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  HOLD_MS,
  measure,
  player,
  recorderOf,
  reported,
  session,
  times,
  totalsOf,
  WATCHED,
} from '../../test/support/measured.js';
import type { ViewerEvent } from '../events.js';
import { createRng } from '../rng.js';
import { createLagLog } from './lag.js';
import type { Recorder } from './recorder.js';
import type { Tick } from './tick.js';
import { encodeTick, MAX_TICK_BYTES } from './tick-codec.js';
import { createView } from './view.js';

function bytesOf(tick: Tick): number {
  return Buffer.byteLength(encodeTick(tick));
}

const startRebuffer = (startedAtMs: number): ViewerEvent =>
  player('flv', { kind: 'rebuffer_started', startedAtMs }, startedAtMs + 100);
const endRebuffer = (startedAtMs: number, durationMs: number): ViewerEvent =>
  player('flv', { kind: 'rebuffer_ended', startedAtMs, durationMs, cutOff: false }, startedAtMs + durationMs);

describe('the recorder', () => {
  test('keys are metric, phase, protocol and label', () => {
    const recorder = recorderOf();
    recorder.on(reported(player('flv', { kind: 'start_failed', reason: 'cut' }, 500)));
    recorder.on(reported(session({ kind: 'vu_started' })));
    const [tick] = recorder.takeTick(1000);
    expect(tick?.counters).toEqual({ 'start_failed_count|ramp|flv|cut': 1, 'vu_started_count|hold|-': 1 });
  });

  test('an event counts in the phase it belongs to, not in the one it is reported in', () => {
    const recorder = recorderOf();
    recorder.on(reported({ kind: 'chat_echo_lost', atMs: 56_000, phaseAtMs: 20_000 }));
    recorder.on(reported(player('flv', { kind: 'rebuffer_started', startedAtMs: 54_990 }, 55_090)));
    const [tick] = recorder.takeTick(57_000);
    expect(tick?.counters).toEqual({ 'chat_echo_lost_count|hold|-': 1, 'rebuffer_count|hold|flv': 1 });
  });

  test('played time is kept by the protocol now and by the protocol at join', () => {
    const recorder = recorderOf();
    recorder.on({ vuId: 1, joinProtocol: 'flv', event: player('hls', WATCHED) });
    const view = createView(totalsOf(recorder.takeTick(30_000, true)));
    expect(view.count('played_ms', { protocol: 'hls' })).toBe(1000);
    expect(view.count('played_ms', { protocol: 'flv' })).toBe(0);
    expect(view.count('played_by_join_ms', { protocol: 'flv' })).toBe(1000);
  });

  test('what the platform sends never becomes a key', () => {
    const strange = { kind: 'start_failed', reason: '|"}\n' } as unknown as {
      kind: 'start_failed';
      reason: 'cut';
    };
    const recorder = recorderOf();
    recorder.on(reported(player('flv', strange)));
    expect(recorder.takeTick(30_000)[0]?.counters).toEqual({ 'start_failed_count|hold|flv|other': 1 });
  });

  test.each([
    ['no known kind', { kind: 'constructor', atMs: 1 }],
    ['no known protocol', { kind: 'play_attempt', atMs: 1, protocol: 'dash' }],
    ['no protocol', { kind: 'play_attempt', atMs: 1 }],
  ])('an event with %s is counted as unknown and breaks nothing', (_, event) => {
    const view = createView(measure([event as unknown as ViewerEvent]));
    expect(view.count('unknown_event_count')).toBe(1);
    expect(view.count('play_attempt_count')).toBe(0);
  });

  test('a sample that is no number is refused and said, in histograms, counters and gauges', () => {
    const view = createView(
      measure(
        [
          player('flv', { kind: 'first_frame', sinceStartMs: Number.NaN }),
          player('flv', { ...WATCHED, playedMs: -1 }),
        ],
        (recorder) => recorder.gauge('rss_bytes', Number.NaN),
      ),
    );
    expect(view.byLabel('refused_sample_count')).toEqual({
      first_frame_ms: 1,
      played_ms: 1,
      played_by_join_ms: 1,
      rss_bytes: 1,
    });
    expect(view.spread('first_frame_ms').count).toBe(0);
  });

  test('a sample above an hour is held as an hour and said', () => {
    const view = createView(measure([player('flv', { kind: 'first_frame', sinceStartMs: 1e9 })]));
    expect(view.byLabel('clamped_sample_count')).toEqual({ first_frame_ms: 1 });
  });

  test('an interval is emptied by its tick; an empty interval is a tick all the same', () => {
    const recorder = recorderOf();
    recorder.on(reported(player('hls', { kind: 'first_frame', sinceStartMs: 5 }, 100)));
    expect(Object.keys(recorder.takeTick(1000)[0]?.histograms ?? {})).toEqual(['first_frame_ms|ramp|hls']);
    expect(recorder.takeTick(2000)).toEqual([
      {
        v: 1,
        box: 'local',
        worker: 0,
        seq: 1,
        fromMs: 1000,
        toMs: 2000,
        counters: {},
        histograms: {},
        gauges: {},
      },
    ]);
    expect(recorder.takeTick(3000, true)[0]?.last).toBe(true);
  });

  test('gauges are repeated, the event-loop delay of the interval stands beside them', () => {
    const recorder = recorderOf();
    recorder.gauge('vus_watching_count', 7);
    for (let i = 0; i < 99; i++) recorder.observe('event_loop_delay_ms', 1, 100);
    recorder.observe('event_loop_delay_ms', 80, 100);
    recorder.observe('event_loop_delay_ms', 80, 100);
    expect(recorder.takeTick(1000)[0]?.gauges).toEqual({
      vus_watching_count: 7,
      event_loop_delay_p99_ms: 80,
    });
    expect(recorder.takeTick(2000)[0]?.gauges).toEqual({ vus_watching_count: 7 });
  });
});

describe('rebuffers and our own lag', () => {
  test('a lag that is logged after the rebuffer ended still puts it in doubt', () => {
    const lag = createLagLog();
    const recorder = recorderOf(0, lag);
    for (const event of [startRebuffer(20_000), endRebuffer(20_000, 400)]) recorder.on(reported(event));
    lag.add(19_990, 20_300);
    const view = createView(totalsOf([...recorder.takeTick(21_000), ...recorder.takeTick(22_000, true)]));
    expect(view.count('rebuffer_count')).toBe(1);
    expect(view.count('tainted_rebuffer_count')).toBe(1);
    expect(view.count('tainted_viewer_ms')).toBe(400);
  });

  test('a rebuffer that just ended waits for the lag log', () => {
    const lag = createLagLog();
    const recorder = recorderOf(0, lag);
    recorder.on(reported(endRebuffer(20_000, 990)));
    const first = recorder.takeTick(21_000);
    lag.add(20_000, 21_000);
    const view = createView(totalsOf([...first, ...recorder.takeTick(22_000, true)]));
    expect(view.count('tainted_rebuffer_count')).toBe(1);
  });

  test('without lag nothing is in doubt', () => {
    const view = createView(measure([startRebuffer(20_000), endRebuffer(20_000, 400)]));
    expect(view.count('rebuffer_count')).toBe(1);
    expect(view.count('tainted_rebuffer_count')).toBe(0);
    expect(view.count('tainted_viewer_ms')).toBe(0);
  });

  test('as many rebuffers as one likes cost bounded memory and are all settled', () => {
    const view = createView(measure(times(25_000, () => endRebuffer(20_000, 400))));
    expect(view.spread('rebuffer_span_ms').count).toBe(25_000);
  });
});

describe('the size of a tick', () => {
  /** Samples spread so widely that the histogram of one metric alone is longer than a tick. */
  const rng = createRng(1, 'wide');
  const wide = (metric: 'first_byte' | 'first_tag' | 'moving', protocol: 'hls' | 'flv') =>
    times(8000, () => player(protocol, { kind: metric, sinceStartMs: Math.exp(rng.next() * 15) }));
  const events = (['first_byte', 'first_tag', 'moving'] as const).flatMap((metric) => [
    ...wide(metric, 'hls'),
    ...wide(metric, 'flv'),
  ]);

  test('what does not fit waits for later ticks, and nothing is lost or changed', () => {
    const recorder = recorderOf();
    for (const event of events) recorder.on(reported(event));
    const ticks = times(40, (i) => recorder.takeTick((i + 1) * 1000)).flat();
    expect(Math.max(...ticks.map(bytesOf))).toBeLessThanOrEqual(MAX_TICK_BYTES);
    expect(ticks.filter((tick) => Object.keys(tick.histograms).length > 0).length).toBeGreaterThan(3);
    // Without the last flush: a killed run must not have lost a histogram because it was too large for a tick.
    const view = createView(totalsOf(ticks));
    for (const name of ['first_byte_ms', 'first_tag_ms', 'moving_ms'] as const) {
      expect(view.spread(name).count).toBe(16_000);
    }
  });

  test('the last flush takes as many ticks as it needs, numbered on, only the final one marked', () => {
    const recorder = recorderOf();
    recorder.gauge('vus_watching_count', 3);
    for (const event of events) recorder.on(reported(event));
    const ticks = recorder.takeTick(60_000, true);
    expect(ticks.length).toBeGreaterThan(3);
    expect(Math.max(...ticks.map(bytesOf))).toBeLessThanOrEqual(MAX_TICK_BYTES);
    expect(ticks.map(({ seq }) => seq)).toEqual(ticks.map((_, index) => index));
    expect(ticks.map(({ last }) => last === true)).toEqual(ticks.map((_, i) => i === ticks.length - 1));
    expect(ticks.filter(({ gauges }) => 'vus_watching_count' in gauges)).toHaveLength(1);
    expect(createView(totalsOf(ticks)).spread('moving_ms').count).toBe(16_000);
  });

  /** More counters than one tick has room for. */
  function feedManyCounters(recorder: Recorder): void {
    const codes = ['flv_header', 'flv_tag_type', 'ts_sync', 'ts_pes', 'nal_length', 'encrypted'] as const;
    const outcomes = ['ok', 'not_found', 'http_status', 'timeout', 'network'] as const;
    for (const atMs of [1, HOLD_MS, 58_000]) {
      for (const protocol of ['hls', 'flv'] as const) {
        for (const code of codes)
          recorder.on(reported(player(protocol, { kind: 'media_error', code }, atMs)));
        for (const what of ['master', 'playlist', 'segment'] as const)
          for (const outcome of outcomes)
            recorder.on(
              reported(player(protocol, { kind: 'media_request', what, outcome, durationMs: 1 }, atMs)),
            );
        recorder.on(reported(player(protocol, WATCHED, atMs)));
      }
    }
  }

  test('more counters than fit wait their turn and come in the end', () => {
    const recorder = recorderOf();
    feedManyCounters(recorder);
    const ticks = [...recorder.takeTick(1000), ...recorder.takeTick(2000, true)];
    expect(Math.max(...ticks.map(bytesOf))).toBeLessThanOrEqual(MAX_TICK_BYTES);
    expect(Object.keys(ticks[1]?.counters ?? {}).length).toBeGreaterThan(0);
    const view = createView(totalsOf(ticks));
    expect(view.count('media_error_count')).toBe(36);
    expect(view.count('media_request_count')).toBe(90);
    expect(view.count('played_ms')).toBe(6000);
  });

  test('no counter is left out for good when there is too little room in every tick', () => {
    const all = recorderOf();
    feedManyCounters(all);
    const keys = all.takeTick(1000, true).flatMap(({ counters }) => Object.keys(counters));
    const recorder = recorderOf();
    const ticks = times(20, (i) => {
      feedManyCounters(recorder);
      return recorder.takeTick((i + 1) * 1000);
    }).flat();
    expect(new Set(ticks.flatMap(({ counters }) => Object.keys(counters)))).toEqual(new Set(keys));
  });

  test('is never above the limit, whatever comes', () => {
    const anyEvent = fc.record({
      atMs: fc.integer({ min: 0, max: 60_000 }),
      protocol: fc.constantFrom('hls' as const, 'flv' as const),
      sinceStartMs: fc.double({ min: 0, max: 4e6, noNaN: true }),
      kind: fc.constantFrom('first_byte' as const, 'first_frame' as const, 'moving' as const),
    });
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 300 }), (some) => {
        const recorder = recorderOf();
        for (const event of some) recorder.on(reported(event));
        const ticks = [...recorder.takeTick(1000), ...recorder.takeTick(2000, true)];
        for (const tick of ticks) expect(bytesOf(tick)).toBeLessThanOrEqual(MAX_TICK_BYTES);
      }),
      { numRuns: 30 },
    );
  });
});
