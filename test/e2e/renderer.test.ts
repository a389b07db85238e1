import { describe, expect, test } from 'vitest';
import { type CliResult, type Metric, measured, startLoad, total } from './cli.js';
import { startRecordingProxy } from './recording-proxy.js';
import { stallsOf } from './renderer-law.js';
import { startStage } from './stage.js';

const TOLERANCE_MS = 100;
/** As many over HTTP-FLV as over HLS. */
const VIEWERS = 4;
const LOAD = ['--vus', String(2 * VIEWERS), '--mix', 'hls=50,flv=50', '--duration', '24s', '--no-preflight'];
/** What the proxy wrote down lies a moment before what the viewer got: the law is read so much earlier and later, too. */
const SHIFTS_MS = [0, -40, -20, 20, 40];
/** The stash's steps hang on milliseconds as well; a wrong rule is wrong each time. */
const MAX_ATTEMPTS = 3;
/** All viewers have been playing for a while by then, however long the command took to begin. */
const ALL_PLAY = /^hold 0:\d\d\/0:\d\d, 8\/8 watching/m;

/** The stalls of one viewer of HTTP-FLV by each reading of the law. */
type Readings = readonly (readonly number[])[];

interface Watched {
  readonly result: CliResult;
  /** What the renderer's law gives for the bytes that each viewer was sent. */
  readonly expectedMs: readonly Readings[];
}

describe.concurrent('a planted disturbance of 2 s', () => {
  test.each(['freeze', 'pause', 'gap'])(
    '%s: FLV viewers stall as the renderer’s law gives, HLS viewers that hold 3 s do not',
    async (fault) => {
      for (let attempt = 1; ; attempt++) {
        const { result, expectedMs } = await watch(fault);
        expect(total(result, 'segment_count', 'hls')).toBeGreaterThan(VIEWERS * 10);
        expect(spansOf(result, 'hls'), result.stderr).toEqual({ count: 0 });
        const differences = differencesOf(spansOf(result, 'flv'), expectedMs);
        if (differences.length > 0 && attempt < MAX_ATTEMPTS) continue;
        expect(differences, `${JSON.stringify(expectedMs)}\n${result.stderr}`).toEqual([]);
        return;
      }
    },
    300_000,
  );
});

async function watch(fault: string): Promise<Watched> {
  let expectedMs: Watched['expectedMs'] = [];
  const result = await measured(async () => {
    const stage = await startStage();
    const proxy = await startRecordingProxy(stage.origin);
    try {
      // Without the look before the run: its viewer would be recorded, too.
      const running = startLoad([...stage.flags(), '--flv-url', proxy.origin, ...LOAD]);
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

/**
 * What the run saw against what the law gives, in words. Where all readings of a viewer say the same, which is the
 * rule, each bound is one number; where they differ, the viewer may have seen either.
 */
function differencesOf(spans: Spans, expectedMs: readonly Readings[]): readonly string[] {
  const oneStall = expectedMs.filter((readings) => readings.some(({ length }) => length === 1));
  if (oneStall.length !== VIEWERS) return [`${oneStall.length} of ${VIEWERS} viewers stall once by the law`];
  const of = (pick: (stalls: readonly number[]) => number): Range[] =>
    expectedMs.map((readings) => {
      const picked = readings.filter(({ length }) => length > 0).map(pick);
      return { least: Math.min(...picked), most: Math.max(...picked) };
    });
  const both = (ranges: readonly Range[], fold: (...values: number[]) => number): Range => ({
    least: fold(...ranges.map(({ least }) => least)),
    most: fold(...ranges.map(({ most }) => most)),
  });
  const { count, min = Number.NaN, max = Number.NaN, mean = Number.NaN } = spans;
  const counts = expectedMs.map((readings) => {
    const lengths = readings.map(({ length }) => length);
    return { least: Math.min(...lengths), most: Math.max(...lengths) };
  });
  return [
    ...outside('stalls', count, both(counts, sum), 0),
    ...outside('shortest', min, both(of(shortest), Math.min), TOLERANCE_MS),
    ...outside('longest', max, both(of(longest), Math.max), TOLERANCE_MS),
    ...outside('sum', mean * count, both(of(sumOf), sum), TOLERANCE_MS * count),
  ];
}

interface Range {
  readonly least: number;
  readonly most: number;
}

const shortest = (stalls: readonly number[]): number => Math.min(...stalls);
const longest = (stalls: readonly number[]): number => Math.max(...stalls);
const sumOf = (stalls: readonly number[]): number => sum(...stalls);

function outside(what: string, value: number, { least, most }: Range, tolerance: number): string[] {
  const fits = value >= least - tolerance && value <= most + tolerance;
  return fits ? [] : [`${what}: ${value}, by the law ${least} to ${most}`];
}

function sum(...values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

interface Spans {
  readonly count: number;
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
}

/** Rebuffers of the viewers of one protocol. */
function spansOf(result: CliResult, protocol: 'flv' | 'hls'): Spans {
  const part = result.summary?.metrics.rebuffer_span_ms?.parts?.[protocol] as Metric | undefined;
  return part ?? { count: 0 };
}
