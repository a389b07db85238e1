import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createChatIdCodec } from './chat-id.js';

const codec = createChatIdCodec('2026-05-01T10-00-00Z-smoke-k3v9x2');
const someId = { vuId: 51, seq: 4, sentEpochMs: 1_800_000_000_123.456, dueEpochMs: 1_800_000_000_120 };

describe('the id of a chat message', () => {
  it('comes back as it was written, to the microsecond', () => {
    const epochUs = fc.integer({ min: 0, max: 4_000_000_000_000_000 });
    fc.assert(
      fc.property(fc.nat(), fc.nat(), epochUs, epochUs, (vuId, seq, sentUs, dueUs) => {
        const id = { vuId, seq, sentEpochMs: sentUs / 1000, dueEpochMs: dueUs / 1000 };
        expect(codec.decode(codec.encode(id))).toEqual(id);
      }),
    );
  });

  it('is short, and plain enough for any server', () => {
    expect(codec.encode(someId)).toMatch(/^[a-z0-9.]{20,64}$/);
  });

  it('is foreign when it is of another run, of a real page, or empty', () => {
    expect(codec.decode(createChatIdCodec('other').encode(someId))).toBe('foreign');
    expect(codec.decode('4dbb1c0e-7a0e-4a3e-9d06-9a2a4d2b8c11')).toBe('foreign');
    expect(codec.decode('')).toBe('foreign');
  });

  const whole = codec.encode(someId);
  const prefix = whole.slice(0, whole.indexOf('k3v9x2') + 7);
  it.each([
    ['cut short', whole.slice(0, whole.lastIndexOf('.'))],
    ['with a field too many', `${whole}.1`],
    ['with an empty field', `${prefix}1..2.3`],
    ['ending in a dot', `${whole}.`],
    ['in upper case', `${prefix}1.2.3A.4`],
    ['with a sign', `${prefix}1.-2.3.4`],
    ['with a leading zero', `${prefix}01.2.3.4`],
    ['beyond safe integers', `${prefix}1.2.zzzzzzzzzzz.4`],
    ['very long', `${prefix}1.2.3.${'9'.repeat(100_000)}`],
    ['with nothing after the run', prefix],
  ])('is garbage %s', (_title, text) => {
    expect(text.startsWith(prefix)).toBe(true);
    expect(codec.decode(text)).toBe('garbage');
  });

  it('never throws, and only what it would write itself is read', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'0129az.-AZ é') }).map((tail) => prefix + tail),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const id = codec.decode(text);
        if (typeof id === 'object') expect(codec.encode(id)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});
