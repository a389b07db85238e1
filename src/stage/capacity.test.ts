import { describe, expect, it } from 'vitest';
import { stageRig, tagsOf } from '../../test/support/stage-rig.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { Capacity } from './capacity.js';
import { FaultBoard } from './fault-board.js';
import { parseFaultFlag } from './fault-spec.js';

function rig(fault?: string) {
  const clock = new VirtualClock({ startEpochMs: 0 });
  const faults = new FaultBoard(clock);
  const watching = { flv: 0, hls: 0 };
  const capacity = new Capacity({
    ...{ faults, clock, flvViewers: () => watching.flv, hlsViewers: () => watching.hls },
  });
  if (fault) faults.plant(parseFaultFlag(fault));
  return { clock, faults, watching, capacity };
}

describe('a platform without planted limits', () => {
  it('refuses nobody', () => {
    const { capacity } = rig();
    expect([capacity.refusesSocket(1e6), capacity.refusesMedia(), capacity.refusesCall()]).toEqual([
      false,
      false,
      undefined,
    ]);
    expect(capacity.mediaShare()).toBe(1);
  });
});

describe('a planted limit', () => {
  it('of sockets lets in as many as it says', () => {
    const { capacity, faults } = rig('cap-sockets:count=34');
    expect([33, 34, 35].map((open) => capacity.refusesSocket(open))).toEqual([false, true, true]);
    faults.lift();
    expect(capacity.refusesSocket(34)).toBe(false);
  });

  it('of the media server counts those who watch FLV', () => {
    const { capacity, watching } = rig('cap-media:count=2');
    const refused = [0, 1, 2, 3].map((flv) => {
      watching.flv = flv;
      return capacity.refusesMedia();
    });
    expect(refused).toEqual([false, false, true, true]);
  });

  it.each([
    { perS: 40, refusedShare: 0 },
    { perS: 50, refusedShare: 0 },
    { perS: 55, refusedShare: 0.09 }, // 5 of 55
    { perS: 100, refusedShare: 0.5 },
  ])('of 50 calls a second refuses $refusedShare of $perS', ({ perS, refusedShare }) => {
    const { capacity, clock } = rig('cap-api:rate=50');
    let refused = 0;
    for (let call = 0; call < perS * 60; call++) {
      clock.advance(1000 / perS);
      if (capacity.refusesCall() === 503) refused++;
    }
    // A little more than the rate may come at once.
    expect(refused / (perS * 60)).toBeCloseTo(refusedShare, 1);
    expect(Math.abs(refused - perS * 60 * refusedShare)).toBeLessThan(55);
  });

  it('of calls answers with the status that is asked for', () => {
    const { capacity } = rig('cap-api:rate=1,status=429');
    expect([capacity.refusesCall(), capacity.refusesCall()]).toEqual([undefined, 429]);
  });

  it('of bandwidth is shared by all who watch, or leaves each what it says', () => {
    const { capacity, watching, clock, faults } = rig('starve:count=30');
    const shares = [20, 30, 40].map((hls) => {
      watching.hls = hls;
      clock.advance(1000);
      return capacity.mediaShare();
    });
    expect(shares).toEqual([1, 1, 0.75]);
    faults.lift();
    faults.plant(parseFaultFlag('starve:count=30,share=0.4'));
    expect(capacity.mediaShare()).toBe(0.4);
  });
});

describe('a media server that starves', () => {
  it('gives an FLV viewer its share, with holes in its times, and all of it again when there is enough', () => {
    const stage = stageRig({ prerollMs: 4000, bitsPerS: 2_600_000 });
    const first = stage.watch();
    const second = stage.watch();
    stage.clock.advance(2000);
    const bytes = (): number => first.written.reduce((sum, part) => sum + part.length, 0);
    const before = bytes();
    stage.clock.advance(10_000);
    const whole = bytes() - before;
    stage.faults.plant(parseFaultFlag('starve:count=1,share=0.4'));
    stage.clock.advance(1000);
    const starved = bytes();
    stage.clock.advance(10_000);
    expect((bytes() - starved) / whole).toBeGreaterThan(0.3);
    expect((bytes() - starved) / whole).toBeLessThan(0.5);
    const times = tagsOf(first).flatMap(({ type, timeMs }) => (type === 9 ? [timeMs] : []));
    const steps = times.slice(1).map((ms, i) => ms - (times[i] ?? 0));
    expect(Math.max(...steps)).toBeGreaterThan(500);
    second.emit('close');
    stage.clock.advance(2000);
    const fed = bytes();
    stage.clock.advance(10_000);
    expect((bytes() - fed) / whole).toBeCloseTo(1, 1);
  });

  it('takes longer for an HLS segment than it lasts', () => {
    const stage = stageRig({ prerollMs: 8000 });
    stage.watch();
    stage.watch();
    const [name = ''] = stage.list('viewer').names;
    expect(stage.get(name).delivery).toEqual({ kind: 'whole' });
    stage.faults.plant(parseFaultFlag('starve:count=1,share=0.5'));
    stage.clock.advance(500);
    expect(stage.get(stage.list('viewer').names[0] ?? '').delivery).toEqual({ kind: 'slow', overMs: 2000 });
  });
});
