import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/rng.js';
import { conditionWith, flvPlanOf, tagsOf } from '../../../test/support/fidelity-origin-rig.js';
import { draws } from '../condition-draws.js';

const FRAME_MS = 1000 / 30;
const blocked = (atMs: number, forMs: number) => ({ path: { link: [{ atMs, forMs, rateOfStream: 0 }] } });
const pictures = async (...args: Parameters<typeof flvPlanOf>) =>
  tagsOf(await flvPlanOf(...args)).filter((tag) => tag.track === 'video');

describe('what an FLV connection gets', () => {
  it('is the same each time, byte for byte and instant for instant', async () => {
    const condition = conditionWith({ path: { jitterMs: 80 } });
    const [one, other] = [await flvPlanOf(condition), await flvPlanOf(condition)];
    expect(one.bytes.equals(other.bytes)).toBe(true);
    expect(one.writes).toEqual(other.writes);
  });

  it('begins with the GOP cache at 10 ms of the viewer’s own time, all of it at the request', async () => {
    const tags = tagsOf(await flvPlanOf(conditionWith()));
    expect(tags[0]).toMatchObject({ track: 'video', keyframe: true, dtsMs: 10, atMs: 0 });
    // The publisher is 8.2 s old: the keyframe of 8.0 s and five pictures more.
    expect(tags.filter((tag) => tag.track === 'video' && tag.atMs === 0)).toHaveLength(7);
  });

  it('then gets each picture when it reaches the server', async () => {
    const live = (await pictures(conditionWith())).filter((tag) => tag.atMs > 0);
    live.forEach((tag, index) => {
      expect(tag.atMs).toBeCloseTo((live[0]?.atMs ?? 0) + index * FRAME_MS, 6);
    });
    expect(live[0]?.atMs).toBeLessThan(FRAME_MS + 0.001);
  });

  it('begins without a keyframe where the GOP cache has overflowed', async () => {
    const tags = await pictures(conditionWith({ media: { prerollMs: 8700 } }));
    expect(tags[0]?.keyframe).toBe(false);
    expect(tags.find((tag) => tag.keyframe)?.atMs).toBeCloseTo(300, 0);
  });

  it('gets everything of a blocked stretch together at its end, times unchanged', async () => {
    const plain = tagsOf(await flvPlanOf(conditionWith()));
    const held = tagsOf(await flvPlanOf(conditionWith(blocked(2000, 1000))));
    expect(held.map((tag) => tag.dtsMs)).toEqual(plain.map((tag) => tag.dtsMs));
    held.forEach((tag, index) => {
      const free = plain[index]?.atMs ?? 0;
      expect(tag.atMs).toBeCloseTo(free >= 2000 && free < 3000 ? 3000 : free, 6);
    });
  });

  it('loses all that waited when a slow link fills the queue of 1 s, and sees a hole in the times', async () => {
    const slow = { atMs: 500, forMs: 9000, rateOfStream: 0.5 };
    const tags = await pictures(conditionWith({ path: { link: [slow], sendBufferBytes: 20_000 } }));
    const holes = tags.map((tag, index) => tag.dtsMs - (tags[index - 1]?.dtsMs ?? tag.dtsMs));
    expect(Math.max(...holes)).toBeGreaterThan(900);
    expect(Math.max(...holes)).toBeLessThan(1300);
  });

  it('leaves in batches where the server waits', async () => {
    const tags = tagsOf(await flvPlanOf(conditionWith({ server: { flvBatchMs: 350 } })));
    const instants = new Set(tags.map((tag) => Math.round(tag.atMs)));
    expect([...instants].slice(0, 4)).toEqual([0, 350, 700, 1050]);
  });

  it('has times as the publisher wrote them, or corrected by SRS', async () => {
    const media = { events: [{ kind: 'jump', atMs: 2000, byMs: 5000 }] } as const;
    const leap = async (flvTimes: 'srs' | 'raw') => {
      const tags = await pictures(conditionWith({ media, server: { flvTimes } }));
      return Math.max(...tags.map((tag, index) => tag.dtsMs - (tags[index - 1]?.dtsMs ?? tag.dtsMs)));
    };
    expect(await leap('srs')).toBeLessThan(50);
    expect(await leap('raw')).toBeGreaterThan(5000);
  });

  it.each(['clean', 'cut'] as const)(
    'ends %s at its instant, and a later connection is served',
    async (how) => {
      const flvEnd = { atMs: 3000, how, connections: 'open' } as const;
      const condition = conditionWith({ server: { flvEnd } });
      const plan = await flvPlanOf(condition);
      expect(plan.end).toEqual({ atMs: 3000, how });
      expect(plan.writes.every((write) => write.atMs < 3000)).toBe(true);
      const later = await flvPlanOf(condition, 5000);
      expect(later.end).toBeUndefined();
      expect(later.writes[0]?.atMs).toBe(5000);
      expect(tagsOf(later)[0]?.dtsMs).toBe(10);
    },
  );

  it('falls silent without an end; where all are silent a new connection hears nothing', async () => {
    const silent = (connections: 'open' | 'all') =>
      conditionWith({ server: { flvEnd: { atMs: 3000, how: 'silence', connections } } });
    expect(await flvPlanOf(silent('open'))).not.toHaveProperty('end');
    expect((await flvPlanOf(silent('open'), 4000)).writes.length).toBeGreaterThan(0);
    expect(await flvPlanOf(silent('all'), 4000)).toEqual({ bytes: Buffer.alloc(0), writes: [] });
  });

  it('is cut off when the publisher goes, and hears nothing while there is none', async () => {
    const condition = conditionWith({ media: { events: [{ kind: 'unpublish', atMs: 2000, forMs: 3000 }] } });
    expect((await flvPlanOf(condition)).end).toEqual({ atMs: 2000, how: 'cut' });
    expect((await flvPlanOf(condition, 3000)).writes).toEqual([]);
    expect(tagsOf(await flvPlanOf(condition, 6000))[0]?.dtsMs).toBe(10);
  });

  it('waits for its head where the server is slow, and joins then', async () => {
    const plan = await flvPlanOf(conditionWith({ server: { flvHeadDelayMs: 1500 } }));
    expect(plan.writes[0]?.atMs).toBe(1500);
  });

  it('has no pictures and no flag of them in a stream of audio alone', async () => {
    const plan = await flvPlanOf(conditionWith({ media: { tracks: 'audio' } }));
    expect(plan.bytes.indexOf(Buffer.of(0x46, 0x4c, 0x56, 1, 4))).toBeGreaterThan(0);
    expect(new Set(tagsOf(plan).map((tag) => tag.track))).toEqual(new Set(['audio']));
  });

  it('joins where the seed says', () => {
    const phases = [1, 2, 3].map(
      (seed) => draws(createRng(seed, 'x'), 'flv', 1000).made('').script.media.prerollMs,
    );
    expect(new Set(phases).size).toBe(3);
  });
});
