import { describe, expect, it } from 'vitest';
import { conditionWith, programmeOf } from '../../../test/support/fidelity-origin-rig.js';
import type { MediaEvent } from '../script.js';
import type { Programme } from './programme.js';

const FRAME_MS = 1000 / 30;

const withEvents = (...events: MediaEvent[]): Promise<Programme> =>
  programmeOf(conditionWith({ media: { events } }));

function unitsOf(programme: Programme, kind: 'audio' | 'video') {
  return programme.batches.flatMap(({ atMs, units }) =>
    units.filter((unit) => unit.kind === kind).map((unit) => ({ ...unit, atMs })),
  );
}

/** The first two pictures between which more time than a frame's passes at the server. */
function gapOf(programme: Programme) {
  const pictures = unitsOf(programme, 'video');
  const at = pictures.findIndex(
    (unit, index) => unit.atMs - (pictures[index - 1]?.atMs ?? Number.POSITIVE_INFINITY) > 2 * FRAME_MS,
  );
  const [before, after] = [pictures[at - 1], pictures[at]];
  if (before === undefined || after === undefined) throw new Error('no gap');
  return { before, after };
}

describe('the programme of a session', () => {
  it('is the same each time it is made', async () => {
    const bytes = async () =>
      (await withEvents()).batches.map((batch) => [batch.atMs, ...batch.units.map((unit) => unit.dtsMs)]);
    expect(await bytes()).toEqual(await bytes());
  });

  it('begins before zero and sends a picture each thirtieth of a second', async () => {
    const pictures = unitsOf(await withEvents(), 'video');
    expect(pictures[0]).toMatchObject({ atMs: -8200, dtsMs: 0, keyframe: true });
    expect(pictures).toHaveLength(Math.ceil((8200 + 10_000) / FRAME_MS));
    expect(pictures.at(-1)?.atMs).toBeCloseTo(-8200 + (pictures.length - 1) * FRAME_MS, 6);
  });

  it('sends audio with the picture whose time it has reached, never earlier', async () => {
    for (const { atMs, dtsMs } of unitsOf(await withEvents(), 'audio')) {
      expect(atMs + 8200).toBeGreaterThanOrEqual(dtsMs - 1);
      expect(atMs + 8200).toBeLessThan(dtsMs + FRAME_MS + 1);
    }
  });

  it('knows when each numbered picture was taken: when it was sent, where there are no B-frames', async () => {
    const programme = await withEvents();
    expect(programme.captureMs.get(0)).toBe(-8200);
    expect(programme.captureMs.get(246)).toBeCloseTo(0, 6);
    expect(programme.captureMs.get(300)).toBeCloseTo(1800, 6);
  });

  it('goes on late, without a gap in time, after a standstill', async () => {
    const programme = await withEvents({ kind: 'standstill', atMs: 2000, forMs: 700 });
    const { before, after } = gapOf(programme);
    expect(after.atMs - before.atMs).toBeCloseTo(700 + FRAME_MS, 6);
    expect(after.dtsMs - before.dtsMs).toBeCloseTo(FRAME_MS, -0.5);
    expect(after.captureEpochMs).toBe(after.atMs);
  });

  it('begins at time 0 with a keyframe when the publisher comes back', async () => {
    const programme = await withEvents({ kind: 'unpublish', atMs: 2000, forMs: 1500 });
    const { before, after } = gapOf(programme);
    expect(before.atMs).toBeLessThan(2000);
    expect(after).toMatchObject({ atMs: 3500, dtsMs: 0, keyframe: true });
    expect(programme.publishes).toEqual([
      { atMs: -8200, on: true },
      { atMs: 2000, on: false },
      { atMs: 3500, on: true },
    ]);
  });

  it('leaps in time, or begins at 0 again, in both tracks at one instant', async () => {
    const leap = await withEvents({ kind: 'jump', atMs: 2000, byMs: 5000 });
    const reset = await withEvents({ kind: 'reset', atMs: 2000 });
    for (const kind of ['audio', 'video'] as const) {
      const firstAfter = (programme: Programme) => unitsOf(programme, kind).find((unit) => unit.atMs >= 2000);
      expect(firstAfter(leap)?.dtsMs).toBeGreaterThan(15_100);
      expect(firstAfter(leap)?.dtsMs).toBeLessThan(15_300);
      expect(firstAfter(reset)?.dtsMs).toBeLessThan(40);
    }
  });

  it('loses audio exactly as long as asked, and video until the next keyframe', async () => {
    const audio = await withEvents({ kind: 'lose', track: 'audio', atMs: 2000, forMs: 4000 });
    const video = await withEvents({ kind: 'lose', track: 'video', atMs: 2000, forMs: 4000 });
    const heard = unitsOf(audio, 'audio').map((unit) => unit.atMs);
    expect(heard.filter((atMs) => atMs >= 2000 && atMs < 6000)).toEqual([]);
    expect(heard.find((atMs) => atMs >= 6000)).toBeLessThan(6000 + FRAME_MS);
    const back = unitsOf(video, 'video').find((unit) => unit.atMs >= 2000);
    expect(back).toMatchObject({ keyframe: true });
    expect(back?.atMs).toBeGreaterThanOrEqual(6000);
    expect(back?.atMs).toBeLessThan(7000);
    expect(
      unitsOf(video, 'audio').filter((unit) => unit.atMs >= 2000 && unit.atMs < 6000).length,
    ).toBeGreaterThan(150);
  });
});
