import { describe, expect, it } from 'vitest';
import { BARCODE, paintBarcode, readBarcode } from './barcode.js';

const WIDTH_PX = 320;

function painted(frame: number): Uint8Array {
  const luma = new Uint8Array(WIDTH_PX * 40);
  paintBarcode(luma, WIDTH_PX, frame);
  return luma;
}

const read = (luma: Uint8Array): number | undefined =>
  readBarcode((x, y) => luma[y * WIDTH_PX + x] as number);

describe('the bar code of a picture', () => {
  it('says the number that was painted', () => {
    for (const frame of [0, 1, 2, 255, 2699, 40_000, 65_535]) expect(read(painted(frame))).toBe(frame);
  });

  it('says nothing when one cell is turned', () => {
    for (let cell = 0; cell < BARCODE.cells * BARCODE.rows; cell++) {
      const luma = painted(1234);
      const row = Math.floor(cell / BARCODE.cells);
      const x = (cell % BARCODE.cells) * BARCODE.cellPx;
      for (let y = row * BARCODE.cellPx; y < (row + 1) * BARCODE.cellPx; y++) {
        const at = y * WIDTH_PX + x;
        luma.fill((luma[at] as number) > 100 ? 16 : 235, at, at + BARCODE.cellPx);
      }
      expect(read(luma)).toBeUndefined();
    }
  });

  it('says nothing of a mixture of two pictures', () => {
    // What a decoder shows that lost the pictures between: cells that changed last are new, the others are old.
    let known = 0;
    for (let frame = 500; frame < 700; frame++) {
      const [old, before, now] = [painted(frame - 60), painted(frame - 1), painted(frame)];
      const mixture = old.map((luma, at) => (now[at] === before[at] ? luma : (now[at] as number)));
      if (read(mixture) !== undefined) known++;
    }
    expect(known).toBeLessThan(2);
  });

  it('says nothing of a grey picture', () => {
    expect(read(new Uint8Array(WIDTH_PX * 40).fill(120))).toBeUndefined();
  });
});
