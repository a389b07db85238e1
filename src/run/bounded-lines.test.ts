import fc from 'fast-check';
import { expect, it } from 'vitest';
import { boundedLines } from './bounded-lines.js';

async function* cut(text: string, ats: readonly number[]): AsyncGenerator<string> {
  const places = [...new Set([0, ...ats.map((at) => at % (text.length + 1)), text.length])].sort(
    (a, b) => a - b,
  );
  for (let i = 1; i < places.length; i++) yield text.slice(places[i - 1], places[i]);
}

async function linesOf(text: string, maxChars: number, ats: readonly number[] = []): Promise<unknown[]> {
  const lines: unknown[] = [];
  for await (const line of boundedLines(cut(text, ats), maxChars)) lines.push(line);
  return lines;
}

it('gives each line, and undefined for one that is too long', async () => {
  expect(await linesOf('ab\n\nabcdef\nabc', 3)).toEqual(['ab', '', undefined, 'abc']);
  expect(await linesOf('abcd', 3)).toEqual([undefined]);
  expect(await linesOf('', 3)).toEqual([]);
});

it('does not depend on how the text is cut', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(100)), async (whole, ats) => {
      expect(await linesOf(whole, 5, ats)).toEqual(await linesOf(whole, 5));
    }),
  );
});
