import { readFileSync } from 'node:fs';

/** Recorded bytes and ffprobe's reading of them, from test/fixtures/srs. */
const ROOT = new URL('../fixtures/srs/', import.meta.url);

/** Absolute path of a recorded file, e.g. `plain/viewer.flv`. */
export function capturePath(name: string): string {
  return new URL(name, ROOT).pathname;
}

/** Bytes of a recorded file. */
export function captureBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(capturePath(name)));
}

/** Text of a recorded file. */
export function captureText(name: string): string {
  return readFileSync(capturePath(name), 'utf8');
}

/** One packet as ffprobe prints it with `-show_entries packet=codec_type,pts,dts,size,pos,flags -of csv=p=0`. */
export interface ProbedPacket {
  readonly track: string;
  readonly pts: number;
  readonly dts: number;
  readonly sizeBytes: number;
  readonly pos: number;
  readonly key: boolean;
}

/** Rows of ffprobe's CSV; it prints empty lines between the packets of a TS file. */
export function parseProbe(csv: string): ProbedPacket[] {
  const lines = csv.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [track = '', pts, dts, size, pos, flags = ''] = line.split(',');
    return {
      track,
      pts: Number(pts),
      dts: Number(dts),
      sizeBytes: Number(size),
      pos: Number(pos),
      key: flags.startsWith('K'),
    };
  });
}

/**
 * Hands `bytes` out in pieces of the given sizes, in turn. Each piece is a view into a larger buffer that is
 * overwritten after the call, as a pooled network buffer is: a reader that keeps one will be found out.
 */
export function pushInPieces(
  bytes: Uint8Array,
  sizes: readonly number[],
  push: (piece: Uint8Array) => void,
): void {
  const largest = Math.min(Math.max(1, ...sizes), bytes.length);
  const pool = new Uint8Array(largest + 7);
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, Math.min(sizes[turn % sizes.length] ?? bytes.length, bytes.length - at));
    pool.set(bytes.subarray(at, at + size), 7);
    push(pool.subarray(7, 7 + size));
    pool.fill(0x47);
    at += size;
  }
}
