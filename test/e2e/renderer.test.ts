import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CliResult, runLoad } from './cli.js';
import { type RecordingProxy, startRecordingProxy } from './recording-proxy.js';
import { stallsOf } from './renderer-law.js';
import { type StageProcess, startStage } from './stage.js';

const TOLERANCE_MS = 100;
const VIEWERS = 4;

describe('a planted disturbance of 2 s comes out as the renderer’s law gives', () => {
  let stage: StageProcess;
  let proxy: RecordingProxy;
  beforeEach(async () => {
    stage = await startStage();
    proxy = await startRecordingProxy(stage.origin);
  });
  afterEach(async () => {
    proxy.close();
    await stage.stop();
  });

  test.each(['freeze', 'pause', 'gap'])('%s, for FLV viewers', async (fault) => {
    const watching = watch('hls=0,flv=100', ['--flv-url', proxy.origin]);
    await plantWhenWatching(fault);
    const result = await watching;
    const expected = proxy
      .recordings()
      .map((recording) => stallsOf(recording).map((stall) => stall.durationMs));
    expect(expected.map((stalls) => stalls.length)).toEqual(Array(VIEWERS).fill(1));
    expectSameStalls(result, expected.flat());
  });

  test('freeze, for HLS viewers that hold 3 s: no rebuffer', async () => {
    const watching = watch('hls=100,flv=0', []);
    await plantWhenWatching('freeze');
    const result = await watching;
    expect(result.summary?.metrics).toBeDefined();
    expectSameStalls(result, []);
  });

  function watch(mix: string, more: readonly string[]): Promise<CliResult> {
    return runLoad([
      ...stage.flags(),
      ...['--vus', String(VIEWERS)],
      ...['--duration', '22s', '--mix', mix, ...more],
    ]);
  }

  async function plantWhenWatching(fault: string): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    await stage.plant({ kind: fault, forSeconds: 2 });
  }
});

function expectSameStalls(result: CliResult, expectedMs: readonly number[]): void {
  const spans = spansOf(result);
  expect(spans.count, JSON.stringify({ spans, expectedMs })).toBe(expectedMs.length);
  if (expectedMs.length === 0) return;
  expect(Math.abs(spans.min - Math.min(...expectedMs))).toBeLessThanOrEqual(TOLERANCE_MS);
  expect(Math.abs(spans.max - Math.max(...expectedMs))).toBeLessThanOrEqual(TOLERANCE_MS);
}

function spansOf(result: CliResult): { count: number; min: number; max: number } {
  const metric = result.summary?.metrics.rebuffer_span_ms as Record<string, number> | undefined;
  return { count: metric?.count ?? 0, min: metric?.min ?? Number.NaN, max: metric?.max ?? Number.NaN };
}
