import { describe, expect, it } from 'vitest';
import { be, bytes } from '../../test/support/media-bytes.js';
import { type ProgramMap, readPat, readPmt } from './ts-reader-psi.js';

const blank = (): ProgramMap => ({ videoPid: -1, videoCodec: 'avc', audioPid: -1, encrypted: false });

/** A section behind its pointer field; the length covers what follows it, a CRC included. */
function section(table: number, body: Uint8Array, pointer = 0): Uint8Array {
  const skipped = new Uint8Array(pointer).fill(0xff);
  return bytes(pointer, skipped, table, be(0xb000 | (body.length + 4), 2), body, be(0, 4));
}

const HEAD = bytes(be(1, 2), 0xc1, 0, 0);
const stream = (type: number, pid: number, descriptor: readonly number[] = []): Uint8Array =>
  bytes(type, be(0xe000 | pid, 2), be(0xf000 | descriptor.length, 2), descriptor);
const map = (...streams: readonly Uint8Array[]): Uint8Array =>
  bytes(HEAD, be(0xe100, 2), be(0xf000, 2), ...streams);

describe('readPat', () => {
  const programs = bytes(HEAD, be(0, 2), be(0xe010, 2), be(7, 2), be(0xf001, 2), be(8, 2), be(0xf002, 2));

  it('names the map of the first program, the network table left out', () => {
    const payload = section(0, programs);
    expect(readPat(payload, 0, payload.length)).toBe(0x1001);
  });

  it('follows the pointer field', () => {
    const payload = section(0, programs, 5);
    expect(readPat(payload, 0, payload.length)).toBe(0x1001);
  });

  it('reads nothing out of another table, or of bytes that end too early', () => {
    const payload = section(0, programs);
    expect(readPat(section(2, programs), 0, payload.length)).toBe(-1);
    for (let end = 0; end < 17; end++) expect(readPat(payload, 0, end), `cut at ${end}`).toBe(-1);
  });
});

describe('readPmt', () => {
  it('takes the first track of each kind, descriptors stepped over', () => {
    const out = blank();
    const payload = section(
      2,
      map(
        stream(0x15, 0x102, [1, 2, 3]),
        stream(0x0f, 0x101, [10, 1, 9]),
        stream(0x24, 0x100),
        stream(0x1b, 0x103),
      ),
    );
    expect(readPmt(payload, 0, payload.length, out)).toBe(true);
    expect(out).toEqual({ videoPid: 0x100, videoCodec: 'hevc', audioPid: 0x101, encrypted: false });
  });

  it('leaves the last map alone where there is none to read', () => {
    const out = { ...blank(), videoPid: 5 };
    const payload = section(0, map(stream(0x1b, 0x100)));
    expect(readPmt(payload, 0, payload.length, out)).toBe(false);
    expect(readPmt(bytes(200), 0, 1, out)).toBe(false);
    expect(out.videoPid).toBe(5);
  });

  it('does not take the CRC for a stream', () => {
    const out = blank();
    const payload = bytes(section(2, map()), stream(0x1b, 0x100));
    expect(readPmt(payload, 0, payload.length, out)).toBe(true);
    expect(out.videoPid).toBe(-1);
  });
});
