/**
 * The number of a picture as cells on the picture itself: whoever sees the screen knows which picture it is. Two
 * rows of square cells along the top edge. Upper row from the left: white, black, 16 bits of the number (highest
 * first), a cell that makes the number of white bits even. Lower row: black, white, 16 bits of a hash of the
 * number, parity. The hash is for pictures that were decoded without those they build upon: such a picture is a
 * mixture of several, and a mixture of two numbers is a number. Pure; the page reads it with the same rules.
 */
export const BARCODE = {
  cellPx: 16,
  bits: 16,
  /** In a row: two marks, bits, parity. */
  cells: 19,
  rows: 2,
} as const;

const WHITE_LUMA = 235;
const BLACK_LUMA = 16;
/** Less than this between white and black is no bar code. */
const LEAST_CONTRAST = 60;

/** Paints the cells of `frame` (0 to 65535) onto the luma plane of a picture that is `widthPx` wide (>= 304). */
export function paintBarcode(luma: Uint8Array, widthPx: number, frame: number): void {
  const rows = [
    [true, false, ...bitsAndParity(frame)],
    [false, true, ...bitsAndParity(hashOf(frame))],
  ];
  for (let y = 0; y < BARCODE.rows * BARCODE.cellPx; y++) {
    const row = rows[Math.floor(y / BARCODE.cellPx)] as boolean[];
    for (let cell = 0; cell < BARCODE.cells; cell++) {
      const from = y * widthPx + cell * BARCODE.cellPx;
      luma.fill(row[cell] ? WHITE_LUMA : BLACK_LUMA, from, from + BARCODE.cellPx);
    }
  }
}

/**
 * The number, or undefined when marks, parity or hash are wrong.
 *
 * @param lumaAt brightness of a pixel, any scale from dark to light with 60 steps between black and white at least
 */
export function readBarcode(lumaAt: (xPx: number, yPx: number) => number): number | undefined {
  const frame = readRow(lumaAt, 0);
  const hash = readRow(lumaAt, 1);
  return frame !== undefined && hash === hashOf(frame) ? frame : undefined;
}

function readRow(lumaAt: (xPx: number, yPx: number) => number, row: number): number | undefined {
  const middle = BARCODE.cellPx / 2;
  const cell = (index: number): number =>
    lumaAt(index * BARCODE.cellPx + middle, row * BARCODE.cellPx + middle);
  const [white, black] = row === 0 ? [cell(0), cell(1)] : [cell(1), cell(0)];
  if (white - black < LEAST_CONTRAST) return undefined;
  const threshold = (white + black) / 2;
  let value = 0;
  let ones = 0;
  for (let bit = 0; bit < BARCODE.bits; bit++) {
    const one = cell(2 + bit) > threshold ? 1 : 0;
    value = value * 2 + one;
    ones += one;
  }
  const parity = cell(2 + BARCODE.bits) > threshold ? 1 : 0;
  return (ones + parity) % 2 === 0 ? value : undefined;
}

function bitsAndParity(value: number): readonly boolean[] {
  const bits = Array.from({ length: BARCODE.bits }, (_, i) => ((value >> (BARCODE.bits - 1 - i)) & 1) === 1);
  return [...bits, bits.filter(Boolean).length % 2 === 1];
}

/** Neighbours differ in about half of their bits. */
function hashOf(frame: number): number {
  return (frame * 40_503 + 31_161) & 0xffff;
}
