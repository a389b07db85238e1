import type { ViewSize } from '../report/live-view.js';
import { widthOf } from '../report/text-width.js';

/** The part of a terminal's stream that is used. */
export interface TerminalStream {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** ECMA-48 and DEC private modes: what every terminal understands. */
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_LINE = '\u001b[2K';
const CLEAR_BELOW = '\u001b[J';
const up = (lines: number): string => (lines > 0 ? `\u001b[${lines}A` : '');

/** What a terminal that does not say is taken for. */
const DEFAULT_SIZE: ViewSize = { columns: 80, rows: 24 };

/**
 * A few lines at the end of a terminal that are written anew in place. Between two writes the cursor is visible and
 * stands below them, and no mode is left on: whatever ends the process, the terminal is as it was.
 */
export class Screen {
  readonly #stream: TerminalStream;
  #lines: readonly string[] = [];
  #columns = 0;

  constructor(stream: TerminalStream) {
    this.#stream = stream;
  }

  get size(): ViewSize {
    const { columns, rows } = this.#stream;
    return { columns: columns || DEFAULT_SIZE.columns, rows: rows || DEFAULT_SIZE.rows };
  }

  /** Shows `lines` where the ones before them stood; each must be narrower than the terminal. */
  draw(lines: readonly string[]): void {
    const same = lines.length === this.#lines.length && lines.every((line, row) => line === this.#lines[row]);
    if (!same || this.size.columns !== this.#columns) this.#write('', lines);
  }

  /** Writes one line above the view. */
  print(line: string): void {
    this.#write(`${line}\n`, this.#lines);
  }

  /** Takes the view away; the cursor stands where it began. */
  clear(): void {
    if (this.#lines.length > 0) this.#write('', []);
  }

  /** One write, so that no half picture is seen and the cursor does not flicker. */
  #write(above: string, lines: readonly string[]): void {
    const text = lines.map((line) => `${CLEAR_LINE}${line}\n`).join('');
    const begin = `${HIDE_CURSOR}\r${up(this.#rowsTaken())}`;
    const message = above === '' ? '' : `${CLEAR_BELOW}${above}`;
    this.#lines = lines;
    this.#columns = this.size.columns;
    this.#stream.write(`${begin}${message}${text}${CLEAR_BELOW}${SHOW_CURSOR}`);
  }

  /** Lines that became too long when the terminal was made narrower take more than one row now. */
  #rowsTaken(): number {
    const { columns } = this.size;
    return this.#lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
  }
}
