import { HlsSegmenter, type Segment } from '../../../src/stage/hls-segmenter.js';
import type { MediaUnit } from '../../../src/stage/media-unit.js';
import type { Breathe } from './breathe.js';
import type { Programme, PublishChange } from './programme.js';

/** SRS on the target: hls_fragment and hls_window. */
export const FRAGMENT_MS = 1000;
const WINDOW_MS = 4000;

/** What is on the server's disk from `atMs` on. */
export interface Shelf {
  readonly atMs: number;
  readonly listed: readonly Segment[];
  readonly files: ReadonlyMap<number, Segment>;
}

export interface HlsTimeline {
  /** Of the segments' files, on average. */
  readonly bytesPerMs: number;
  /** In order of time. */
  readonly shelves: readonly Shelf[];
  /** In the order in which they were finished. */
  readonly made: readonly { readonly atMs: number; readonly segment: Segment }[];
}

/** The segments that SRS makes of a programme. */
export async function cutSegments(programme: Programme, breathe: Breathe): Promise<HlsTimeline> {
  let nowMs = 0;
  const segmenter = new HlsSegmenter(
    { epochMs: () => nowMs, after: () => () => undefined },
    FRAGMENT_MS,
    WINDOW_MS,
  );
  const shelves: Shelf[] = [];
  const made: { atMs: number; segment: Segment }[] = [];
  const look = (): void => {
    const newest = segmenter.listed.at(-1);
    const last = shelves.at(-1);
    if (newest === undefined || newest === last?.listed.at(-1)) return;
    const numbers = new Set([...(last?.files.keys() ?? []), newest.number]);
    const files = new Map<number, Segment>();
    for (const number of numbers) {
      const file = segmenter.file(number);
      if (file !== undefined) files.set(number, file);
    }
    shelves.push({ atMs: nowMs, listed: [...segmenter.listed], files });
    made.push({ atMs: nowMs, segment: newest });
  };
  const changes = [...programme.publishes];
  const publishUntil = (untilMs: number): void => {
    for (; changes[0] !== undefined && changes[0].atMs <= untilMs; changes.shift()) {
      nowMs = (changes[0] as PublishChange).atMs;
      if (changes[0].on) segmenter.onPublish();
      else segmenter.onUnpublish();
      look();
    }
  };
  for (const batch of programme.batches) {
    publishUntil(batch.atMs);
    nowMs = batch.atMs;
    segmenter.onUnits(batch.units as MediaUnit[], 'live');
    look();
    await breathe();
  }
  publishUntil(Number.POSITIVE_INFINITY);
  return { bytesPerMs: bytesPerMsOf(made.map((one) => one.segment)), shelves, made };
}

function bytesPerMsOf(segments: readonly Segment[]): number {
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes.length, 0);
  return (
    bytes /
    Math.max(
      1,
      segments.reduce((sum, segment) => sum + segment.durationMs, 0),
    )
  );
}

/** What is on the disk at `atMs`; undefined before the first segment. */
export function shelfAt(timeline: HlsTimeline, atMs: number): Shelf | undefined {
  return timeline.shelves.findLast((shelf) => shelf.atMs <= atMs);
}
