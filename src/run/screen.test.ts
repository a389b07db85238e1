import { describe, expect, it } from 'vitest';
import { FakeTerminal } from '../../test/support/fake-terminal.js';
import { Screen } from './screen.js';

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
