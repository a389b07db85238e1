import { describe, expect, it } from 'vitest';
import { createRng } from '../rng.js';
import { seedReconnectDelays } from './reconnect-delay.js';

interface Seeded {
  readonly backoff: { attempts: number; duration(): number };
}

/** As the Manager makes it of the page's options: 1 s, 10 s, 0.4. */
function manager(stream: number): Seeded {
  const backoff = { ms: 1000, max: 10_000, factor: 2, jitter: 0.4, attempts: 0, duration: () => 0 };
  const made = { backoff };
  seedReconnectDelays(made, createRng(1, stream));
  return made;
}

const five = ({ backoff }: Seeded): number[] => Array.from({ length: 5 }, () => backoff.duration());

describe('the waits between reconnects', () => {
  it('are the same for the same seed, and differ between viewers', () => {
    expect(five(manager(1))).toEqual(five(manager(1)));
    expect(five(manager(1))).not.toEqual(five(manager(2)));
  });

  it('are 1, 2, 4, 8 and 10 s, each up to 40 % off and never beyond 10 s, as the page sets them', () => {
    const drawn = Array.from({ length: 300 }, (_, stream) => five(manager(stream)));
    [1000, 2000, 4000, 8000, 16_000].forEach((plainMs, attempt) => {
      const waits = drawn.map((list) => list[attempt] ?? 0);
      const shortest = Math.min(...waits);
      const longest = Math.max(...waits);
      expect(shortest).toBeGreaterThanOrEqual(plainMs * 0.6);
      expect(shortest).toBeLessThan(plainMs * 0.65);
      expect(longest).toBeLessThanOrEqual(Math.min(10_000, plainMs * 1.4));
      expect(longest).toBeGreaterThan(Math.min(10_000, plainMs * 1.35) - 1);
    });
  });

  it('begin anew once the connection is back', () => {
    const made = manager(3);
    five(made);
    made.backoff.attempts = 0;
    expect(made.backoff.duration()).toBeLessThanOrEqual(1400);
  });

  it('are refused to a client that keeps no backoff', () => {
    expect(() => seedReconnectDelays({}, createRng(1, 1))).toThrow('backoff');
  });
});
