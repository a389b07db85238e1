import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLine, parseLine, type TraceLine } from './line.js';

const LINES: readonly TraceLine[] = [
  { kind: 'state', atMs: 12.34567, state: 'running' },
  { kind: 'keyframe', atMs: 1 },
  { kind: 'event', atMs: 5, name: 'seek', facts: { cause: 'drift', skippedMs: 12, loud: true } },
  { kind: 'socket', atMs: 5, what: 'closed' },
];

describe('a line of a trace', () => {
  it.each(LINES)('is read as it was written, to a tenth of a millisecond: %j', (line) => {
    expect(parseLine(formatLine(line))).toEqual({ ...line, atMs: Math.round(line.atMs * 10) / 10 });
  });

  it.each([
    ['no JSON', '{"kind":"keyf'],
    ['no object', '[1]'],
    ['an unknown kind', '{"kind":"toString","atMs":1}'],
    ['a kind of every object', '{"kind":"constructor","atMs":1}'],
    ['no instant', '{"kind":"keyframe"}'],
    ['an instant that is none', '{"kind":"keyframe","atMs":"1"}'],
    ['a missing field', '{"kind":"state","atMs":1}'],
    ['a value that does not exist', '{"kind":"state","atMs":1,"state":"dancing"}'],
    ['a field of another type', '{"kind":"event","atMs":1,"name":1,"facts":{}}'],
    ['facts that are none', '{"kind":"event","atMs":1,"name":"x","facts":{"a":{}}}'],
    ['too long', `{"kind":"event","atMs":1,"name":"${'x'.repeat(20_000)}","facts":{}}`],
  ])('is none with %s', (_, text) => {
    expect(parseLine(text)).toBeUndefined();
  });

  it('never throws, whatever the text is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        parseLine(text);
      }),
    );
  });
});
