import type { Broadcast, BroadcastState } from './broadcast.js';
import { type Meter, TOO_FAST, TOO_SLOW } from './meter.js';

/** A broadcast as it stands; `null` where nothing can be said yet. Rates are those of the last five seconds. */
export interface PublishStatus {
  readonly state: BroadcastState;
  /** Pictures that were stamped since the start, sent or not. */
  readonly stampedFrames: number;
  readonly fps: number | null;
  readonly bitsPerS: number | null;
  /** Seconds of source time per second; below 1 the machine is too slow for the encoder, far above it the source is not live. */
  readonly speed: number | null;
  /** Median from capture to the end of the encoded frame, milliseconds. */
  readonly encoderDelayMs: number | null;
  /** The server takes less than there is: the encoder is held up by it. */
  readonly waitingForServer: boolean;
  /** RTMP connections so far. */
  readonly connections: number;
}

/** What `GET /status` answers. */
export function statusOf(broadcast: Broadcast): PublishStatus {
  const rates = broadcast.meter.rates();
  const delayUs = broadcast.meter.encoderDelayUs;
  return {
    state: broadcast.state,
    stampedFrames: broadcast.meter.frames,
    fps: rates === undefined ? null : round(rates.fps, 1),
    bitsPerS: rates === undefined ? null : Math.round(rates.bitsPerS),
    speed: rates === undefined ? null : round(rates.speed, 3),
    encoderDelayMs: delayUs === undefined ? null : round(delayUs / 1000, 1),
    waitingForServer: broadcast.waitingForServer,
    connections: broadcast.connections,
  };
}

/** Words for a state. */
export const STATE_WORDS: Readonly<Record<BroadcastState, string>> = {
  connecting: 'connecting',
  on_air: 'on air',
  paused: 'paused: connected, nothing is sent',
  dropped: 'dropped: no connection',
  ended: 'ended',
};

/** The same as a line to read. */
export function statusLine(status: PublishStatus): string {
  const { state, fps, bitsPerS, speed, encoderDelayMs, stampedFrames, waitingForServer } = status;
  const parts = [STATE_WORDS[state]];
  if (fps !== null) parts.push(`${fps.toFixed(1)} fps`);
  if (bitsPerS !== null) parts.push(`${(bitsPerS / 1e6).toFixed(2)} Mbit/s`);
  if (speed !== null) parts.push(`speed ${speed.toFixed(2)}`);
  if (encoderDelayMs !== null) parts.push(`encoder delay ${(encoderDelayMs / 1000).toFixed(3)} s`);
  parts.push(`${stampedFrames} frames stamped`);
  if (waitingForServer) parts.push('held up by the server');
  else if (speed !== null && speed > TOO_FAST) parts.push(`too fast: ${PACE_IT}`);
  else if (speed !== null && speed < TOO_SLOW)
    parts.push('too slow: try a faster --preset or a smaller --size');
  return parts.join(', ');
}

/** What is to be said at the end. */
export function closingLine({
  frames,
  slowShare,
  fastShare,
}: Pick<Meter, 'frames' | 'slowShare' | 'fastShare'>): string {
  const stamped = `${frames} frames stamped`;
  if (fastShare >= MOSTLY) {
    return `${stamped}; the source ran ahead of time, so that no latency of it means anything: ${PACE_IT}`;
  }
  if (slowShare < WORTH_SAYING) return stamped;
  const percent = Math.round(slowShare * 100);
  return `${stamped}; for ${percent} % of the time the source did not keep up, and delays say more of that than of the way`;
}

/** What comes from a disk or a generator is there at once; ffmpeg reads it at its own pace when told to. */
const PACE_IT = 'the source is not live; put -re before the -i of --input, or use --file';
const WORTH_SAYING = 0.02;
/** A live source that makes up for a long hold-up runs ahead for a few seconds. */
const MOSTLY = 0.5;

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
