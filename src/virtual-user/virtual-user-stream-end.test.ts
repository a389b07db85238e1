import { beforeEach, describe, expect, it } from 'vitest';
import { STREAM_KEY, ViewerWorld, withStatus } from '../../test/support/viewer-harness.js';
import type { FaultMark } from '../scenarios/fault-plan.js';

let world: ViewerWorld;

beforeEach(() => {
  world = new ViewerWorld();
});

describe('a viewer whose broadcaster is gone', () => {
  const LOSS: FaultMark = { index: 0, breaks: 'publisher', forMs: 60_000, graceMs: 45_000, fromMs: 1000 };

  it('stays with its sockets, and watches again when the stream is live again', async () => {
    const viewer = world.add();
    withStatus(world, 'LIVE');
    viewer.start();
    await world.run(1000);
    viewer.faces({ what: 'begins', fault: LOSS }, false);
    await world.run(33_000);
    world.players[0]?.die();
    withStatus(world, 'OFFLINE');
    await world.run(27_000);
    expect(viewer.state).toBe('watching');
    expect(world.log.of('player_unmounted')).toEqual([
      { kind: 'player_unmounted', atMs: 59_000, planned: true },
    ]);
    expect(world.players).toHaveLength(1);
    withStatus(world, 'LIVE');
    await world.run(5000);
    expect(world.players.map(({ stopped }) => stopped)).toEqual([true, false]);
    expect(world.log.of('player_mounted')).toHaveLength(1);
    await world.run(70_000);
    expect(viewer.state).toBe('watching');
    expect(world.log.of('vu_lost')).toEqual([]);
    expect(world.log.of('socket_disconnected')).toEqual([]);
    void viewer.leave('planned');
    await world.run(1000);
    expect(world.clock.pending).toBe(0);
  });

  it('hears it from the platform: `stream:ended` is enough', async () => {
    const viewer = world.add();
    withStatus(world, 'OFFLINE');
    viewer.start();
    await world.run(1000);
    for (const socket of world.hub.platform.sockets)
      if (socket.namespace === '/streaming') socket.send('stream:ended', { streamKey: STREAM_KEY });
    await world.run(11_000);
    expect(world.log.of('player_unmounted')).toMatchObject([{ planned: false }]);
    expect(viewer.state).toBe('watching');
  });

  it('asks for the status once a second while it observes, each of them due when it is asked', async () => {
    const viewer = world.add();
    withStatus(world, 'LIVE');
    viewer.start();
    await world.run(1000);
    viewer.faces({ what: 'begins', fault: LOSS }, true);
    for (let second = 0; second < 20; second++) {
      viewer.recovers(world.clock.nowMs());
      await world.run(1000);
    }
    const calls = world.log.of('api_call').filter(({ call }) => call === 'stream_status');
    expect(calls).toHaveLength(20);
    expect(calls.map(({ phaseAtMs }) => phaseAtMs)).toEqual(calls.map((_, i) => 1000 + i * 1000));
    expect(Math.max(...calls.map(({ sinceDueMs }) => sinceDueMs))).toBeLessThan(100);
    expect(world.log.of('stream_end_faced')).toMatchObject([{ inRoom: true, observes: true }]);
  });

  it('is lost to the fault when its player dies by it for good', async () => {
    const viewer = world.add();
    withStatus(world, 'LIVE');
    viewer.start();
    await world.run(1000);
    viewer.faces({ what: 'begins', fault: { ...LOSS, breaks: 'media', forMs: 5000 } }, false);
    world.players[0]?.die();
    await world.run(5000);
    viewer.faces({ what: 'mended', index: 0, begunAtMs: 1000, atMs: 6000 }, false);
    await world.run(56_000);
    expect(world.log.of('vu_lost')).toMatchObject([{ reason: 'player', fault: 'media', phaseAtMs: 1000 }]);
    expect(world.log.of('picture_not_back')).toHaveLength(1);
  });

  it('is lost by itself when its player dies long after the fault, and to a fault without rows of its own', async () => {
    for (const breaks of ['media', 'other'] as const) {
      world = new ViewerWorld();
      const viewer = world.add();
      withStatus(world, 'LIVE');
      viewer.start();
      await world.run(1000);
      viewer.faces({ what: 'begins', fault: { ...LOSS, breaks } }, false);
      viewer.faces({ what: 'mended', index: 0, begunAtMs: 1000, atMs: 1000 }, false);
      await world.run(breaks === 'media' ? 31_000 : 1000);
      world.players[0]?.die();
      await world.run(62_000);
      expect(world.log.of('vu_lost').map(({ fault }) => fault)).toEqual([undefined]);
    }
  });
});
