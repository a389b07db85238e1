import { describe, expect, it } from 'vitest';
import { CONDITION_KINDS } from './condition-kinds.js';
import { conditionOf, conditions } from './conditions.js';
import type { Condition } from './script.js';

/** Instants at which something of the script goes on. */
function troubleEndsMs({ script }: Condition): number {
  const { media, server, path } = script;
  const stretches = [
    ...media.events.map((event) => ({ atMs: event.atMs, forMs: 'forMs' in event ? event.forMs : 0 })),
    ...path.link.filter((stretch) => stretch.forMs < 60_000),
    ...path.slowFirstByte,
    ...[server.frozenList, server.missing, server.cutSegment, server.failList, server.contextLost].map(
      (one) => ({
        forMs: 0,
        atMs: 0,
        ...one,
      }),
    ),
    { atMs: server.flvEnd?.atMs ?? 0, forMs: 0 },
  ];
  return Math.max(...stretches.map((stretch) => stretch.atMs + stretch.forMs));
}

describe('the conditions', () => {
  it('are 36, each with a name of its own, over both protocols', () => {
    expect(CONDITION_KINDS).toHaveLength(36);
    expect(new Set(CONDITION_KINDS.map((kind) => kind.id)).size).toBe(36);
    for (const protocol of ['flv', 'hls']) {
      expect(CONDITION_KINDS.filter((kind) => kind.protocol === protocol).length).toBeGreaterThan(12);
    }
  });

  it('are the same for the same seed, and another instance for another seed', () => {
    for (const { id } of CONDITION_KINDS) {
      expect(conditionOf(id, 5)).toEqual(conditionOf(id, 5));
      const instances = new Set([1, 2, 3, 4].map((seed) => JSON.stringify(conditionOf(id, seed).script)));
      expect(instances.size).toBe(4);
    }
  });

  it('end with at least 4 s of ordinary stream, whatever the seed', () => {
    for (const { id } of CONDITION_KINDS) {
      for (let seed = 0; seed < 200; seed++) {
        const condition = conditionOf(id, seed);
        const ordinaryMs = condition.durationMs - troubleEndsMs(condition);
        if (ordinaryMs < 4000) expect.unreachable(`${id} with seed ${seed}: ${ordinaryMs} ms`);
      }
    }
  });

  it('name in their titles the numbers that were drawn', () => {
    const { title, script } = conditionOf('pause-3s-flv', 9);
    expect(title).toContain(`${script.path.link[0]?.atMs} ms`);
  });

  it('carry their seed, and say whether it was drawn after the constants were fixed', () => {
    expect(conditions('calibration').every((condition) => !condition.unseen)).toBe(true);
    expect(conditionOf('ample-hls', 77, true)).toMatchObject({ seed: 77, unseen: true });
    expect(() => conditionOf('no-such', 1)).toThrow('no condition no-such');
  });
});
