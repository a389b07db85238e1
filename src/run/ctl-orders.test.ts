import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../cli/command-line.js';
import { ConfigError } from '../errors.js';
import { ctlOrder, ctlWords } from './ctl-orders.js';

describe('an order', () => {
  it.each([
    { word: 'pause', vus: undefined, order: { kind: 'pause' } },
    { word: 'scale', vus: '80', order: { kind: 'scale', vus: 80 } },
    { word: 'scale', vus: '0', order: { kind: 'scale', vus: 0 } },
    { word: 'scale', vus: undefined, order: undefined },
    { word: 'scale', vus: '-1', order: undefined },
    { word: 'scale', vus: '1e3', order: undefined },
    { word: 'scale', vus: '99999999', order: undefined },
    { word: 'pause', vus: '3', order: undefined },
    { word: 'toString', vus: undefined, order: undefined },
    { word: '', vus: undefined, order: undefined },
  ])('$word $vus is $order', ({ word, vus, order }) => {
    expect(ctlOrder(word, vus)).toEqual(order);
  });
});

describe('the words of ctl', () => {
  const read = (...argv: string[]): unknown => {
    const line = parseCommandLine(['ctl', ...argv]);
    if (line.command !== 'ctl') return line;
    return ctlWords(line.word ?? '', line.more ?? [], line.issues);
  };

  it('are an order and a folder, and a number between them for scale', () => {
    expect(read('pause', 'runs/x')).toEqual({ order: { kind: 'pause' }, folder: 'runs/x' });
    expect(read('scale', '7', 'runs/x')).toEqual({ order: { kind: 'scale', vus: 7 }, folder: 'runs/x' });
  });

  it.each([
    { argv: [], words: /ORDER is missing/ },
    { argv: ['jump', 'runs/x'], words: /no such order \(seen jump, wanted pause, resume/ },
    { argv: ['pause'], words: /the run is not said/ },
    { argv: ['scale'], words: /no number of viewers/ },
    { argv: ['scale', 'runs/x'], words: /no number of viewers \(seen runs\/x/ },
    { argv: ['scale', '5'], words: /the run is not said/ },
    { argv: ['stop', 'runs/x', 'runs/y'], words: /"runs\/y" belongs to nothing/ },
    { argv: ['stop', 'runs/x', '--force'], words: /--force: no such flag/ },
  ])('$argv are refused', ({ argv, words }) => {
    expect(() => read(...argv)).toThrow(ConfigError);
    expect(() => read(...argv)).toThrow(words);
  });
});
