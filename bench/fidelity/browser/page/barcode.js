/** From the left: a white cell, a black one, 16 bits (highest first), one that makes the number of white bits even. */
const CELL_PX = 16;
const BITS = 16;
const CELLS = 19;
/** Less than this between white and black is no bar code. */
const CONTRAST = 60;

/** Reads the frame number that the clip carries as a bar code along its top edge. */
export class Barcode {
  #context;

  constructor() {
    const canvas = document.createElement('canvas');
    canvas.width = CELLS;
    canvas.height = 1;
    this.#context = canvas.getContext('2d', { willReadFrequently: true });
  }

  /** The number on screen now, or -1 when the marks or the parity are wrong. */
  read(video) {
    // The middle half of each cell's height; each cell becomes one pixel.
    this.#context.drawImage(video, 0, CELL_PX / 4, CELLS * CELL_PX, CELL_PX / 2, 0, 0, CELLS, 1);
    const { data } = this.#context.getImageData(0, 0, CELLS, 1);
    const luma = (cell) => data[4 * cell + 1];
    if (luma(0) - luma(1) < CONTRAST) return -1;
    const threshold = (luma(0) + luma(1)) / 2;
    let number = 0;
    let ones = 0;
    for (let i = 0; i <= BITS; i++) {
      const bit = luma(2 + i) > threshold ? 1 : 0;
      ones += bit;
      if (i < BITS) number = number * 2 + bit;
    }
    return ones % 2 === 0 ? number : -1;
  }
}
