/**
 * Viewers of a run's other boxes that stand in the chat room, over the last seconds, in memory that all threads of a
 * box share: the main thread writes what it hears, and a thread that sent a message looks up how many there were then.
 * Each box is heard of a little later, so a message is settled when all have told of its instant.
 */

/** How finely instants are told apart, ms. */
const SLOT_MS = 25;
const SLOTS = 512;
const KNOWN = 0;
const STATE = 1;
const FIRST_SLOT = 2;
const FIRST_OWN = FIRST_SLOT + SLOTS;

/**
 * Whether the other boxes hear of this one: `unsure`: not at the moment, it may still turn out well; `cut`: they count
 * its viewers no more.
 */
export type FarState = 'sure' | 'unsure' | 'cut';
const STATES: readonly FarState[] = ['sure', 'unsure', 'cut'];

/** Cells of 32 bits that it takes for viewers of numbers 0 to `highestVu`. */
export function farCells(highestVu: number): number {
  return FIRST_OWN + Math.floor(highestVu / 32) + 1;
}

/** What a viewer's chat asks. */
export interface FarRoom {
  /** How many stood there at an instant of the run's clock; not final = not all boxes have told of it yet. */
  at(epochMs: number): { readonly viewers: number; readonly isFinal: boolean };
  /** Whether a viewer of the run is of this box. */
  isOwn(vu: number): boolean;
  readonly state: FarState;
}

/** The reading side. */
export function readFarRoom(cells: Int32Array): FarRoom {
  return {
    at(epochMs) {
      const known = Atomics.load(cells, KNOWN);
      const slot = slotOf(epochMs);
      const isFinal = ((known - slot) | 0) >= 0;
      return { viewers: Atomics.load(cells, cellOf(isFinal ? slot : known)), isFinal };
    },
    isOwn: (vu) => ((cells[FIRST_OWN + (vu >> 5)] ?? 0) & (1 << (vu & 31))) !== 0,
    get state() {
      return STATES[Atomics.load(cells, STATE)] ?? 'sure';
    },
  };
}

/** The writing side; one per box. */
export class FarRoomWriter {
  readonly #cells: Int32Array;
  #slot: number;

  /** @param own the viewers of this box, by number */
  constructor(cells: Int32Array, own: Iterable<number>, nowEpochMs: number) {
    this.#cells = cells;
    this.#slot = Math.floor(nowEpochMs / SLOT_MS);
    Atomics.store(cells, KNOWN, this.#slot | 0);
    for (const vu of own) {
      const cell = FIRST_OWN + (vu >> 5);
      cells[cell] = (cells[cell] ?? 0) | (1 << (vu & 31));
    }
  }

  set state(state: FarState) {
    Atomics.store(this.#cells, STATE, STATES.indexOf(state));
  }

  /** All is known up to this instant of the run's clock. */
  know(untilEpochMs: number, viewersAt: (epochMs: number) => number): void {
    // The last slot whose middle is known: what comes after it nobody has told of yet.
    const last = Math.floor(untilEpochMs / SLOT_MS - 0.5);
    if (last <= this.#slot) return;
    for (let slot = Math.max(this.#slot + 1, last - SLOTS + 1); slot <= last; slot++) {
      Atomics.store(this.#cells, cellOf(slot | 0), viewersAt((slot + 0.5) * SLOT_MS));
    }
    this.#slot = last;
    Atomics.store(this.#cells, KNOWN, last | 0);
  }
}

/** Numbers of slots are taken modulo 2^32: only their differences matter. */
function slotOf(epochMs: number): number {
  return Math.floor(epochMs / SLOT_MS) | 0;
}

function cellOf(slot: number): number {
  return FIRST_SLOT + (slot & (SLOTS - 1));
}
