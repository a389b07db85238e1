import { describe, expect, it } from 'vitest';
import { KeptConnection, socketWords } from './kept-connection.js';

function connections() {
  const made: { open: boolean }[] = [];
  const kept = new KeptConnection(async () => {
    const own = { open: true };
    made.push(own);
    return {
      isOpen: () => own.open,
      cut: () => {
        own.open = false;
      },
    };
  });
  return { made, kept };
}

describe('KeptConnection', () => {
  it('keeps one connection for all questions', async () => {
    const { made, kept } = connections();
    const { signal } = new AbortController();
    for (let i = 0; i < 5; i++) expect(await kept.use(signal, async () => i)).toBe(i);
    expect(made).toHaveLength(1);
  });

  it('makes another one when the last was lost between two questions', async () => {
    const { made, kept } = connections();
    const { signal } = new AbortController();
    await kept.use(signal, async () => 0);
    for (const each of made) each.open = false;
    expect(await kept.use(signal, async () => 1)).toBe(1);
    expect(made).toHaveLength(2);
  });

  it('cuts the connection when the time is over, and hears no late answer', async () => {
    const { made, kept } = connections();
    const controller = new AbortController();
    let answer: (value: number) => void = () => {};
    const asked = kept.use(controller.signal, () => new Promise<number>((resolve) => (answer = resolve)));
    await Promise.resolve();
    await Promise.resolve();
    controller.abort();
    expect(made[0]?.open).toBe(false);
    answer(7);
    await expect(asked).rejects.toThrow();
  });

  it('closes what it has', async () => {
    const { made, kept } = connections();
    await kept.use(new AbortController().signal, async () => 0);
    kept.close();
    kept.close();
    expect(made).toEqual([{ open: false }]);
  });
});

describe('socketWords', () => {
  it('says what happened without an address', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:6379'), { code: 'ECONNREFUSED' });
    expect(socketWords(refused)).toBe('the connection is refused');
    expect(socketWords({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })).toContain('certificate');
    expect(socketWords(new Error('else'))).toBeUndefined();
  });
});
