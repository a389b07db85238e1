/**
 * Two rows of cells. Upper, from the left: white, black, 16 bits (highest first), one that makes the number of white
 * bits even. Lower: black, white, 16 bits of a hash, parity: a picture that was decoded without those it builds upon
 * is a mixture of several, and only the hash tells.
 */
const CELL_PX = 16;
const BITS = 16;
const CELLS = 19;
const ROWS = 2;
/** Less than this between white and black is no bar code. */
const CONTRAST = 60;

/** Reads the frame number that the clip carries as a bar code along its top edge. */
export class Barcode {
  #context;

  constructor() {
    const canvas = document.createElement('canvas');
    canvas.width = CELLS;
    canvas.height = ROWS;
    this.#context = canvas.getContext('2d', { willReadFrequently: true });
  }

  /** The number on screen now, or -1 when marks, parity or hash are wrong. */
  read(video) {
    for (let row = 0; row < ROWS; row++) {
      // The middle half of each cell's height; each cell becomes one pixel.
      const fromPx = row * CELL_PX + CELL_PX / 4;
      this.#context.drawImage(video, 0, fromPx, CELLS * CELL_PX, CELL_PX / 2, 0, row, CELLS, 1);
    }
    const { data } = this.#context.getImageData(0, 0, CELLS, ROWS);
    const number = readRow((cell) => data[4 * cell + 1], 0, 1);
    const hash = readRow((cell) => data[4 * (CELLS + cell) + 1], 1, 0);
    return number >= 0 && hash === ((number * 40503 + 31161) & 0xffff) ? number : -1;
  }
}

/** The row's number, or -1. */
function readRow(luma, whiteCell, blackCell) {
  if (luma(whiteCell) - luma(blackCell) < CONTRAST) return -1;
  const threshold = (luma(whiteCell) + luma(blackCell)) / 2;
  let number = 0;
  let ones = 0;
  for (let i = 0; i <= BITS; i++) {
    const bit = luma(2 + i) > threshold ? 1 : 0;
    ones += bit;
    if (i < BITS) number = number * 2 + bit;
  }
  return ones % 2 === 0 ? number : -1;
}
