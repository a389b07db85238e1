import { describe, expect, it } from 'vitest';
import { Link } from './link.js';

const last = <T>(list: readonly T[]): T => list.at(-1) as T;

describe('a link', () => {
  it('passes a message at once where it is ample', () => {
    expect(new Link([], 100).send(5, 1_000_000)).toEqual([{ atMs: 5, from: 0, to: 1_000_000 }]);
  });

  it('holds everything while it is blocked and passes it in order, at once, when it opens', () => {
    const link = new Link([{ atMs: 100, forMs: 50, rateOfStream: 0 }], 100);
    expect(link.send(99, 10)).toEqual([{ atMs: 99, from: 0, to: 10 }]);
    expect(link.send(110, 20)).toEqual([{ atMs: 150, from: 0, to: 20 }]);
    expect(link.send(120, 30)).toEqual([{ atMs: 150, from: 0, to: 30 }]);
    expect(link.send(151, 40)).toEqual([{ atMs: 151, from: 0, to: 40 }]);
  });

  it('passes a message in pieces at its rate, and the next one behind it', () => {
    const link = new Link([{ atMs: 0, forMs: 1000, rateOfStream: 0.5 }], 100);
    const first = link.send(10, 1000);
    expect(last(first)).toMatchObject({ atMs: 30, to: 1000 });
    expect(first.map((piece) => piece.to - piece.from)).toEqual([250, 250, 250, 250]);
    expect(last(link.send(15, 500)).atMs).toBe(40);
  });

  it('takes up the new rate where one stretch ends within a message', () => {
    const link = new Link(
      [
        { atMs: 0, forMs: 10, rateOfStream: 1 },
        { atMs: 10, forMs: 100, rateOfStream: 0 },
      ],
      100,
    );
    const passages = link.send(0, 1500);
    expect(passages.filter((piece) => piece.atMs <= 10).at(-1)?.to).toBe(1000);
    expect(last(passages)).toEqual({ atMs: 110, from: 1000, to: 1500 });
  });

  it('knows what has been sent and has not passed', () => {
    const link = new Link([{ atMs: 0, forMs: 1000, rateOfStream: 1 }], 100);
    link.send(0, 2000);
    expect(link.backlogBytes(0)).toBe(2000);
    expect(link.backlogBytes(10)).toBe(1000);
    expect(link.backlogBytes(20)).toBe(0);
  });
});
