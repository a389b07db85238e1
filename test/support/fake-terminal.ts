/** A terminal that does what ECMA-48 says of the few sequences a screen writes. */
export class FakeTerminal {
  columns = 40;
  rows = 10;
  writes = 0;
  cursorVisible = true;
  lines: string[] = [''];
  row = 0;
  column = 0;

  write(text: string): void {
    this.writes++;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is read
    for (const [part, sequence] of text.matchAll(/\u001b\[(\??[\d;]*[A-Za-z])|[\s\S]/g)) {
      if (sequence === undefined) this.#type(part);
      else this.#control(sequence);
    }
  }

  /** What is on it, without empty rows at the end. */
  get shown(): string[] {
    const lines = [...this.lines];
    while (lines.length > 0 && lines.at(-1) === '') lines.pop();
    return lines;
  }

  #type(char: string): void {
    if (char === '\r') this.column = 0;
    else if (char === '\n') {
      this.row++;
      this.column = 0;
      if (this.lines.length <= this.row) this.lines.push('');
    } else {
      const line = this.lines[this.row] ?? '';
      this.lines[this.row] = line.slice(0, this.column) + char + line.slice(this.column + 1);
      this.column++;
    }
  }

  #control(sequence: string): void {
    if (sequence === '?25l') this.cursorVisible = false;
    else if (sequence === '?25h') this.cursorVisible = true;
    else if (sequence.endsWith('m'))
      return; // colours
    else if (sequence === '2K') this.lines[this.row] = '';
    else if (sequence === 'J') {
      this.lines = this.lines.slice(0, this.row + 1);
      this.lines[this.row] = (this.lines[this.row] ?? '').slice(0, this.column);
    } else if (sequence.endsWith('A')) this.row = Math.max(0, this.row - Number(sequence.slice(0, -1)));
    else throw new Error(`a terminal is not asked for ${sequence}`);
  }
}
