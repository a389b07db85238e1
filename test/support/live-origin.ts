import { readFileSync } from 'node:fs';
import type { Answer, Piece } from './scripted-http.js';

const FIXTURES = new URL('../fixtures/srs/', import.meta.url);

export function fixture(path: string): Uint8Array {
  return readFileSync(new URL(path, FIXTURES));
}

/**
 * An HLS origin in virtual time that plays the recorded one-second segments as a live stream: `listed` of them
 * are out at the join, one more each second.
 */
export class LiveHlsOrigin {
  readonly name: string;
  readonly count: number;
  listed: number;
  window = 4;
  /** The publisher is silent for a while: everything behind it is listed that much later. */
  pause = { fromMs: Number.POSITIVE_INFINITY, forMs: 0 };
  /** Media is held for a while, then listed all at once. */
  freeze = { fromMs: Number.POSITIVE_INFINITY, forMs: 0 };
  /** Virtual time at which nothing new is listed any more. */
  frozenFromMs = Number.POSITIVE_INFINITY;
  /** From this number on segments carry no video packets. */
  audioOnlyFrom = Number.POSITIVE_INFINITY;
  /** Wall clock of the first segment's first picture: lists then carry PROGRAM-DATE-TIME, pictures no stamps. */
  datedFromEpochMs: number | undefined;
  /** From this number on segments hold the recording of this many numbers later: time jumps, numbers do not. */
  jump = { from: Number.POSITIVE_INFINITY, by: 0 };
  /** Delay of each segment's last byte. */
  segmentMs = 20;

  constructor(name: string, count: number, listed = 5) {
    this.name = name;
    this.count = count;
    this.listed = listed;
  }

  master(): Answer {
    return {
      body: `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=1\n/live/${this.name}.m3u8?hls_ctx=1234\n`,
    };
  }

  newest(nowMs: number): number {
    let mediaMs = Math.min(nowMs, this.frozenFromMs);
    const { pause, freeze } = this;
    if (mediaMs > pause.fromMs) mediaMs = Math.max(pause.fromMs, mediaMs - pause.forMs);
    if (mediaMs >= freeze.fromMs && mediaMs < freeze.fromMs + freeze.forMs) mediaMs = freeze.fromMs;
    return Math.min(this.count, this.listed + Math.floor(mediaMs / 1000)) - 1;
  }

  list(nowMs: number): Answer {
    const newest = this.newest(nowMs);
    const oldest = Math.max(0, newest - this.window + 1);
    const lines = [
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      `#EXT-X-MEDIA-SEQUENCE:${oldest}`,
      '#EXT-X-TARGETDURATION:1',
    ];
    for (let i = oldest; i <= newest; i++) {
      if (this.datedFromEpochMs !== undefined)
        lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(this.datedFromEpochMs + i * 1000).toISOString()}`);
      lines.push('#EXTINF:1.000, no desc', `${this.name}-${i}.ts?hls_ctx=1234`);
    }
    return { body: `${lines.join('\n')}\n`, headersAtMs: 5 };
  }

  segment(url: string, nowMs: number): Answer {
    const match = /-(\d+)\.ts/.exec(url);
    const n = Number(match?.[1]);
    const newest = this.newest(nowMs);
    if (!(n <= newest && n > newest - this.window - 1)) return { status: 404, body: 'gone' };
    const recorded = n >= this.jump.from ? n + this.jump.by : n;
    const file = fixture(`${this.name}/${this.name}-${recorded}.ts`);
    const stamped = n < this.audioOnlyFrom ? file : withoutVideo(file);
    const bytes = this.datedFromEpochMs === undefined ? stamped : withoutStamps(stamped);
    const half = bytes.length >> 1;
    const pieces: Piece[] = [
      { atMs: this.segmentMs / 2, bytes: bytes.subarray(0, half) },
      { atMs: this.segmentMs, bytes: bytes.subarray(half) },
    ];
    return { body: pieces, headersAtMs: this.segmentMs / 2 };
  }
}

/** The recorded FLV viewer as a body that arrives as it was recorded. */
export function recordedFlv(
  name: string,
  options: { untilMs?: number; holdFromMs?: number; holdMs?: number } = {},
): Piece[] {
  const bytes = fixture(`${name}/viewer.flv`);
  const lines = Buffer.from(fixture(`${name}/flv.chunks.ndjson`))
    .toString('utf8')
    .trim()
    .split('\n');
  const chunks = lines.slice(1).map((line) => JSON.parse(line) as { epochMs: number; bytes: number });
  const firstEpochMs = chunks[0]?.epochMs ?? 0;
  const pieces: Piece[] = [];
  let at = 0;
  for (const chunk of chunks) {
    let atMs = chunk.epochMs - firstEpochMs + 10;
    if (options.untilMs !== undefined && atMs > options.untilMs) break;
    const { holdFromMs, holdMs = 0 } = options;
    if (holdFromMs !== undefined && atMs >= holdFromMs && atMs < holdFromMs + holdMs)
      atMs = holdFromMs + holdMs;
    pieces.push({ atMs, bytes: bytes.subarray(at, at + chunk.bytes) });
    at += chunk.bytes;
  }
  return pieces;
}

/** The pieces behind `before`, with every tag's time moved ahead by `jumpMs`. */
export function jumpTagTimes(all: readonly Piece[], before: readonly Piece[], jumpMs: number): Piece[] {
  const bytes = Buffer.concat(all.map((piece) => Buffer.from(piece.bytes as Uint8Array)));
  const from = before.reduce((sum, piece) => sum + (piece.bytes as Uint8Array).length, 0);
  // File header and first PreviousTagSize, then tag after tag: u24 size at 1, u24 time and its upper byte at 4.
  for (let at = 13; at + 11 <= bytes.length; at += 15 + bytes.readUIntBE(at + 1, 3)) {
    if (at < from) continue;
    const timeMs = bytes.readUIntBE(at + 4, 3) + jumpMs;
    bytes.writeUIntBE(timeMs & 0xffffff, at + 4, 3);
    bytes.writeUInt8((timeMs >>> 24) & 0xff, at + 7);
  }
  const pieces: Piece[] = [];
  let at = 0;
  for (const piece of all) {
    const end = at + (piece.bytes as Uint8Array).length;
    if (at >= from) pieces.push({ atMs: piece.atMs, bytes: bytes.subarray(at, end) });
    at = end;
  }
  return pieces;
}

/** The same bytes with every capture stamp made unreadable. */
function withoutStamps(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  for (let at = copy.indexOf('DLCT1 '); at >= 0; at = copy.indexOf('DLCT1 ', at)) copy.fill('x', at, at + 6);
  return copy;
}

/** The same segment without the packets of its video PID (256 in what SRS writes), ISO 13818-1 2.4.3.2. */
function withoutVideo(bytes: Uint8Array): Uint8Array {
  const packets: Uint8Array[] = [];
  for (let at = 0; at + 188 <= bytes.length; at += 188) {
    const packet = bytes.subarray(at, at + 188);
    const pid = (((packet[1] ?? 0) & 0x1f) << 8) | (packet[2] ?? 0);
    if (pid !== 256) packets.push(packet);
  }
  return Buffer.concat(packets);
}
