import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { readClip } from '../../src/stage/clip.js';
import { emptyCounts, type StageCounts } from '../../src/stage/counts.js';
import { FaultBoard } from '../../src/stage/fault-board.js';
import type { MediaAnswer } from '../../src/stage/media-answer.js';
import { createStageMedia, type StageMedia } from '../../src/stage/stage-media.js';
import { resolveStageOptions, type StageOptions } from '../../src/stage/stage-options.js';
import { VirtualClock } from './virtual-clock.js';

/** As much of a socket as an FLV viewer of the stage uses; `blocked` = its peer reads nothing. */
export class FakeSocket {
  readonly written: Buffer[] = [];
  readonly #listeners = new Map<string, (() => void)[]>();
  blocked = false;
  destroyed = false;
  ended = false;
  writableLength = 0;

  write(data: Buffer | string): boolean {
    const bytes = Buffer.from(data as Buffer);
    this.written.push(bytes);
    if (this.blocked) this.writableLength += bytes.length;
    return !this.blocked;
  }
  on(event: string, fn: () => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), fn]);
  }
  once(event: string, fn: () => void): void {
    this.on(event, fn);
  }
  emit(event: string): void {
    for (const fn of this.#listeners.get(event) ?? []) fn();
  }
  drain(): void {
    this.blocked = false;
    this.writableLength = 0;
    this.emit('drain');
  }
  end(data: string): void {
    this.write(data);
    this.ended = true;
  }
  destroySoon(): void {
    this.ended = true;
  }
  cork(): void {}
  uncork(): void {}
  setNoDelay(): void {}
  setTimeout(): void {}

  /** The same object where a real socket is asked for. */
  asSocket(): Socket {
    return this as unknown as Socket;
  }
  text(): string {
    return Buffer.concat(this.written).toString('latin1');
  }
}

export interface SentTag {
  /** 8 audio, 9 video, 18 script. */
  readonly type: number;
  readonly timeMs: number;
  readonly body: Buffer;
}

/** The whole tags of an FLV body, whose trailers must be right; what follows the last whole one is left out. */
export function flvTagsOf(flv: Buffer): SentTag[] {
  const tags: SentTag[] = [];
  for (let at = 13; at + 15 <= flv.length; ) {
    const size = flv.readUIntBE(at + 1, 3);
    if (at + 15 + size > flv.length) break;
    const timeMs = flv.readUIntBE(at + 4, 3) + (flv[at + 7] as number) * 2 ** 24;
    tags.push({ type: flv[at] as number, timeMs, body: flv.subarray(at + 11, at + 11 + size) });
    if (flv.readUInt32BE(at + 11 + size) !== size + 11) throw new Error(`bad trailer at byte ${at}`);
    at += 15 + size;
  }
  return tags;
}

/** The body of a chunked answer: HTTP head and chunk framing taken off; a chunk that is cut is left out. */
export function dechunked(answer: Buffer): Buffer {
  let rest = answer.subarray(answer.indexOf('\r\n\r\n') + 4);
  const bodies: Buffer[] = [];
  while (rest.length > 0) {
    const lineEnd = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.subarray(0, lineEnd).toString(), 16);
    if (lineEnd === -1 || rest.length < lineEnd + 2 + size + 2) break;
    bodies.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size));
    rest = rest.subarray(lineEnd + 2 + size + 2);
  }
  return Buffer.concat(bodies);
}

/** The tags that a socket was given, head and chunk framing taken off. */
export function tagsOf(socket: FakeSocket): SentTag[] {
  return flvTagsOf(dechunked(Buffer.concat(socket.written)));
}

/** Packets by PID of a transport stream. Throws where it is none. */
export function tsPacketsByPid(segment: Buffer): Record<number, number> {
  const counts: Record<number, number> = {};
  for (let at = 0; at < segment.length; at += 188) {
    if (segment[at] !== 0x47) throw new Error(`no sync byte at ${at}`);
    const pid = segment.readUInt16BE(at + 1) & 0x1fff;
    counts[pid] = (counts[pid] ?? 0) + 1;
  }
  return counts;
}

export interface StageRig extends StageMedia {
  readonly clock: VirtualClock;
  readonly counts: StageCounts;
  readonly faults: FaultBoard;
  /** A new FLV viewer. */
  watch(): FakeSocket;
  /** One answer of HLS, `path` being the last part with its query. */
  get(path: string): MediaAnswer;
  /** The media list of a session; throws where it is none. */
  list(session: string): { readonly names: string[]; readonly numbers: number[]; readonly text: string };
}

const STREAM_KEY = 'key';

/** The media half of the stage on virtual time (wall clock 0 at its start), on air after `prerollMs`. */
export function stageRig(given: StageOptions = {}): StageRig {
  const options = resolveStageOptions({ streamKey: STREAM_KEY, bitsPerS: 0, prerollMs: 0, ...given });
  const clock = new VirtualClock({ startEpochMs: 0 });
  const counts = emptyCounts();
  const faults = new FaultBoard(clock);
  const file = new URL(`../../assets/clip-gop${options.gopMs / 1000}.flv`, import.meta.url);
  const media = createStageMedia({ clock, counts, faults, clip: readClip(readFileSync(file)) }, options);
  media.publisher.start(options.prerollMs);
  const get = (path: string): MediaAnswer => {
    const url = new URL(path, 'http://stage/');
    return media.hls.answer(`/live${url.pathname}`, url.searchParams);
  };
  return {
    ...{ ...media, clock, counts, faults, get },
    watch() {
      const socket = new FakeSocket();
      media.flv.join(socket.asSocket(), true);
      return socket;
    },
    list(session) {
      get(`${STREAM_KEY}.m3u8?hls_ctx=${session}`);
      const text = get(`${STREAM_KEY}.m3u8?hls_ctx=${session}`).body.toString();
      if (!text.includes('#EXTINF')) throw new Error(`no media list: ${text}`);
      const names = text.split('\n').filter((line) => line.includes('.ts'));
      return { names, numbers: names.map((name) => Number(/-(\d+)\.ts/.exec(name)?.[1])), text };
    },
  };
}
