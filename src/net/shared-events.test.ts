import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSharedEvents } from './shared-events.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');
const still = () => 0;
const decode = (text: string) => createSharedEvents(still).decode(bytes(text));

describe('an event on the wire', () => {
  it.each([
    ['42["connected",{"a":1}]', { namespace: '/', name: 'connected', args: [{ a: 1 }] }],
    [
      '42/chat,["chat:message",{"m":"안녕"}]',
      { namespace: '/chat', name: 'chat:message', args: [{ m: '안녕' }] },
    ],
    ['42/streaming,["bare"]', { namespace: '/streaming', name: 'bare', args: [] }],
    ['42["two",1,"2"]', { namespace: '/', name: 'two', args: [1, '2'] }],
  ])('%s is read', (text, event) => {
    expect(decode(text)).toEqual(event);
  });

  it.each([
    ['', 'nothing'],
    ['2', 'a ping'],
    ['40/chat,{"sid":"x"}', 'a connect'],
    ['41/chat,', 'a disconnect'],
    ['44{"message":"no"}', 'a refusal'],
    ['4212["asked",1]', 'an event that wants an acknowledgement'],
    ['42/chat,7["asked",1]', 'the same in a namespace'],
    ['451-["binary",{"_placeholder":true,"num":0}]', 'an event with binary parts'],
    ['42/chat', 'a namespace without an end'],
    ['42["cut', 'JSON that is cut off'],
    ['42{"no":"list"}', 'no list'],
    ['42[]', 'an empty list'],
    ['42[7]', 'a name that is no text'],
    ['42["disconnect"]', 'a name of the library'],
  ])('%s (%s) is left to the library', (text) => {
    expect(decode(text)).toBeUndefined();
  });

  it('never throws, whatever the bytes are', () => {
    const events = createSharedEvents(still);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, isEvent) => {
        const data = isEvent ? Buffer.concat([bytes('42['), noise]) : Buffer.from(noise);
        expect(() => events.decode(data)).not.toThrow();
      }),
    );
    const deep = `42["deep",${'['.repeat(2000)}${']'.repeat(2000)}]`;
    expect(events.decode(bytes(deep))?.name).toBe('deep');
    const deeper = `42["deep",${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}]`;
    expect(events.decode(bytes(deeper))?.name).toBe('deep');
  });
});

describe('a broadcast', () => {
  const text = '42/chat,["chat:message",{"data":{"message":"m","list":[{"n":1}]}}]';

  it('is decoded once and shared by all that receive it', () => {
    const events = createSharedEvents(still);
    const first = events.decode(bytes(text));
    expect(first).toBeDefined();
    expect(events.decode(bytes(text))).toBe(first);
  });

  it('of a backlog of 500 is decoded once, though each receiver gets the whole backlog in one piece', () => {
    const events = createSharedEvents(still);
    const message = (n: number) =>
      bytes(
        `42/chat,["chat:message",{"id":"m-${n * 7919}","at":${1_700_000_000_000 + n * 20},"text":"how much?"}]`,
      );
    const backlog = Array.from({ length: 500 }, (_, n) => message(n));
    const first = backlog.map((text) => events.decode(text));
    const again = backlog.map((text) => events.decode(text));
    expect(new Set(first).size).toBe(500);
    expect(again.every((event, n) => event === first[n])).toBe(true);
  });

  it('is forgotten when a thousand others have come', () => {
    const events = createSharedEvents(still);
    const first = events.decode(bytes(text));
    for (let n = 0; n < 1100; n++) events.decode(bytes(`42["other",${n}]`));
    expect(events.decode(bytes(text))).not.toBe(first);
    expect(events.decode(bytes(text))).toEqual(first);
  });

  it('is forgotten a minute after it came first, when the next one comes', () => {
    let nowMs = 0;
    const events = createSharedEvents(() => nowMs);
    const first = events.decode(bytes(text));
    nowMs = 59_000;
    events.decode(bytes('42["other",1]'));
    expect(events.decode(bytes(text))).toBe(first);
    nowMs = 61_000;
    events.decode(bytes('42["other",2]'));
    const second = events.decode(bytes(text));
    expect(second).not.toBe(first);
    expect(second).toEqual(first);
    // It came anew: what is older than it goes before it.
    nowMs = 119_500;
    events.decode(bytes('42["other",3]'));
    expect(events.decode(bytes(text))).toBe(second);
  });

  it('cannot be changed by one receiver for the others', () => {
    const payload = decode(text)?.args[0] as { data: { message: string; list: { n: number }[] } };
    expect(() => {
      payload.data.message = 'other';
    }).toThrow(TypeError);
    expect(() => payload.data.list.push({ n: 2 })).toThrow(TypeError);
  });

  it('does not depend on the buffer that it came in, which is used again', () => {
    const events = createSharedEvents(still);
    const pooled = bytes(text);
    const first = events.decode(pooled);
    pooled.fill(0x20);
    expect(events.decode(bytes(text))).toBe(first);
  });

  it('is never taken for another one, however alike they are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { minLength: 1, maxLength: 400 }), (picks) => {
        const events = createSharedEvents(still);
        for (const pick of picks) {
          const event = events.decode(bytes(`42["e",{"id":"${'x'.repeat(pick % 3)}${pick}y"}]`));
          expect(event?.args).toEqual([{ id: `${'x'.repeat(pick % 3)}${pick}y` }]);
        }
      }),
    );
  });

  it('that is long, and so goes to one viewer alone, takes no memory', () => {
    const events = createSharedEvents(still);
    const history = bytes(`42["chat:history",{"messages":["${'x'.repeat(5000)}"]}]`);
    expect(events.decode(history)).toEqual(events.decode(history));
    expect(events.decode(history)).not.toBe(events.decode(history));
  });
});
