import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import type { Resolve } from './connect.js';
import { cacheNames } from './name-cache.js';

function setUp() {
  const clock = new VirtualClock();
  const asked: { host: string; done: Parameters<Resolve>[2] }[] = [];
  const resolve = cacheNames((host, _, done) => void asked.push({ host, done }), clock);
  const got: string[] = [];
  const ask = (host: string, family = 0): void =>
    resolve(host, { all: true, family }, (error, addresses) => {
      got.push(error ? 'failed' : addresses.map(({ address }) => address).join());
    });
  return { clock, asked, got, ask };
}

describe('cacheNames', () => {
  it('asks once for all who wait, and not again within a minute', () => {
    const { clock, asked, got, ask } = setUp();
    ask('a.test');
    ask('a.test');
    expect(asked).toHaveLength(1);
    asked[0]?.done(null, [{ address: '10.0.0.1', family: 4 }]);
    expect(got).toEqual(['10.0.0.1', '10.0.0.1']);
    clock.advance(59_999);
    ask('a.test');
    expect(asked).toHaveLength(1);
    expect(got).toHaveLength(3);
    clock.advance(1);
    ask('a.test');
    expect(asked).toHaveLength(2);
  });

  it('keeps names and families apart, and no failure', () => {
    const { asked, got, ask } = setUp();
    ask('a.test');
    ask('b.test');
    ask('a.test', 6);
    expect(asked).toHaveLength(3);
    asked[0]?.done(new Error('no'), []);
    expect(got).toEqual(['failed']);
    ask('a.test');
    expect(asked).toHaveLength(4);
  });

  it('stays bounded whatever names a platform hands out', () => {
    const { asked, ask } = setUp();
    const answerLast = (): void => asked.at(-1)?.done(null, [{ address: '10.0.0.1', family: 4 }]);
    for (let i = 0; i < 1000; i++) {
      ask(`n${i}.test`);
      answerLast();
    }
    ask('n0.test');
    expect(asked).toHaveLength(1001);
    ask('n999.test');
    expect(asked).toHaveLength(1001);
  });
});
