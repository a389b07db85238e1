import { expect, vi } from 'vitest';
import type { Link } from '../../src/cluster/link.js';

/** Two links of one broker. */
export interface LinkPair {
  readonly here: Link;
  readonly there: Link;
  /** Lets the broker's time pass; real time where there is no other. */
  pass(ms: number): Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (payload: Uint8Array): string => new TextDecoder().decode(payload);
const SPEC = {
  name: 'dl-suite-data',
  subjects: ['dl.run.suite.data.*'],
  maxBytes: 2 ** 20,
  maxAgeMs: 3_600_000,
};
const on = (box: string): string => `dl.run.suite.data.${box}`;

/**
 * What every link does, over a network or in memory: who tests with the one must not learn something that is not true
 * of the other.
 */
export const LINK_SUITE: Readonly<Record<string, (pair: LinkPair) => Promise<void>>> = {
  async 'what is appended twice is there once, and every reader gets it in order from the begin'(pair) {
    const { here, there } = pair;
    await here.openStream(SPEC);
    await there.openStream(SPEC);
    const repeats: boolean[] = [];
    for (const n of [1, 2, 2, 3])
      repeats.push((await here.append(on('a'), bytes(`${n}`), `a:${n}`)).isDuplicate);
    expect(repeats).toEqual([false, false, true, false]);
    const got: string[] = [];
    await there.read({ stream: SPEC.name }, ({ payload, subject, sequence }) => {
      got.push(`${sequence} ${subject} ${textOf(payload)}`);
    });
    await eventually(pair, () => expect(got).toEqual([1, 2, 3].map((n) => `${n} ${on('a')} ${n}`)));
  },

  async 'a reader takes the next message when it is done with the last one, and only of its subject'(pair) {
    const { here, there } = pair;
    await here.openStream(SPEC);
    for (const n of [1, 2, 3]) {
      await here.append(on('a'), bytes(`a${n}`), `a:${n}`);
      await here.append(on('b'), bytes(`b${n}`), `b:${n}`);
    }
    const seen: string[] = [];
    await there.read({ stream: SPEC.name, durable: 'b-1', subject: on('b') }, async ({ payload }) => {
      seen.push(`${textOf(payload)}(`);
      await Promise.resolve();
      seen.push(')');
    });
    await eventually(pair, () => expect(seen.join('')).toBe('b1()b2()b3()'));
  },

  async 'a reader with a name goes on where the last one of that name was closed'(pair) {
    const { here, there } = pair;
    await here.openStream(SPEC);
    const read = async (got: string[]) =>
      await there.read({ stream: SPEC.name, durable: 'a-1' }, ({ payload }) => {
        got.push(textOf(payload));
      });
    const [first, second]: [string[], string[]] = [[], []];
    await here.append(on('a'), bytes('1'), 'a:1');
    const reader = await read(first);
    await eventually(pair, () => expect(first).toEqual(['1']));
    await pair.pass(200);
    reader.close();
    await here.append(on('a'), bytes('2'), 'a:2');
    await read(second);
    await eventually(pair, () => expect(second).toEqual(['2']));
  },

  async 'a message that its handler throws on is told of once and holds up none behind it'(pair) {
    const { here, there } = pair;
    await here.openStream(SPEC);
    for (const n of [1, 2, 3]) await here.append(on('a'), bytes(`${n}`), `a:${n}`);
    for (const name of [{}, { durable: 'a-1' }]) {
      const got: string[] = [];
      const failed: string[] = [];
      const reader = await there.read(
        { stream: SPEC.name, ...name, failed: (error) => failed.push((error as Error).message) },
        ({ payload }) => {
          got.push(textOf(payload));
          if (textOf(payload) === '2') throw new Error('not this one');
        },
      );
      await eventually(pair, () => expect(got).toEqual(['1', '2', '3']));
      reader.close();
      expect(failed).toEqual(['not this one']);
    }
  },

  async 'nobody there, a handler that throws, and no such stream are told apart'(pair) {
    const { here, there } = pair;
    await expect(here.ask('dl.box.a', bytes(''), 500)).rejects.toMatchObject({ code: 'no_responders' });
    there.serve('dl.box.a', () => {
      throw new Error('no');
    });
    await pair.pass(100);
    const failed = expect(here.ask('dl.box.a', bytes(''), 200)).rejects.toMatchObject({ code: 'timeout' });
    await pair.pass(300);
    await failed;
    await expect(here.append('dl.run.nobody.data.a', bytes('x'), 'x')).rejects.toMatchObject({
      code: 'no_responders',
    });
    await expect(there.read({ stream: 'dl-nobody-data' }, () => {})).rejects.toMatchObject({
      name: 'LinkError',
    });
    await here.deleteStream('dl-nobody-data');
  },

  async 'what is published is heard by all who listen now, by nobody later, and not after the end of listening'(
    pair,
  ) {
    const { here, there } = pair;
    const heard: string[] = [];
    here.publish('dl.run.suite.room.a', bytes('early'));
    await pair.pass(200);
    const sub = there.subscribe('dl.run.suite.room.*', (payload, subject) => {
      heard.push(`${subject} ${textOf(payload)}`);
    });
    await pair.pass(200);
    here.publish('dl.run.suite.room.a', bytes('1'));
    await eventually(pair, () => expect(heard).toEqual(['dl.run.suite.room.a 1']));
    sub.close();
    await pair.pass(200);
    here.publish('dl.run.suite.room.a', bytes('2'));
    await pair.pass(200);
    expect(heard).toHaveLength(1);
  },

  async 'a closed link fails at once, and may be closed twice'(pair) {
    const { here, there } = pair;
    await there.openStream(SPEC);
    await here.close();
    await here.close();
    await expect(here.append(on('a'), bytes('x'), 'x')).rejects.toMatchObject({ code: 'closed' });
    await expect(here.ask('dl.box.a', bytes(''), 60_000)).rejects.toMatchObject({ code: 'closed' });
  },
};

async function eventually({ pass }: LinkPair, check: () => void): Promise<void> {
  await vi.waitFor(
    async () => {
      await pass(20);
      check();
    },
    { timeout: 10_000, interval: 5 },
  );
}
