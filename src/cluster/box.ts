import type { FromWorker, ToWorker } from '../protocol.js';
import type { BoxFacts, BoxShare, BoxWork } from './protocol.js';

/**
 * One load box as the coordinator of a run sees it: its threads with their viewers, here or on another machine.
 *
 * ```
 * run on one machine      coordinator -> LocalBox -> threads
 * run over many           coordinator -> RemoteBox -> broker -> agent -> LocalBox -> threads
 * ```
 * The coordinator is the same code in both: each run on one machine is a run over one box.
 */
export interface Box {
  /** Unique in its run; `local` for the machine of the run itself. Stands in each tick. */
  readonly id: string;
  readonly facts: BoxFacts;
  /**
   * Gives it its work and waits until all its threads stand ready.
   * @throws {BoxRefused} when it will not or cannot: another version, a target it may not reach, no room
   */
  prepare(work: BoxWork, share: BoxShare): Promise<void>;
  /**
   * Sends an order to all its threads, in order, the `start` first. On a box that cannot be reached for a while it arrives
   * as soon as it can be again; nothing is dropped. A box that cannot be told it at all is lost, and its viewers leave.
   */
  send(message: ToWorker): void;
  /** Resolves when all its viewers have left and everything they had to say is here, or when it is lost. Never rejects. */
  readonly done: Promise<void>;
  /** Ends its threads at once; what they had not sent is lost. */
  destroy(): Promise<void>;
}

/** Which record of its box something was: no two are alike. */
export interface RecordName {
  /** The process of the box. */
  readonly epoch: string;
  readonly seq: number;
}

/** What a box tells the coordinator. Calls come in the order in which the box said it. */
export interface BoxHandlers {
  /** `worker` counts from 0 within its box; `record` is absent where nothing can come twice. */
  onMessage(box: string, worker: number, message: FromWorker, record?: RecordName): void;
  /** A thread is gone although nobody ended it. Called once per thread. */
  onDied(box: string, worker: number, reason: string, record?: RecordName): void;
  /** Never called by a box of this machine. */
  onState(box: string, news: BoxNews): void;
}

/**
 * | state | what is known |
 * |---|---|
 * | late | no sign of life for longer than two beats |
 * | lost | none for so long that its entry has expired, or it came back as another process: its viewers count as gone |
 * | back | a late or lost box gives signs again, and is the same process with its viewers |
 */
export type BoxState = 'late' | 'lost' | 'back';

export interface BoxNews {
  readonly state: BoxState;
  /** Words for an event and the verdict. */
  readonly reason: string;
}

/** A box that does not take its work. `reason` is a sentence for the user, without secrets. */
export class BoxRefused extends Error {
  readonly code = 'box_refused';
  readonly box: string;
  readonly reason: string;
  constructor(box: string, reason: string) {
    super(`${box}: ${reason}`);
    this.name = 'BoxRefused';
    this.box = box;
    this.reason = reason;
  }
}
