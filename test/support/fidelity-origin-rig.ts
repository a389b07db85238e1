import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { draws, type Troubles } from '../../bench/fidelity/condition-draws.js';
import type { FlvPlan } from '../../bench/fidelity/origin/flv-plan.js';
import { planFlv } from '../../bench/fidelity/origin/flv-plan.js';
import { cutSegments, type HlsTimeline } from '../../bench/fidelity/origin/hls-timeline.js';
import type { OriginClock } from '../../bench/fidelity/origin/origin-clock.js';
import { type Programme, planProgramme } from '../../bench/fidelity/origin/programme.js';
import { createReel, type Reel } from '../../bench/fidelity/origin/reel.js';
import type { Stock } from '../../bench/fidelity/origin/session.js';
import type { Condition } from '../../bench/fidelity/script.js';
import { FlvReader } from '../../src/players/flv-reader.js';
import { createRng } from '../../src/rng.js';
import type { VirtualClock } from './virtual-clock.js';

/** The stage's clip (30/s, GOP 1 s, loops): what the origin plays where no ffmpeg is needed. */
export const stageReel: Reel = createReel(
  readFileSync(new URL('../../assets/clip-gop1.flv', import.meta.url)),
);

const atOnce = async (): Promise<void> => undefined;

/** A condition of 10 s with these troubles, its publisher 8.2 s old at zero. */
export function conditionWith(troubles: Troubles = {}, seed = 7): Condition {
  const drawn = draws(createRng(seed, 'rig'), 'flv', 10_000).made('a test', {
    ...troubles,
    media: { prerollMs: 8200, ...troubles.media },
  });
  return { id: 'test', protocol: 'flv', seed, unseen: false, ...drawn };
}

export function programmeOf(condition: Condition): Promise<Programme> {
  return planProgramme(condition.script.media, stageReel, condition.durationMs, atOnce);
}

export async function flvPlanOf(condition: Condition, requestMs = 0): Promise<FlvPlan> {
  return planFlv(await programmeOf(condition), condition.script, condition.seed, requestMs, atOnce);
}

export async function timelineOf(condition: Condition): Promise<HlsTimeline> {
  return cutSegments(await programmeOf(condition), atOnce);
}

export async function stockOf(condition: Condition): Promise<Stock> {
  const programme = await programmeOf(condition);
  return {
    condition,
    programme,
    timeline: await cutSegments(programme, atOnce),
    firstFlv: await planFlv(programme, condition.script, condition.seed, 0, atOnce),
  };
}

export interface PlannedTag {
  readonly track: 'audio' | 'video';
  readonly dtsMs: number;
  readonly keyframe: boolean;
  /** When its last byte leaves the origin, ms since zero. */
  readonly atMs: number;
}

/** The tags of a plan with the instants at which they are complete. Fails on a body that is no FLV stream. */
export function tagsOf(plan: FlvPlan): readonly PlannedTag[] {
  const tags: PlannedTag[] = [];
  let atMs = 0;
  const reader = new FlvReader({
    onHeader: () => {},
    onTag: ({ kind, dtsMs, keyframe, frame }) => {
      if (frame && kind !== 'script') tags.push({ track: kind, dtsMs, keyframe, atMs });
    },
    onError: (code) => {
      if (code !== 'flv_time_jump') throw new Error(code);
    },
  });
  for (const piece of dechunked(plan)) {
    atMs = piece.atMs;
    reader.push(piece.bytes);
  }
  return tags;
}

/** The body without its chunk framing, each chunk with the instant of its last byte. */
function dechunked(plan: FlvPlan): readonly { atMs: number; bytes: Buffer }[] {
  const chunks: { atMs: number; bytes: Buffer }[] = [];
  for (let at = 0; at < plan.bytes.length; ) {
    const lineEnd = plan.bytes.indexOf('\r\n', at);
    const size = Number.parseInt(plan.bytes.toString('latin1', at, lineEnd), 16);
    const from = lineEnd + 2;
    const to = from + size + 2;
    const last = plan.writes.find((write) => write.to >= to);
    if (last === undefined || !(size > 0)) throw new Error('a chunk that is never written');
    chunks.push({ atMs: last.atMs, bytes: plan.bytes.subarray(from, from + size) });
    at = to;
  }
  return chunks;
}

export function virtualOriginClock(clock: VirtualClock): OriginClock {
  return {
    monotonicMs: () => clock.nowMs(),
    epochMs: () => clock.epochMs(),
    after: (delayMs, fn) => clock.after(delayMs, fn),
  };
}

/** A socket that remembers what was written and when. */
export class MemorySocket extends EventEmitter {
  readonly written: { readonly atMs: number; readonly bytes: Buffer }[] = [];
  destroyed = false;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    super();
    this.#clock = clock;
  }

  write(data: Uint8Array): boolean {
    this.written.push({ atMs: this.#clock.nowMs(), bytes: Buffer.from(data) });
    return true;
  }

  cork(): void {}

  uncork(): void {}

  destroySoon(): void {
    this.destroy();
  }

  destroy(): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.emit('close');
    return this;
  }

  get text(): string {
    return Buffer.concat(this.written.map((write) => write.bytes)).toString('latin1');
  }
}
