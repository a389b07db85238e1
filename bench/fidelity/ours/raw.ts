import type { PlayerEvent, Protocol } from '../../../src/events.js';
import type { Target } from '../../../src/target.js';
import type { OurSide } from './variants.js';

/** What one of our viewers reported; instants on CLOCK_MONOTONIC in ms, as the origin's. */
export interface OurRaw {
  readonly side: OurSide;
  readonly startedMs: number;
  readonly stoppedMs: number;
  /** Their instants are on CLOCK_MONOTONIC, too. */
  readonly events: readonly PlayerEvent[];
  readonly protocolAtEnd: Protocol;
  readonly atEnd: { readonly rebuffering: boolean; readonly frozen: boolean };
  /** Longest that the event loop stood still meanwhile. */
  readonly lagMs: number;
}

export type OurCommand =
  | {
      readonly kind: 'start';
      readonly id: number;
      readonly side: OurSide;
      readonly libraries: 'page' | 'newest';
      readonly startWith: Protocol;
      readonly target: Target;
    }
  | { readonly kind: 'finish'; readonly id: number };

export interface OurAnswer {
  readonly id: number;
  readonly raw: OurRaw;
}
