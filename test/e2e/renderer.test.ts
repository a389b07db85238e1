import { describe, expect, test } from 'vitest';
import { type CliResult, measured, startLoad, total } from './cli.js';
import { startRecordingProxy } from './recording-proxy.js';
import { stallsOf } from './renderer-law.js';
import { startStage } from './stage.js';

const TOLERANCE_MS = 100;
const VIEWERS = 4;
/** What the proxy wrote down lies a moment before what the viewer got: the law is read so much earlier and later, too. */
const SHIFTS_MS = [0, -40, -20, 20, 40];
/** The stash's steps hang on milliseconds as well; a wrong rule is wrong each time. */
const ONCE_MORE = { retry: 2 };
/** All viewers have been playing for a while by then, however long the command took to begin. */
const ALL_PLAY = /^hold 0:\d\d\/0:\d\d, 4\/4 watching/m;

interface Watched {
  readonly result: CliResult;
  /** What the renderer's law gives for the bytes that each viewer was sent: the stalls of each of its readings. */
  readonly expectedMs: readonly (readonly (readonly number[])[])[];
}

describe.concurrent('a planted disturbance of 2 s comes out as the renderer’s law gives', () => {
  test.each(['freeze', 'pause', 'gap'])('%s, for FLV viewers', ONCE_MORE, async (fault) => {
    const { result, expectedMs } = await watch(fault, 'hls=0,flv=100');
    expect(
      expectedMs.map((readings) => readings.some((stalls) => stalls.length === 1)),
      result.stderr,
    ).toEqual(Array(VIEWERS).fill(true));
    expectSameStalls(result, expectedMs);
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
      expectedMs = proxy
        .recordings()
        .map((each) => SHIFTS_MS.map((shift) => stallsOf(each, shift).map((stall) => stall.durationMs)));
      return done;
    } finally {
      proxy.close();
      await stage.stop();
    }
  });
  return { result, expectedMs };
}

/** As many stalls as the law gives, as short and as long; where its readings differ, as one of them has it. */
function expectSameStalls(result: CliResult, expectedMs: Watched['expectedMs']): void {
  const spans = spansOf(result);
  const numbers = JSON.stringify({ spans, expectedMs });
  const counts = expectedMs.map((readings) => readings.map(({ length }) => length));
  const most = sum(counts.map((each) => Math.max(...each)));
  expect(spans.count, numbers).toBeGreaterThanOrEqual(sum(counts.map((each) => Math.min(...each))));
  expect(spans.count, numbers).toBeLessThanOrEqual(most);
  if (most === 0) return;
  const near = (value: number): boolean =>
    expectedMs.flat(2).some((stallMs) => Math.abs(stallMs - value) <= TOLERANCE_MS);
  expect([near(spans.min), near(spans.max)], numbers).toEqual([true, true]);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function spansOf(result: CliResult): { count: number; min: number; max: number } {
  const { count = 0, min = Number.NaN, max = Number.NaN } = result.summary?.metrics.rebuffer_span_ms ?? {};
  return { count, min, max };
}
