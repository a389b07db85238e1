import { createRng } from '../../../src/rng.js';
import { mediaChunk } from '../../../src/stage/flv-batch.js';
import { FlvJitter } from '../../../src/stage/flv-jitter.js';
import { GopCache } from '../../../src/stage/gop-cache.js';
import type { MediaUnit } from '../../../src/stage/media-unit.js';
import type { SessionScript } from '../script.js';
import type { Breathe } from './breathe.js';
import { flvHead } from './flv-head.js';
import { FlvSender } from './flv-sender.js';
import type { Passage } from './link.js';
import type { Batch, Programme } from './programme.js';

/** SRS's gop_cache_max_frames on the target: audio and video messages together. */
const GOP_CACHE_MESSAGES = 30;

/** Everything that one FLV connection gets, and when. */
export interface FlvPlan {
  /** The body with its chunk framing. */
  readonly bytes: Buffer;
  /** In order; `from` and `to` count within `bytes`. */
  readonly writes: readonly Passage[];
  /** When and how the server ends it; absent: it stays open. */
  readonly end?: { readonly atMs: number; readonly how: 'clean' | 'cut' };
}

const SILENT: FlvPlan = { bytes: Buffer.alloc(0), writes: [] };

/** Plans the connection whose request came at `requestMs` since zero. The same input gives the same plan. */
export async function planFlv(
  programme: Programme,
  script: SessionScript,
  seed: number,
  requestMs: number,
  breathe: Breathe,
): Promise<FlvPlan> {
  const { server, path } = script;
  const joinMs = requestMs + server.flvHeadDelayMs;
  const late = server.flvEnd !== undefined && joinMs >= server.flvEnd.atMs;
  if (late && server.flvEnd.connections === 'all') return refusal(server.flvEnd.how, joinMs);
  const publish = programme.publishes.findLast((change) => change.atMs <= joinMs);
  if (publish === undefined || !publish.on) return SILENT;
  const end = endOf(programme, server.flvEnd, joinMs);
  const times = new ViewerTimes(server.flvTimes);
  const sender = new FlvSender(path, programme.flvBytesPerMs);
  const chunkOf = (units: readonly MediaUnit[]): Buffer => mediaChunk(units, times.of(units)).bytes;

  const since = programme.batches.filter((batch) => batch.atMs >= publish.atMs);
  const cached = cachedUnits(since, joinMs);
  const first = cached.length > 0 ? [chunkOf(cached)] : [];
  sender.offer(joinMs, Buffer.concat([flvHead(programme), ...first]), 0);
  const jitter = new Lateness(seed, path.jitterMs);
  for (const batch of leaving(since, joinMs, server.flvBatchMs)) {
    const atMs = jitter.of(batch.atMs);
    if (end !== undefined && atMs >= end.atMs) break;
    sender.offer(atMs, chunkOf(batch.units), (batch.units.at(-1) as MediaUnit).dtsMs);
    await breathe();
  }
  const { bytes, writes } = sender.finish();
  if (end === undefined || end.how === 'silence') return { bytes, writes };
  return { bytes, writes, end: { how: end.how, atMs: Math.max(end.atMs, writes.at(-1)?.atMs ?? 0) } };
}

type EndHow = 'clean' | 'cut' | 'silence';

function refusal(how: EndHow, joinMs: number): FlvPlan {
  return how === 'silence' ? SILENT : { ...SILENT, end: { how, atMs: joinMs } };
}

/** The first end that this connection meets: the script's, or SRS's cut when the publisher goes. */
function endOf(
  programme: Programme,
  scripted: SessionScript['server']['flvEnd'],
  joinMs: number,
): { atMs: number; how: EndHow } | undefined {
  const gone = programme.publishes.find((change) => !change.on && change.atMs > joinMs);
  const own = scripted !== undefined && scripted.atMs > joinMs ? scripted : undefined;
  if (own !== undefined && (gone === undefined || own.atMs <= gone.atMs))
    return { atMs: own.atMs, how: own.how };
  return gone === undefined ? undefined : { atMs: gone.atMs, how: 'cut' };
}

function cachedUnits(batches: readonly Batch[], joinMs: number): readonly MediaUnit[] {
  const cache = new GopCache(GOP_CACHE_MESSAGES);
  for (const batch of batches) {
    if (batch.atMs > joinMs) break;
    for (const unit of batch.units) cache.push(unit);
  }
  return cache.units;
}

/** The batches after the join, put together to those of `batchMs` counted from it. */
function leaving(batches: readonly Batch[], joinMs: number, batchMs: number): readonly Batch[] {
  const live = batches.filter((batch) => batch.atMs > joinMs);
  if (batchMs <= 0) return live;
  const together = new Map<number, MediaUnit[]>();
  for (const batch of live) {
    const atMs = joinMs + Math.ceil((batch.atMs - joinMs) / batchMs) * batchMs;
    together.set(atMs, [...(together.get(atMs) ?? []), ...batch.units]);
  }
  return [...together].map(([atMs, units]) => ({ atMs, units }));
}

/** Times of one viewer's tags. */
class ViewerTimes {
  readonly #jitter: FlvJitter | undefined;

  constructor(kind: 'srs' | 'raw') {
    this.#jitter = kind === 'srs' ? new FlvJitter() : undefined;
  }

  of(units: readonly MediaUnit[]): number[] {
    return units.map((unit) => this.#jitter?.correct(unit.dtsMs) ?? unit.dtsMs);
  }
}

/** Makes each batch late by a random part of `mostMs` without changing the order. */
class Lateness {
  readonly #seed: number;
  readonly #mostMs: number;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(seed: number, mostMs: number) {
    this.#seed = seed;
    this.#mostMs = mostMs;
  }

  of(atMs: number): number {
    if (this.#mostMs <= 0) return atMs;
    // By the batch's own instant: a later connection meets the same way.
    const draw = createRng(this.#seed, `flv-late-${Math.round(atMs)}`).next();
    this.#lastMs = Math.max(this.#lastMs, atMs + draw * this.#mostMs);
    return this.#lastMs;
  }
}
