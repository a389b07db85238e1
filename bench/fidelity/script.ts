/**
 * What happens to one viewer of a condition, as data: what the publisher does, what the server does, and what the
 * way between does. Every instant is in ms since the session's zero (the origin's receipt of the first media
 * request of this viewer); the publisher has begun before it.
 */
import type { FidelityProtocol } from './story.js';

/** A stretch of time. */
export interface Stretch {
  readonly atMs: number;
  readonly forMs: number;
}

export type ClipName = 'plain' | 'bframes';

export type MediaEvent =
  /** The publisher stands still and goes on where it stopped, without a gap in time: late for good. */
  | ({ readonly kind: 'standstill' } & Stretch)
  /** The publisher is gone; the next one begins at time 0. */
  | ({ readonly kind: 'unpublish' } & Stretch)
  /** The times leap by `byMs` at once. */
  | { readonly kind: 'jump'; readonly atMs: number; readonly byMs: number }
  /** The times begin at 0 again, within the same publish. */
  | { readonly kind: 'reset'; readonly atMs: number }
  /** One track's units are lost; video stays away until its next keyframe. */
  | ({ readonly kind: 'lose'; readonly track: 'audio' | 'video' } & Stretch);

export interface MediaScript {
  readonly clip: ClipName;
  /** How long the publisher had been running at zero; its part beyond whole seconds is the phase of the join. */
  readonly prerollMs: number;
  readonly tracks: 'both' | 'audio';
  /** The publisher's first time. */
  readonly firstTimeMs: number;
  /** In order of time. */
  readonly events: readonly MediaEvent[];
}

export interface FlvEndScript {
  readonly atMs: number;
  /** With the last chunk; without it, as SRS does; or open for ever without a byte. */
  readonly how: 'clean' | 'cut' | 'silence';
  /** `open`: those that are open then, a new one is served; `all`: new ones, too. */
  readonly connections: 'open' | 'all';
}

export interface ServerScript {
  /** Each viewer's own time with SRS's correction, or the publisher's time as it is. */
  readonly flvTimes: 'srs' | 'raw';
  /** SRS's mw_latency: tags leave in batches of this length; 0 = as they come. */
  readonly flvBatchMs: number;
  /** From the request to the join: the answer's head and all that follows wait. */
  readonly flvHeadDelayMs: number;
  readonly flvEnd?: FlvEndScript;
  /** The media list stays as it was at `atMs`. */
  readonly frozenList?: Stretch;
  /** The first `count` segments that are made after `atMs` are not found. */
  readonly missing?: { readonly atMs: number; readonly count: number };
  /** The first answer with the first segment made after `atMs` ends half way. */
  readonly cutSegment?: { readonly atMs: number };
  /** The first request of the media list after `atMs` gets this status. */
  readonly failList?: { readonly atMs: number; readonly status: number };
  /** The first request of the media list after `atMs` finds its context forgotten. */
  readonly contextLost?: { readonly atMs: number };
}

/** In this stretch the link passes `rateOfStream` times the stream's bitrate; 0 = nothing. */
export interface LinkStretch extends Stretch {
  readonly rateOfStream: number;
}

export interface PathScript {
  /** Beyond them the link is ample. In order of time, not overlapping. */
  readonly link: readonly LinkStretch[];
  /** Bytes that the sender's side takes before SRS's queue of 1 s begins to fill; absent: without end. */
  readonly sendBufferBytes?: number;
  /** HLS: from each request to the first byte of its answer, ms; absent = none. */
  readonly roundTripMs?: number;
  /** Each batch or answer is late by a random part of this. */
  readonly jitterMs: number;
  /** HLS answers in these stretches wait this long for their first byte. */
  readonly slowFirstByte: readonly (Stretch & { readonly waitMs: number })[];
}

export interface SessionScript {
  readonly media: MediaScript;
  readonly server: ServerScript;
  readonly path: PathScript;
}

export interface Condition {
  readonly id: string;
  /** What happens when, in a sentence with its numbers. */
  readonly title: string;
  /** What the page begins with. */
  readonly protocol: FidelityProtocol;
  readonly seed: number;
  /** Its seed was drawn after the constants of the model were fixed. */
  readonly unseen: boolean;
  /** Length of the run after the session's zero. */
  readonly durationMs: number;
  readonly script: SessionScript;
}
