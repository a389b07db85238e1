import { describe, expect, it } from 'vitest';
import { player, recorderOf, reported, throughDisk } from '../../test/support/measured.js';
import { decodeHistograms, gaugeNow } from './merge.js';
import type { MetricName } from './metrics.js';
import { RunSeries, stretchMs, totalsOfStretches } from './run-series.js';
import type { Tick } from './tick.js';
import { createView } from './view.js';

const METRICS: readonly MetricName[] = ['latency_ms', 'no_video_count'];

/** A worker's ticks, one a second: ten viewers, one latency each second (the second's number in ms), RSS growing. */
function ticksOf(seconds: number, worker = 0, last = false): Tick[] {
  const recorder = recorderOf(worker);
  return Array.from({ length: seconds }, (_, second) => {
    const atMs = second * 1000 + 500;
    recorder.on(reported(player('flv', { kind: 'latency', latencyMs: second, source: 'stamp' }, atMs)));
    recorder.on(reported(player('flv', { kind: 'no_video' }, atMs)));
    recorder.on(reported(player('flv', { kind: 'play_attempt' }, atMs)));
    recorder.gauge('vus_active_count', 10);
    recorder.gauge('rss_bytes', 1000 + second);
    return recorder.takeTick((second + 1) * 1000, last && second === seconds - 1);
  }).flat();
}

function seriesOf(ticks: readonly Tick[], plannedMs: number): readonly Tick[] {
  const series = new RunSeries(plannedMs, METRICS);
  for (const tick of ticks) series.add(tick);
  return series.finish();
}

const viewOf = (stretch: Tick | undefined) => createView(totalsOfStretches(stretch ? [stretch] : []));
const activeOf = (stretch: Tick) => gaugeNow(totalsOfStretches([stretch]), 'vus_active_count');

describe('RunSeries', () => {
  it('is the same of ticks that somebody unpacked already, the metrics that nobody wants among them', () => {
    const ticks = ticksOf(30);
    const given = new RunSeries(20_000, ['no_video_count']);
    const alone = new RunSeries(20_000, ['no_video_count']);
    for (const tick of ticks) {
      given.add(tick, decodeHistograms(tick));
      alone.add(tick);
    }
    expect(ticks.some(({ histograms }) => Object.keys(histograms).length > 0)).toBe(true);
    expect(alone.finish()).toEqual(given.finish());
    expect(alone.finish().flatMap(({ histograms }) => Object.keys(histograms))).toEqual([]);
  });

  it.each([
    { plannedMs: 20_000, widthMs: 2000 },
    { plannedMs: 60_000, widthMs: 2000 },
    { plannedMs: 35 * 60_000, widthMs: 10_000 },
    { plannedMs: 6 * 3_600_000, widthMs: 120_000 },
    { plannedMs: 7 * 24 * 3_600_000, widthMs: 3_600_000 },
  ])('has stretches of $widthMs ms in a run of $plannedMs ms', ({ plannedMs, widthMs }) => {
    expect(stretchMs(plannedMs)).toBe(widthMs);
  });

  it('merges what all workers measured in a stretch, and keeps only the wanted metrics', () => {
    const both = ticksOf(4).flatMap((tick, i) => [tick, ...ticksOf(4, 1).slice(i, i + 1)]);
    const stretches = seriesOf(both, 60_000);
    expect(stretches.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
      [0, 2000],
      [2000, 4000],
    ]);
    const view = viewOf(stretches[1]);
    expect(view.spread('latency_ms', { protocol: 'flv' }).count).toBe(4);
    expect(view.spread('latency_ms').maxMs).toBe(3);
    expect(view.count('no_video_count')).toBe(4);
    expect(view.count('play_attempt_count')).toBe(0);
  });

  it('adds levels up over workers as they stand at the end, and takes the worst of what is no level', () => {
    const both = ticksOf(4).flatMap((tick, i) => [tick, ...ticksOf(4, 1).slice(i, i + 1)]);
    const stretches = seriesOf(both, 60_000);
    expect(stretches.map(activeOf)).toEqual([20, 20]);
    expect(stretches.map(({ gauges }) => gauges.rss_bytes)).toEqual([1001, 1003]);
  });

  it('counts a worker whose tick fell into the next stretch as it was, and one that is gone not at all', () => {
    const late = ticksOf(20, 1).map((tick) =>
      tick.seq === 4 || tick.seq === 5 ? { ...tick, fromMs: 6000, toMs: 7000 } : tick,
    );
    expect(seriesOf([...ticksOf(20), ...late], 60_000).map(activeOf)).toEqual(Array(10).fill(20));
    const died = seriesOf([...ticksOf(20), ...ticksOf(4, 1)], 60_000).map(activeOf);
    expect([died[0], died[1], died.at(-1)]).toEqual([20, 20, 10]);
    const ended = seriesOf([...ticksOf(20), ...ticksOf(4, 1, true)], 60_000).map(activeOf);
    expect(ended.slice(0, 4)).toEqual([20, 20, 10, 10]);
  });

  it('holds no more stretches however long a run lasts, and loses no sample by it', () => {
    const ticks = ticksOf(5000);
    const stretches = seriesOf(ticks, 20_000);
    expect(stretches.length).toBeLessThanOrEqual(480);
    expect(stretches.length).toBeGreaterThan(200);
    const widths = new Set(stretches.slice(0, -1).map(({ fromMs, toMs }) => toMs - fromMs));
    expect([...widths]).toEqual([16_000]);
    const whole = createView(totalsOfStretches(stretches));
    expect(whole.spread('latency_ms').count).toBe(5000);
    expect(whole.count('no_video_count')).toBe(5000);
    expect(whole.spread('latency_ms').percentileMs(50)).toBeCloseTo(2499, -1);
    expect(stretches.every((stretch) => activeOf(stretch) === 10)).toBe(true);
  });

  it('ends with the last tick, and is the same from disk', () => {
    const ticks = ticksOf(5);
    expect(seriesOf(ticks, 60_000).at(-1)?.toMs).toBe(5000);
    expect(seriesOf(throughDisk(ticks), 60_000)).toEqual(seriesOf(ticks, 60_000));
  });
});
