import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, pesPacket } from '../../test/support/media-bytes.js';
import { blankPesHeader, type PesHeaderResult, readPesHeader, unwrapTicks90k } from './pes.js';

const WRAP = 2 ** 33;

function read(packet: Uint8Array): { result: PesHeaderResult; pts: number; dts: number; payload: number } {
  const header = blankPesHeader();
  const result = readPesHeader(packet, 0, packet.length, header);
  return { result, pts: header.ptsTicks90k, dts: header.dtsTicks90k, payload: header.payloadBytes };
}

describe('readPesHeader', () => {
  it('reads every 33-bit stamp', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: WRAP - 1 }),
        fc.integer({ min: 0, max: WRAP - 1 }),
        (pts, dts) => {
          const seen = read(pesPacket('video', pts, dts, bytes(1)));
          expect([seen.result, seen.pts, seen.dts]).toEqual(['ok', pts, dts]);
        },
      ),
    );
  });

  it('knows the announced payload, and that length 0 leaves it open', () => {
    expect(read(pesPacket('audio', 5, 5, bytes(1, 2, 3))).payload).toBe(3);
    expect(read(pesPacket('video', 5, 5, bytes(1, 2, 3))).payload).toBe(-1);
  });

  it('asks for more at every cut within the header', () => {
    const packet = pesPacket('video', 9, 6, bytes());
    for (let end = 0; end < packet.length; end++) {
      expect(read(packet.subarray(0, end)).result, `cut at ${end}`).toBe('short');
    }
  });

  it.each([
    ['start code', 2, 0],
    ['two leading bits', 6, 0x40],
    ['PTS flag', 7, 0],
    ['header length', 8, 4],
    ['prefix of the PTS', 9, 0x11],
    ['marker of the PTS', 9, 0x20],
    ['second marker of the PTS', 11, 0],
    ['third marker of the PTS', 13, 0x12],
    ['marker of the DTS', 14, 0x10],
  ])('refuses a wrong %s', (_, at, value) => {
    const packet = pesPacket('audio', 9, 6, bytes(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    packet[at] = value;
    expect(read(packet).result).toBe('bad');
  });

  it('names scrambled packets', () => {
    const packet = pesPacket('audio', 9, 9, bytes(1));
    packet[6] = 0xb0;
    expect(read(packet).result).toBe('encrypted');
  });
});

describe('unwrapTicks90k', () => {
  it('gives the value of the same stamp nearest to the last one', () => {
    const near = fc.integer({ min: -5 * WRAP, max: 5 * WRAP });
    fc.assert(
      fc.property(near, fc.integer({ min: -3_000_000_000, max: 3_000_000_000 }), (last, step) => {
        const truth = last + step;
        expect(unwrapTicks90k(((truth % WRAP) + WRAP) % WRAP, last)).toBe(truth);
      }),
    );
  });
});
