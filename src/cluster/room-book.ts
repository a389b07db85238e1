import { FarRoomWriter, type FarState, farCells } from '../far-viewers.js';
import type { Cancel, Clock } from '../seams.js';
import { type RoomNews, readWire, roomSchema, writeWire } from './agent-messages.js';
import type { Closeable, Link } from './link.js';
import { runNames } from './wire-names.js';

export interface RoomBookDeps {
  readonly link: Pick<Link, 'publish' | 'subscribe'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly run: string;
  readonly box: string;
  readonly epoch: string;
  /** All boxes of the run. */
  readonly boxes: readonly string[];
  /** The run's clock. */
  epochMs(): number;
  /** How many of this box's viewers stand in the room now. */
  inRoom(): number;
  /** For so long another box has told nothing of its viewers in the room; called once, for the first of them. */
  onUnheard(box: string, silentMs: number): void;
  /** For the viewers of the other boxes; shared with the threads. */
  readonly cells: Int32Array;
  readonly own: readonly number[];
}

/** What a box says when it does not hear of another one's room. */
export const ROOM_UNHEARD = 'room_unheard';

const SAMPLE_EVERY_MS = 25;
const PUBLISH_EVERY_MS = 400;
/** A box that is not heard of for so long is not counted from its last word on. */
export const UNHEARD_MS = 6000;
/** What is told again each time, so that a short cut leaves no hole. */
const TOLD_MS = UNHEARD_MS + 1000;
const MOST_CHANGES = 600;

interface Line {
  readonly box: string;
  untilEpochMs: number;
  /** [from, viewers], oldest first. */
  counts: readonly (readonly [number, number])[];
}

/**
 * How many viewers stand in the chat room of a run, box by box: tells the others of this one, and this one's threads
 * of the others. A message that reaches everybody is then expected by everybody, wherever the sender sits.
 */
export class RoomBook {
  readonly #deps: RoomBookDeps;
  readonly #writer: FarRoomWriter;
  readonly #others = new Map<string, Line>();
  readonly #sub: Closeable;
  #own: (readonly [number, number])[] = [];
  #publishedAtMs = 0;
  #garbage = 0;
  #cancel: Cancel | undefined;
  #closed = false;
  /** Since when all boxes have to be heard; absent = some may not stand ready yet. */
  #begunAtMs: number | undefined;
  #told = false;

  constructor(deps: RoomBookDeps) {
    const { link, run, boxes, box, cells, own } = deps;
    this.#deps = deps;
    this.#writer = new FarRoomWriter(cells, own, deps.epochMs());
    for (const other of boxes) {
      if (other !== box) this.#others.set(other, { box: other, untilEpochMs: deps.epochMs(), counts: [] });
    }
    this.#sub = link.subscribe(runNames(run).rooms, (payload) => this.#heard(payload));
    this.#turn();
  }

  /** Messages that were none. */
  get garbageCount(): number {
    return this.#garbage;
  }

  /** For how long the broker has not acknowledged a sign of this box. */
  reached(agoMs: number): void {
    const state: FarState = agoMs > UNHEARD_MS ? 'cut' : agoMs > 1500 ? 'unsure' : 'sure';
    this.#writer.state = state;
  }

  /** The run has begun: all boxes stand ready, and tell of their rooms. */
  begin(): void {
    this.#begunAtMs = this.#deps.epochMs();
  }

  /** All its viewers have left: nobody needs to wait for its word. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancel?.();
    this.#sub.close();
    this.#own = [[this.#deps.epochMs(), 0]];
    this.#publish(this.#deps.epochMs(), true);
  }

  #turn(): void {
    if (this.#closed) return;
    const nowMs = this.#deps.epochMs();
    const viewers = this.#deps.inRoom();
    if (this.#own.at(-1)?.[1] !== viewers) this.#own.push([nowMs, viewers]);
    if (nowMs - this.#publishedAtMs >= PUBLISH_EVERY_MS || nowMs < this.#publishedAtMs) {
      this.#publish(nowMs, false);
      this.#know(nowMs);
      this.#lookForUnheard(nowMs);
    }
    this.#cancel = this.#deps.clock.after(SAMPLE_EVERY_MS, () => this.#turn());
  }

  #publish(nowMs: number, left: boolean): void {
    const { link, run, box, epoch } = this.#deps;
    this.#publishedAtMs = nowMs;
    // The one that held when the stretch began belongs to it.
    const first = this.#own.findLastIndex(([fromMs]) => fromMs <= nowMs - TOLD_MS);
    this.#own = this.#own.slice(Math.max(0, first, this.#own.length - MOST_CHANGES));
    const news: RoomNews = {
      ...{ kind: 'room', box, epoch, untilEpochMs: nowMs },
      counts: this.#own.map(([fromMs, viewers]) => [fromMs, viewers] as [number, number]),
      ...(left ? { left: true as const } : {}),
    };
    link.publish(runNames(run).roomOf(box), writeWire(news));
  }

  #heard(payload: Uint8Array): void {
    try {
      const { box, untilEpochMs, counts, left } = readWire(roomSchema, payload, 'the count of a room');
      const line = this.#others.get(box);
      if (line === undefined || untilEpochMs < line.untilEpochMs) return;
      // What is told of a time to come would keep out all that is true.
      if (untilEpochMs > this.#deps.epochMs() + UNHEARD_MS) {
        this.#garbage += 1;
        return;
      }
      line.untilEpochMs = left === true ? Number.POSITIVE_INFINITY : untilEpochMs;
      line.counts = counts;
    } catch {
      this.#garbage += 1;
    }
  }

  /** What a message was to reach is not known without it; that a box is lost is seen by others, and for other reasons. */
  #lookForUnheard(nowMs: number): void {
    const { onUnheard } = this.#deps;
    const begunAtMs = this.#begunAtMs;
    if (begunAtMs === undefined || this.#told) return;
    for (const { box, untilEpochMs, counts } of this.#others.values()) {
      const silentMs = nowMs - Math.max(untilEpochMs, begunAtMs);
      // One whose last word was that nobody is there leaves nothing open.
      if (silentMs <= UNHEARD_MS || counts.at(-1)?.[1] === 0) continue;
      this.#told = true;
      onUnheard(box, silentMs);
      return;
    }
  }

  #know(nowMs: number): void {
    const lines = [...this.#others.values()];
    const untilMs = lines.reduce(
      (least, { untilEpochMs }) => Math.min(least, Math.max(untilEpochMs, nowMs - UNHEARD_MS)),
      nowMs,
    );
    this.#writer.know(untilMs, (atMs) => lines.reduce((sum, line) => sum + viewersAt(line, atMs), 0));
  }
}

/** Cells that a box needs for its share. */
export function roomCells(own: readonly number[]): number {
  return farCells(own.reduce((highest, vu) => Math.max(highest, vu), 0));
}

function viewersAt({ untilEpochMs, counts }: Line, atMs: number): number {
  // Not heard of since: it is lost, or cut off and counts what it gets by itself.
  if (atMs > untilEpochMs) return 0;
  let viewers = 0;
  for (const [fromMs, count] of counts) if (fromMs <= atMs) viewers = count;
  return viewers;
}
