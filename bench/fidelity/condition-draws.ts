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
  readonly durationMs: number;
  /** Whole ms, evenly in [from, to). */
  between(fromMs: number, toMs: number): number;
  blocked(atMs: number, forMs: number): LinkStretch;
  /** The condition with these troubles on an else ordinary stream. */
  made(title: string, troubles?: Troubles): Drawn;
}

/**
 * Where in the GOP of 1 s an ordinary viewer joins. FLV: while the GOP cache still begins with the keyframe (it
 * overflows after 0.4 s); HLS: anywhere.
 */
const ORDINARY_PHASE_MS = { flv: [40, 340], hls: [40, 960] } as const;
/** Long enough for SRS's first segment, which is longer than a second, to have left the window. */
const PREROLL_MS = 12_000;

/** Draws for one condition from `rng`; the first draw is the phase of the join. */
export function draws(rng: Rng, protocol: FidelityProtocol, durationMs: number): Draws {
  const between = (fromMs: number, toMs: number): number => Math.floor(fromMs + rng.next() * (toMs - fromMs));
  const [earliest, latest] = ORDINARY_PHASE_MS[protocol];
  const prerollMs = PREROLL_MS + between(earliest, latest);
  return {
    durationMs,
    between,
    blocked: (atMs, forMs) => ({ atMs, forMs, rateOfStream: 0 }),
    made: (title, troubles = {}) => ({
      title,
      durationMs,
      script: {
        media: {
          ...{ clip: 'plain', prerollMs, tracks: 'both', firstTimeMs: 0, events: [] },
          ...troubles.media,
        },
        server: { flvTimes: 'srs', flvBatchMs: 0, flvHeadDelayMs: 0, ...troubles.server },
        path: { link: [], jitterMs: 0, slowFirstByte: [], ...troubles.path },
      },
    }),
  };
}
