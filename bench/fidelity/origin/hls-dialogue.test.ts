import { describe, expect, it } from 'vitest';
import { conditionWith, timelineOf } from '../../../test/support/fidelity-origin-rig.js';
import type { Troubles } from '../condition-draws.js';
import { type HlsAnswer, HlsDialogue } from './hls-dialogue.js';

const KEY = 'key-of-a-session';

/** A session that has fetched its master list at zero. */
async function dialogueWith(troubles: Troubles = {}) {
  const condition = conditionWith(troubles);
  const dialogue = new HlsDialogue(condition, await timelineOf(condition), KEY);
  const master = dialogue.answer(`${KEY}.m3u8`, null, 0).body.toString();
  const context = /hls_ctx=(\w+)/.exec(master)?.[1] ?? '';
  const list = (atMs: number): HlsAnswer => dialogue.answer(`${KEY}.m3u8`, context, atMs);
  const segment = (number: number, atMs: number): HlsAnswer =>
    dialogue.answer(`${KEY}-${number}.ts`, context, atMs);
  return { dialogue, master, context, list, segment };
}

/** Numbers of the segments in a list. */
const listed = (answer: HlsAnswer): number[] =>
  [...answer.body.toString().matchAll(/-(\d+)\.ts/g)].map(([, number]) => Number(number));

describe('the HLS talk of a session', () => {
  it('leads from the entry over a master with a context to the list', async () => {
    const { master, context, list } = await dialogueWith();
    expect(master).toContain(`/live/${KEY}.m3u8?hls_ctx=${context}`);
    expect(context).toHaveLength(8);
    // Keyframes stand 0.2 s before each whole second; the segment that began at -0.2 s is not complete at zero.
    expect(listed(list(0))).toEqual([3, 4, 5, 6, 7]);
    expect(listed(list(799))).toEqual([3, 4, 5, 6, 7]);
    expect(listed(list(801))).toEqual([4, 5, 6, 7, 8]);
    expect(list(0).body.toString()).toContain('#EXT-X-TARGETDURATION:1\n');
  });

  it('answers a foreign context with a master, and a segment that fell out of the window with 404', async () => {
    const { dialogue, segment } = await dialogueWith();
    expect(dialogue.answer(`${KEY}.m3u8`, 'whatever', 10).body.toString()).toContain('STREAM-INF');
    expect(segment(7, 0).status).toBe(200);
    expect(segment(2, 0).status).toBe(404);
    expect(segment(8, 0).status).toBe(404);
    expect(dialogue.answer(`${KEY}-x.ts`, null, 0).status).toBe(404);
  });

  it('shows the same list while it is frozen, and the window as it is afterwards', async () => {
    const { list } = await dialogueWith({ server: { frozenList: { atMs: 1000, forMs: 3000 } } });
    expect(listed(list(999))).toEqual([4, 5, 6, 7, 8]);
    expect(listed(list(3999))).toEqual([4, 5, 6, 7, 8]);
    expect(listed(list(4000))).toEqual([7, 8, 9, 10, 11]);
  });

  it('never finds the segments that are missing, however often they are asked for', async () => {
    const { segment } = await dialogueWith({ server: { missing: { atMs: 1000, count: 2 } } });
    const found = [8, 9, 10, 11].map((number) => segment(number, 3900).status);
    expect(found).toEqual([200, 404, 404, 200]);
    expect(segment(9, 4500).status).toBe(404);
  });

  it('cuts one segment half way, once', async () => {
    const { segment } = await dialogueWith({ server: { cutSegment: { atMs: 1000 } } });
    const first = segment(9, 2000);
    expect(first.cutAtByte).toBe(first.body.length >> 1);
    expect(segment(9, 2500).cutAtByte).toBeUndefined();
    expect(segment(10, 3000).cutAtByte).toBeUndefined();
  });

  it('fails one list, and forgets one context: a master, and the same context serves again', async () => {
    const { list } = await dialogueWith({
      server: { failList: { atMs: 1000, status: 502 }, contextLost: { atMs: 3000 } },
    });
    expect([list(900), list(1100), list(1200)].map((answer) => answer.status)).toEqual([200, 502, 200]);
    expect(list(3100).body.toString()).toContain('STREAM-INF');
    expect(listed(list(3200))).not.toEqual([]);
  });

  it('goes on in numbers after a short absence of the publisher, and begins at 0 after a long one', async () => {
    const gone = (forMs: number) =>
      dialogueWith({ media: { events: [{ kind: 'unpublish', atMs: 1000, forMs }] } });
    const short = (await gone(1500)).list(5000).body.toString();
    expect(short).toContain('#EXT-X-DISCONTINUITY');
    expect(short).not.toContain('SEQUENCE:0');
    const long = await gone(5000);
    expect(listed(long.list(6500))).toEqual(listed(long.list(1500)));
    expect(listed(long.list(8500))).toEqual([0, 1]);
  });

  it('makes segments wait in a slow stretch, lists never', async () => {
    const slow = { atMs: 1000, forMs: 1000, waitMs: 700 };
    const { segment, list } = await dialogueWith({ path: { slowFirstByte: [slow] } });
    expect([segment(7, 999), segment(7, 1000), segment(7, 2000)].map((answer) => answer.waitMs)).toEqual([
      0, 700, 0,
    ]);
    expect(list(1500).waitMs).toBe(0);
  });

  it('lets every answer wait for the round trip', async () => {
    const { segment, list } = await dialogueWith({ path: { roundTripMs: 20 } });
    expect([list(500).waitMs, segment(7, 500).waitMs, segment(99, 500).waitMs]).toEqual([20, 20, 20]);
  });

  it('draws the lateness of an answer by what is asked and when, not by how many were asked before', async () => {
    const one = await dialogueWith({ path: { jitterMs: 500 } });
    const other = await dialogueWith({ path: { jitterMs: 500 } });
    for (let i = 0; i < 5; i++) other.list(100);
    expect(one.segment(7, 500).waitMs).toBe(other.segment(7, 500).waitMs);
    expect(one.segment(7, 500).waitMs).not.toBe(one.segment(6, 500).waitMs);
    expect(one.segment(7, 500).waitMs).toBeLessThan(500);
  });
});
