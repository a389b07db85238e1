/** Builds small FLV and TS byte streams for tests, by the letter of the formats. No code of ours is used. */

/** Concatenates byte arrays and single numbers. */
export function bytes(...parts: readonly (number | Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])));
}

/** `value` in `count` bytes, most significant first. */
export function be(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor(value / 256 ** (count - 1 - i)) % 256);
}

/** ASCII codes of `text`. */
export function ascii(text: string): number[] {
  return [...text].map((char) => char.charCodeAt(0));
}

/** FLV file header with the size of "tag 0". */
export function flvHeader(flags = 5): Uint8Array {
  return bytes(ascii('FLV'), 1, flags, be(9, 4), be(0, 4));
}

/** One FLV tag with its trailer. */
export function flvTag(type: number, timeMs: number, body: Uint8Array): Uint8Array {
  const time = be(timeMs, 4);
  return bytes(
    type,
    be(body.length, 3),
    time.slice(1),
    time.slice(0, 1),
    be(0, 3),
    body,
    be(11 + body.length, 4),
  );
}

/** A NAL unit with its 4-byte length. */
export function lengthPrefixed(nal: Uint8Array): Uint8Array {
  return bytes(be(nal.length, 4), nal);
}

/** Decoder configuration with 4-byte NAL lengths. */
export const AVC_CONFIG = bytes(
  [0x17, 0, 0, 0, 0],
  [1, 0x64, 0, 0x15, 0xff, 0xe1, 0, 4, 0x67, 0x64, 0, 0x15, 1, 0, 2, 0x68, 0xee],
);

/** AAC LC, 44.1 kHz, stereo. */
export const AAC_CONFIG = bytes(0xaf, 0, 0x12, 0x10);

/** A video body of NAL units; `compositionMs` may be negative. */
export function avcBody(key: boolean, compositionMs: number, ...nals: readonly Uint8Array[]): Uint8Array {
  const composition = be(compositionMs < 0 ? compositionMs + 0x1000000 : compositionMs, 3);
  return bytes(key ? 0x17 : 0x27, 1, composition, ...nals.map(lengthPrefixed));
}

/** A slice of `size` bytes: type 5 (IDR) or 1. */
export function slice(type: 1 | 5, size = 60): Uint8Array {
  return bytes(0x60 | type, new Uint8Array(size - 1).fill(0xab));
}

/** A raw AAC frame of an FLV audio tag. */
export function aacBody(size = 40): Uint8Array {
  return bytes(0xaf, 1, new Uint8Array(size).fill(0x21));
}

export interface TsPacketOptions {
  readonly pid: number;
  readonly counter: number;
  readonly start?: boolean;
  readonly discontinuity?: boolean;
  readonly scrambling?: number;
}

/** One TS packet; a short payload is stuffed by an adaptation field. */
export function tsPacket(options: TsPacketOptions, payload: Uint8Array): Uint8Array {
  const { pid, counter, start = false, discontinuity = false, scrambling = 0 } = options;
  const room = 184 - payload.length;
  const field =
    room === 0 ? [] : room === 1 ? [0] : [room - 1, discontinuity ? 0x80 : 0, ...Array(room - 2).fill(0xff)];
  const control = (scrambling << 6) | (room > 0 ? 0x30 : 0x10) | (counter & 15);
  return bytes(0x47, (start ? 0x40 : 0) | (pid >> 8), pid & 0xff, control, field, payload);
}

/** The packets that carry `payload`, the first marked as a start; counters run on from `counter`. */
export function tsPackets(pid: number, counter: number, payload: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += 184) {
    const options = { pid, counter: counter + packets.length, start: at === 0 };
    packets.push(tsPacket(options, payload.subarray(at, at + 184)));
  }
  return packets;
}

export const VIDEO_PID = 0x100;
export const AUDIO_PID = 0x101;

/** PAT naming one program map at PID 0x1001. */
export function patPacket(): Uint8Array {
  const section = bytes(0, 0, 0xb0, 13, be(1, 2), 0xc1, 0, 0, be(1, 2), be(0xe000 | 0x1001, 2), be(0, 4));
  return tsPacket({ pid: 0, counter: 0, start: true }, section);
}

/** PMT with the given (stream type, PID) pairs. */
export function pmtPacket(streams: readonly (readonly [type: number, pid: number])[]): Uint8Array {
  const entries = streams.flatMap(([type, pid]) => [type, ...be(0xe000 | pid, 2), ...be(0xf000, 2)]);
  const length = 9 + entries.length + 4;
  const head = bytes(0, 2, 0xb0, length, be(1, 2), 0xc1, 0, 0, be(0xe100, 2), be(0xf000, 2));
  return tsPacket({ pid: 0x1001, counter: 0, start: true }, bytes(head, entries, be(0, 4)));
}

/** PAT and PMT of H.264 with AAC. */
export function tables(): Uint8Array[] {
  return [
    patPacket(),
    pmtPacket([
      [0x1b, VIDEO_PID],
      [0x0f, AUDIO_PID],
    ]),
  ];
}

function stamp(prefix: number, ticks: number): number[] {
  const value = BigInt(ticks);
  const bits = (shift: bigint, mask: bigint): number => Number((value >> shift) & mask);
  return [
    (prefix << 4) | (bits(30n, 7n) << 1) | 1,
    bits(22n, 255n),
    (bits(15n, 127n) << 1) | 1,
    bits(7n, 255n),
    (bits(0n, 127n) << 1) | 1,
  ];
}

/** A PES packet with PTS, and DTS where it differs. Length 0 (open) for video. */
export function pesPacket(id: 'video' | 'audio', pts: number, dts: number, payload: Uint8Array): Uint8Array {
  const stamps = pts === dts ? stamp(2, pts) : [...stamp(3, pts), ...stamp(1, dts)];
  const length = id === 'video' ? 0 : 3 + stamps.length + payload.length;
  const flags = pts === dts ? 0x80 : 0xc0;
  const head = bytes(0, 0, 1, id === 'video' ? 0xe0 : 0xc0, be(length, 2), 0x80, flags, stamps.length);
  return bytes(head, stamps, payload);
}

/** An access unit in Annex B form, delimiter first. */
export function annexB(...nals: readonly Uint8Array[]): Uint8Array {
  return bytes([0, 0, 0, 1, 9, 0xf0], ...nals.flatMap((nal) => [[0, 0, 1], nal]));
}

/** One ADTS frame, 44.1 kHz. */
export function adtsFrame(size: number): Uint8Array {
  const length = size + 7;
  return bytes(
    [0xff, 0xf1, 0x50, 0x80 | (length >> 11), (length >> 3) & 0xff, ((length & 7) << 5) | 0x1f, 0xfc],
    new Uint8Array(size).fill(0x21),
  );
}
