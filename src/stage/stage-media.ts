/** The media half of the platform, put together without a socket: publisher, FLV fan-out, HLS, their faults. */
import { Capacity } from './capacity.js';
import type { Clip } from './clip.js';
import type { StageCounts } from './counts.js';
import { Emissions } from './emissions.js';
import { createEncoder } from './encoder.js';
import type { FaultBoard } from './fault-board.js';
import { FlvFanout } from './flv-fanout.js';
import { HlsContexts } from './hls-contexts.js';
import { HlsFaults } from './hls-faults.js';
import { HlsSegmenter } from './hls-segmenter.js';
import { HlsServer } from './hls-server.js';
import { Publisher } from './publisher.js';
import { actOnSource, comeBack } from './source-faults.js';
import type { StageClock } from './stage-clock.js';
import type { ResolvedStageOptions } from './stage-options.js';

export interface MediaWorld {
  readonly clock: StageClock;
  readonly counts: StageCounts;
  readonly faults: FaultBoard;
  readonly clip: Clip;
}

export interface StageMedia {
  readonly publisher: Publisher;
  readonly flv: FlvFanout;
  readonly hls: HlsServer;
  readonly contexts: HlsContexts;
  readonly capacity: Capacity;
  /** What the encoder really makes. */
  readonly bitsPerS: number;
}

/** HLS sessions idle out after two windows. */
const CONTEXT_IDLE_WINDOWS = 2;
/** An HLS viewer asks for something at least this often. */
const ASKS_WITHIN_MS = 3000;

/** Everything between the clip and the bytes of an answer; silent until `publisher.start`. */
export function createStageMedia(world: MediaWorld, options: ResolvedStageOptions): StageMedia {
  const { clock, counts, faults, clip } = world;
  const { streamKey, hlsFragmentMs: fragmentMs, hlsWindowMs: windowMs } = options;
  const encoder = createEncoder(clip, options.bitsPerS);
  const emissions = new Emissions(clock);
  const contexts = new HlsContexts(clock, CONTEXT_IDLE_WINDOWS * windowMs);
  const capacity = new Capacity({
    ...{ faults, clock },
    flvViewers: () => counts.flv.viewersNow,
    hlsViewers: () => contexts.activeWithin(ASKS_WITHIN_MS),
  });
  const flv = new FlvFanout({
    ...{ clock, headers: encoder.headers, counts: counts.flv, emissions },
    ...{ gopCacheMessages: options.gopCacheMessages, silenceLimitMs: options.flvSilenceLimitMs },
    isGarbage: () => faults.active('garbage-flv') !== undefined,
    // Who cannot be reached is a slow reader.
    isGap: () => faults.active('gap') !== undefined || faults.active('blackhole') !== undefined,
    isUnpublished: () => faults.active('unpublished') !== undefined,
    share: () => capacity.mediaShare(),
  });
  const segmenter = new HlsSegmenter(clock, fragmentMs, windowMs);
  const hlsFaults = new HlsFaults(faults, segmenter, contexts, () => capacity.mediaShare());
  const hls = new HlsServer({ streamKey, fragmentMs }, segmenter, contexts, counts.hls, hlsFaults);
  const publisher = new Publisher(clip, encoder, clock, options.timestampBaseMs);
  publisher.addSink(flv);
  publisher.addSink(segmenter);
  actOnSource(faults, { publisher, emissions, clock });
  faults.act('flv-cut', { begin: () => flv.cut() });
  faults.act('kill-media', {
    begin() {
      publisher.stop();
      flv.close();
    },
    end() {
      segmenter.restart();
      contexts.clear();
      comeBack(faults, publisher);
    },
  });
  faults.act('flv-end', { begin: () => flv.end() });
  return { publisher, flv, hls, contexts, capacity, bitsPerS: encoder.bitsPerS };
}
