import type { Rng } from '../../src/rng.js';
import type { Condition, LinkStretch, MediaScript, PathScript, ServerScript } from './script.js';
import type { FidelityProtocol } from './story.js';

/** What a seed decides of a condition. */
export type Drawn = Pick<Condition, 'title' | 'durationMs' | 'script'>;

/** A kind of trouble: the same story for each seed, with other instants and lengths. */
export interface Kind {
  readonly id: string;
  readonly protocol: FidelityProtocol;
  draw(rng: Rng): Drawn;
}

export interface Troubles {
  readonly media?: Partial<MediaScript>;
  readonly server?: Partial<ServerScript>;
  readonly path?: Partial<PathScript>;
}

export interface Draws {
  /** How long the publisher has been there when the viewer comes. */
  readonly prerollMs: number;
  /** Whole ms, evenly in [from, to). */
  between(fromMs: number, toMs: number): number;
  blocked(atMs: number, forMs: number): LinkStretch;
  narrow(atMs: number, forMs: number, rateOfStream: number): LinkStretch;
  /** The condition with these troubles on an else ordinary stream. */
  made(title: string, troubles?: Troubles): Drawn;
}

/**
 * Where in the GOP of 1 s an ordinary viewer joins. FLV: while the GOP cache still begins with the keyframe (it
 * overflows after 0.4 s); HLS: anywhere.
 */
const ORDINARY_PHASE_MS = { flv: [40, 340], hls: [40, 960] } as const;
/**
 * Nobody watches from the origin's own machine: without a round trip a page's first list is in before or after its media
 * element is attached, by a millisecond, and in the first case waits 0.1 s for the library's next tick.
 */
const ROUND_TRIP_MS = 20;
/** Long enough for SRS's first segment, which is longer than a second, to have left the window. */
const PREROLL_MS = 12_000;

/** Draws for one condition from `rng`; the first draw is the phase of the join. */
export function draws(rng: Rng, protocol: FidelityProtocol, durationMs: number): Draws {
  const between = (fromMs: number, toMs: number): number => Math.floor(fromMs + rng.next() * (toMs - fromMs));
  const [earliest, latest] = ORDINARY_PHASE_MS[protocol];
  const prerollMs = PREROLL_MS + between(earliest, latest);
  return {
    prerollMs,
    between,
    blocked: (atMs, forMs) => ({ atMs, forMs, rateOfStream: 0 }),
    narrow: (atMs, forMs, rateOfStream) => ({ atMs, forMs, rateOfStream }),
    made: (title, troubles = {}) => ({
      title,
      durationMs,
      script: {
        media: {
          ...{ clip: 'plain', prerollMs, tracks: 'both', firstTimeMs: 0, events: [] },
          ...troubles.media,
        },
        server: { flvTimes: 'srs', flvBatchMs: 0, flvHeadDelayMs: 0, ...troubles.server },
        path: {
          ...{ link: [], jitterMs: 0, slowFirstByte: [] },
          ...(protocol === 'hls' ? { roundTripMs: ROUND_TRIP_MS } : {}),
          ...troubles.path,
        },
      },
    }),
  };
}

/** Pauses and gaps in turn from `fromMs` to `toMs`, gaps from 1 to 5 s. */
export function randomPauses(
  d: Draws,
  fromMs: number,
  toMs: number,
  [shortestMs, longestMs]: readonly [number, number],
): readonly LinkStretch[] {
  const pauses: LinkStretch[] = [];
  let atMs = fromMs + d.between(0, 1500);
  for (;;) {
    const forMs = d.between(shortestMs, longestMs);
    if (atMs + forMs > toMs) return pauses;
    pauses.push(d.blocked(atMs, forMs));
    atMs += forMs + d.between(1000, 5000);
  }
}
