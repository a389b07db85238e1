/**
 * The number of a picture as cells on the picture itself: whoever sees the screen knows which picture it is. From
 * the left: a white cell, a black cell, 16 bits (highest first), and a cell that makes the number of white bits
 * even. Pure; the page reads it with the same rules.
 */
export const BARCODE = {
  cellPx: 16,
  bits: 16,
  /** White, black, bits, parity. */
  cells: 19,
} as const;

const WHITE_LUMA = 235;
const BLACK_LUMA = 16;

/** Paints the cells of `frame` (0 to 65535) onto the luma plane of a picture that is `widthPx` wide (>= 304). */
export function paintBarcode(luma: Uint8Array, widthPx: number, frame: number): void {
  const white = cellsOf(frame);
  for (let row = 0; row < BARCODE.cellPx; row++) {
    for (let cell = 0; cell < BARCODE.cells; cell++) {
      const from = row * widthPx + cell * BARCODE.cellPx;
      luma.fill(white[cell] ? WHITE_LUMA : BLACK_LUMA, from, from + BARCODE.cellPx);
    }
  }
}

/** The number, or undefined when the marks or the parity are wrong. `lumaAt` takes pixels, any scale from dark to light. */
export function readBarcode(lumaAt: (xPx: number, yPx: number) => number): number | undefined {
  const middle = BARCODE.cellPx / 2;
  const cell = (index: number): number => lumaAt(index * BARCODE.cellPx + middle, middle);
  const white = cell(0);
  const black = cell(1);
  if (white - black < 60) return undefined;
  const threshold = (white + black) / 2;
  let frame = 0;
  let ones = 0;
  for (let bit = 0; bit < BARCODE.bits; bit++) {
    const one = cell(2 + bit) > threshold ? 1 : 0;
    frame = frame * 2 + one;
    ones += one;
  }
  const parity = cell(2 + BARCODE.bits) > threshold ? 1 : 0;
  return (ones + parity) % 2 === 0 ? frame : undefined;
}

function cellsOf(frame: number): boolean[] {
  const bits = Array.from(
    { length: BARCODE.bits },
    (_, bit) => ((frame >> (BARCODE.bits - 1 - bit)) & 1) === 1,
  );
  return [true, false, ...bits, bits.filter(Boolean).length % 2 === 1];
}
