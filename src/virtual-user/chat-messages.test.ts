import { describe, expect, it } from 'vitest';
import { createChatMessages } from './chat-messages.js';

const messages = createChatMessages('run-1');
const id = { vuId: 3, seq: 1, sentEpochMs: 1_700_000_000_000, dueEpochMs: 1_700_000_000_000 };
const payload = (clientMessageId: unknown) => ({ data: { userId: 'u', message: 'm', clientMessageId } });

describe('chat messages of a run', () => {
  it('are known by the name they were given', () => {
    const text = messages.nameOf(id);
    expect(messages.read(payload(text))).toEqual({ id, text });
  });

  it('are read once where many viewers share one payload', () => {
    const shared = Object.freeze(payload(messages.nameOf(id)));
    expect(messages.read(shared)).toBe(messages.read(shared));
  });

  it('are read anew where the payload may have changed', () => {
    const own = payload(messages.nameOf(id));
    expect(messages.read(own).id).toEqual(id);
    own.data.clientMessageId = 'somebody else';
    expect(messages.read(own).id).toBe('foreign');
  });

  it.each([undefined, null, 7, 'text', {}, [], { data: {} }, payload(7)])('%j is garbage', (seen) => {
    expect(messages.read(seen)).toEqual({ id: 'garbage', text: '' });
  });

  it('without a name are somebody else’s', () => {
    expect(messages.read(payload(undefined))).toEqual({ id: 'foreign', text: '' });
  });
});
