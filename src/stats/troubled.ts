import type { ReportedEvent } from '../events.js';

/** Viewers by what went wrong for them: the kind of their event, or the part of their time (see trouble-kinds.ts). */
export type TroubledVus = Readonly<Record<string, readonly number[]>>;

/** Viewers that are named for one kind of trouble in one stretch. */
export const MAX_NAMED = 20;
/** Kinds that are kept of one stretch; there are fewer, but a file may be anybody's. */
const MAX_KINDS = 64;

/** Gathers who had trouble, until it is taken: no more than `MAX_NAMED` viewers of a kind, in the order of their trouble. */
export class Troubled {
  readonly #kinds = new Map<string, number[]>();

  /** What a viewer reported; `notable`: it is one of the events that are written down. Allocates nothing but a list per kind. */
  on({ vuId, event }: ReportedEvent, notable: boolean): void {
    if (event.kind === 'watched') {
      if (event.stalledMs > 0) this.add('stalled', vuId);
      if (event.frozenMs > 0) this.add('frozen', vuId);
      if (event.missingFrames > 0) this.add('frames_missing', vuId);
    } else if (event.kind === 'rebuffer_started' || (notable && event.kind !== 'order_created')) {
      this.add(event.kind, vuId);
    }
  }

  /** Whether the viewer is named only now. */
  add(kind: string, vu: number): boolean {
    let vus = this.#kinds.get(kind);
    if (vus === undefined) {
      if (this.#kinds.size >= MAX_KINDS) return false;
      vus = [];
      this.#kinds.set(kind, vus);
    }
    if (vus.length >= MAX_NAMED || vus.includes(vu)) return false;
    vus.push(vu);
    return true;
  }

  /** All that are named, which are forgotten; undefined = nobody. */
  take(): TroubledVus | undefined {
    if (this.#kinds.size === 0) return undefined;
    const taken = Object.fromEntries(this.#kinds);
    this.#kinds.clear();
    return taken;
  }

  /** Viewers that are named for any of these kinds, by number; no more than `MAX_NAMED`. */
  of(kinds: Iterable<string>): number[] {
    const vus = new Set<number>();
    for (const kind of kinds) {
      for (const vu of this.#kinds.get(kind) ?? []) if (vus.size < MAX_NAMED) vus.add(vu);
    }
    return [...vus].sort((a, b) => a - b);
  }
}
