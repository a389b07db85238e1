/** How much the platform carries: what is planted as its limits, and who has to do without beyond them. */
import type { FaultBoard } from './fault-board.js';
import type { FaultKind } from './fault-spec.js';
import type { StageClock } from './stage-clock.js';

export interface CapacityWorld {
  readonly faults: FaultBoard;
  readonly clock: Pick<StageClock, 'epochMs'>;
  /** Now. */
  readonly flvViewers: () => number;
  /** Those that asked for something within the last seconds. */
  readonly hlsViewers: () => number;
}

/** Limits behind which nginx stands: 503 unless another status is asked for. */
const LIMITED = 503;
/** Calls that may come at once beyond the rate are those of so long. */
const BURST_MS = 250;
/** Viewers are counted this often, not for each segment. */
const COUNT_EVERY_MS = 250;

export class Capacity {
  readonly #world: CapacityWorld;
  #tokens = 0;
  #filledEpochMs: number | undefined;
  #viewers = { atEpochMs: Number.NEGATIVE_INFINITY, count: 0 };

  constructor(world: CapacityWorld) {
    this.#world = world;
  }

  /** Whether one more Socket.IO connection is one too many beside `open` of them. */
  refusesSocket(open: number): boolean {
    const most = this.#number('cap-sockets', 'count');
    return most !== undefined && open >= most;
  }

  /** Whether the media server takes no more connections: HLS has none of its own for long, it needs a free one each time. */
  refusesMedia(): boolean {
    const most = this.#number('cap-media', 'count');
    return most !== undefined && this.#world.flvViewers() >= most;
  }

  /** The status that a REST call is refused with; undefined = it is let through. Counts the call. */
  refusesCall(): number | undefined {
    const perS = this.#number('cap-api', 'rate');
    if (perS === undefined) {
      this.#filledEpochMs = undefined;
      return undefined;
    }
    const nowMs = this.#world.clock.epochMs();
    const most = Math.max(1, (perS * BURST_MS) / 1000);
    const before = this.#filledEpochMs;
    this.#tokens =
      before === undefined ? most : Math.min(most, this.#tokens + (perS * (nowMs - before)) / 1000);
    this.#filledEpochMs = nowMs;
    if (this.#tokens < 1) return this.#number('cap-api', 'status') ?? LIMITED;
    this.#tokens -= 1;
    return undefined;
  }

  /** The part of the bitrate that each viewer gets; 1 = all of it. */
  mediaShare(): number {
    const most = this.#number('starve', 'count');
    if (most === undefined) return 1;
    const viewers = this.#countViewers();
    if (viewers <= most) return 1;
    return this.#number('starve', 'share') ?? most / viewers;
  }

  #countViewers(): number {
    const nowMs = this.#world.clock.epochMs();
    if (nowMs - this.#viewers.atEpochMs >= COUNT_EVERY_MS) {
      const { flvViewers, hlsViewers } = this.#world;
      this.#viewers = { atEpochMs: nowMs, count: flvViewers() + hlsViewers() };
    }
    return this.#viewers.count;
  }

  #number(kind: FaultKind, name: string): number | undefined {
    const value = this.#world.faults.active(kind)?.parameters[name];
    return typeof value === 'number' ? value : undefined;
  }
}
