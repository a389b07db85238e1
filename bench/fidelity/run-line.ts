import type { LatencyPoint, RunRecord } from './story.js';

type Pair = readonly [atMs: number, latencyMs: number];

/** A run as a line of a results file: points of latency as bare pairs, since most of a run is those. */
export function lineOf(record: RunRecord): string {
  return JSON.stringify(record, (key, value: unknown) =>
    key === 'latency'
      ? (value as readonly LatencyPoint[]).map((point): Pair => [point.atMs, point.latencyMs])
      : value,
  );
}

/** What such a line holds; lines whose points have names are read too. Throws a SyntaxError where it is no JSON. */
export function readLine(line: string): unknown {
  return JSON.parse(line, (key, value: unknown) =>
    key === 'latency' && Array.isArray(value) ? value.map(pointOf) : value,
  );
}

function pointOf(point: Pair | LatencyPoint): LatencyPoint {
  return 'atMs' in point ? point : { atMs: point[0], latencyMs: point[1] };
}
