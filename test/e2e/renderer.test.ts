import { describe, expect, test } from 'vitest';
import { type CliResult, measured, startLoad, total } from './cli.js';
import { startRecordingProxy } from './recording-proxy.js';
import { stallsOf } from './renderer-law.js';
import { startStage } from './stage.js';

const TOLERANCE_MS = 100;
const VIEWERS = 4;
/** All viewers have been playing for a while by then, however long the command took to begin. */
const ALL_PLAY = /^hold 0:\d\d\/0:\d\d, 4\/4 watching/m;

interface Watched {
  readonly result: CliResult;
  /** What the renderer's law gives for the bytes that each viewer was sent. */
  readonly expectedMs: readonly (readonly number[])[];
}

describe.concurrent('a planted disturbance of 2 s comes out as the renderer’s law gives', () => {
  test.each(['freeze', 'pause', 'gap'])('%s, for FLV viewers', async (fault) => {
    const { result, expectedMs } = await watch(fault, 'hls=0,flv=100');
    expect(
      expectedMs.map((stalls) => stalls.length),
      result.stderr,
    ).toEqual(Array(VIEWERS).fill(1));
    expectSameStalls(result, expectedMs.flat());
  });

  test.each(['freeze', 'pause', 'gap'])('%s, for HLS viewers that hold 3 s: no rebuffer', async (fault) => {
    const { result } = await watch(fault, 'hls=100,flv=0');
    expect(total(result, 'segment_count', 'hls')).toBeGreaterThan(VIEWERS * 10);
    expectSameStalls(result, []);
  });
});

async function watch(fault: string, mix: string): Promise<Watched> {
  let expectedMs: Watched['expectedMs'] = [];
  const result = await measured(async () => {
    const stage = await startStage();
    const proxy = await startRecordingProxy(stage.origin);
    try {
      // Without the look before the run: its viewer would be recorded, too.
      const load = ['--vus', String(VIEWERS), '--duration', '24s', '--mix', mix, '--no-preflight'];
      const running = startLoad([...stage.flags(), '--flv-url', proxy.origin, ...load]);
      await running.says(ALL_PLAY);
      await stage.plant({ kind: fault, forSeconds: 2 });
      const done = await running.done;
      expectedMs = proxy.recordings().map((each) => stallsOf(each).map((stall) => stall.durationMs));
      return done;
    } finally {
      proxy.close();
      await stage.stop();
    }
  });
  return { result, expectedMs };
}

function expectSameStalls(result: CliResult, expectedMs: readonly number[]): void {
  const spans = spansOf(result);
  const numbers = JSON.stringify({ spans, expectedMs });
  expect(spans.count, numbers).toBe(expectedMs.length);
  if (expectedMs.length === 0) return;
  expect(Math.abs(spans.min - Math.min(...expectedMs)), numbers).toBeLessThanOrEqual(TOLERANCE_MS);
  expect(Math.abs(spans.max - Math.max(...expectedMs)), numbers).toBeLessThanOrEqual(TOLERANCE_MS);
}

function spansOf(result: CliResult): { count: number; min: number; max: number } {
  const { count = 0, min = Number.NaN, max = Number.NaN } = result.summary?.metrics.rebuffer_span_ms ?? {};
  return { count, min, max };
}
