import { describe, expect, it } from 'vitest';
import { Screen } from './screen.js';

/** A terminal that does what ECMA-48 says of the few sequences a screen writes. */
class FakeTerminal {
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
    for (const [part, sequence] of text.matchAll(/\u001b\[(\??\d*[A-Za-z])|[\s\S]/g)) {
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
    else if (sequence === '2K') this.lines[this.row] = '';
    else if (sequence === 'J') {
      this.lines = this.lines.slice(0, this.row + 1);
      this.lines[this.row] = (this.lines[this.row] ?? '').slice(0, this.column);
    } else if (sequence.endsWith('A')) this.row = Math.max(0, this.row - Number(sequence.slice(0, -1)));
    else throw new Error(`a terminal is not asked for ${sequence}`);
  }
}

function rig() {
  const terminal = new FakeTerminal();
  terminal.write('$ run\n');
  terminal.writes = 0;
  return { terminal, screen: new Screen(terminal) };
}

describe('Screen', () => {
  it('shows the new lines where the old ones stood, more or fewer', () => {
    const { terminal, screen } = rig();
    screen.draw(['one', 'two']);
    screen.draw(['1', '2', '3']);
    expect(terminal.shown).toEqual(['$ run', '1', '2', '3']);
    screen.draw(['x']);
    expect(terminal.shown).toEqual(['$ run', 'x']);
  });

  it('prints messages above the view, in order', () => {
    const { terminal, screen } = rig();
    screen.draw(['one', 'two']);
    screen.print('a note that is longer than the view');
    screen.print('another');
    expect(terminal.shown).toEqual(['$ run', 'a note that is longer than the view', 'another', 'one', 'two']);
  });

  it('leaves nothing of the view behind, and the cursor where it began', () => {
    const { terminal, screen } = rig();
    screen.draw(['one', 'two']);
    screen.clear();
    terminal.write('$ ');
    expect(terminal.shown).toEqual(['$ run', '$ ']);
  });

  it('has the cursor visible after every write, and writes once per picture', () => {
    const { terminal, screen } = rig();
    for (const act of [() => screen.draw(['a']), () => screen.print('b'), () => screen.clear()]) {
      terminal.writes = 0;
      act();
      expect(terminal.writes).toBe(1);
      expect(terminal.cursorVisible).toBe(true);
      expect(terminal.column).toBe(0);
    }
  });

  it('does not write what stands there already', () => {
    const { terminal, screen } = rig();
    screen.draw(['a']);
    terminal.writes = 0;
    screen.draw(['a']);
    expect(terminal.writes).toBe(0);
    terminal.columns = 30;
    screen.draw(['a']);
    expect(terminal.writes).toBe(1);
  });

  it('finds its first row again after the terminal broke its lines in two', () => {
    const { terminal, screen } = rig();
    screen.draw(['x'.repeat(39), 'two']);
    terminal.columns = 20;
    terminal.lines = ['$ run', 'x'.repeat(20), 'x'.repeat(19), 'two', ''];
    terminal.row = 4;
    screen.draw(['short', 'two']);
    expect(terminal.shown).toEqual(['$ run', 'short', 'two']);
  });

  it('takes a terminal that does not know its size for 80 x 24', () => {
    expect(new Screen({ columns: 0, rows: 0, write: () => true }).size).toEqual({ columns: 80, rows: 24 });
  });
});
