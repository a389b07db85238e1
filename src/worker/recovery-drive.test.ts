import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import type { FaultNews } from '../scenarios/fault-plan.js';
import type { Clock } from '../seams.js';
import { RecoveryDrive } from './recovery-drive.js';

type Present = Parameters<RecoveryDrive['take']>[1][number];
type State = Present['state'];

const BEGINS: FaultNews = {
  what: 'begins',
  fault: { index: 0, breaks: 'network', forMs: 5000, graceMs: 45_000, fromMs: 1000 },
};
const MENDED: FaultNews = { what: 'mended', index: 0, begunAtMs: 1000, atMs: 6000 };

/** A viewer that has something to tell until `untilMs`. */
function viewer(
  clock: VirtualClock,
  { state = 'watching' as State, untilMs = 12_000, awaits = true, calls = true } = {},
) {
  const log = { heard: [] as string[], looks: [] as number[], rolls: [] as number[] };
  const witness: Present = {
    state,
    faces: (news, observes) => void log.heard.push(`${news.what}${observes ? ' observes' : ''}`),
    recovers(nowMs) {
      log.looks.push(nowMs);
      return nowMs < untilMs;
    },
    get awaitsRooms() {
      return awaits;
    },
    callRoll() {
      if (calls) log.rolls.push(clock.nowMs());
      return calls;
    },
  };
  return { ...log, witness };
}

function rig(...make: Parameters<typeof viewer>[1][]) {
  const clock = new VirtualClock();
  const drive = new RecoveryDrive(clock as unknown as Clock);
  const viewers = make.map((options) => viewer(clock, options));
  return { clock, drive, viewers, present: viewers.map(({ witness }) => witness) };
}

describe('the viewers of a thread', () => {
  test('hear of a fault and of its end; the first that watches observes', () => {
    const { drive, viewers, present } = rig({ state: 'joining' as State }, {}, {});
    drive.take(BEGINS, present);
    drive.take(MENDED, present);
    expect(viewers.map(({ heard }) => heard)).toEqual([
      ['begins', 'mended'],
      ['begins observes', 'mended'],
      ['begins', 'mended'],
    ]);
    drive.stop();
  });

  test('who came after the begin has faced nothing and hears of no end', () => {
    const { drive, viewers, present } = rig({}, {});
    drive.take(BEGINS, present.slice(0, 1));
    drive.take(MENDED, present);
    expect(viewers[1]?.heard).toEqual([]);
    drive.stop();
  });

  test('are looked at ten times a second until each has told, and then nothing runs', async () => {
    const { clock, drive, viewers, present } = rig({ untilMs: 1000 }, { untilMs: 2000 });
    drive.take(BEGINS, present);
    await clock.run(5000);
    expect(viewers.map(({ looks }) => [looks.length, looks.at(-1)])).toEqual([
      [10, 1000],
      [20, 2000],
    ]);
    expect(clock.pending).toBe(0);
  });

  test('that still tell of the fault before are looked at through the next, once each', async () => {
    const { clock, drive, viewers, present } = rig({});
    drive.take(BEGINS, present);
    await clock.run(1000);
    drive.take(BEGINS, present);
    await clock.run(1000);
    expect(viewers[0]?.looks).toHaveLength(20);
    drive.stop();
  });

  test('are left alone when the thread stops', async () => {
    const { clock, drive, viewers, present } = rig({});
    drive.take(BEGINS, present);
    drive.stop();
    await clock.run(5000);
    expect(viewers[0]?.looks).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});

describe('the roll', () => {
  test('is called by one and the same viewer, no faster than the platform takes joins, for 15 s', async () => {
    const { clock, drive, viewers, present } = rig({ untilMs: 60_000 }, { untilMs: 60_000 });
    drive.take(BEGINS, present);
    await clock.run(5000);
    expect(viewers.map(({ rolls }) => rolls)).toEqual([[], []]);
    drive.take(MENDED, present);
    await clock.run(30_000);
    const [caller, other] = viewers.map(({ rolls }) => rolls);
    expect(other).toEqual([]);
    expect(caller?.[0]).toBe(5100);
    expect(caller?.slice(1).every((atMs, index) => atMs - (caller[index] ?? 0) >= 1500)).toBe(true);
    expect(caller?.at(-1)).toBeLessThanOrEqual(20_000);
    expect(caller?.length).toBe(10);
    drive.stop();
  });

  test('goes to another viewer when the one cannot', async () => {
    const { clock, drive, viewers, present } = rig({ calls: false }, {});
    drive.take(BEGINS, present);
    drive.take(MENDED, present);
    await clock.run(1000);
    expect(viewers[1]?.rolls).toHaveLength(1);
    drive.stop();
  });

  test('is not called when nobody awaits it, nor after a fault that was called off', async () => {
    const idle = rig({ awaits: false });
    idle.drive.take(BEGINS, idle.present);
    idle.drive.take(MENDED, idle.present);
    await idle.clock.run(5000);
    expect(idle.viewers[0]?.rolls).toEqual([]);
    const off = rig({});
    off.drive.take(BEGINS, off.present);
    off.drive.take({ what: 'called_off', index: 0 }, off.present);
    await off.clock.run(5000);
    expect(off.viewers[0]?.rolls).toEqual([]);
    off.drive.stop();
    idle.drive.stop();
  });
});
