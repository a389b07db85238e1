import { beforeEach, describe, expect, it } from 'vitest';
import { ViewerWorld, withStatus } from '../../test/support/viewer-harness.js';
import type { PlayerFactory } from './virtual-user.js';

let world: ViewerWorld;

beforeEach(() => {
  world = new ViewerWorld();
});

describe('a viewer is lost', () => {
  it('when its player is dead and the platform goes on saying that the stream is live: the page is closed', async () => {
    const viewer = world.add();
    withStatus(world, 'LIVE');
    viewer.start();
    await world.run(1000);
    world.players[0]?.die();
    expect(world.players[0]?.stopped).toBe(false);
    await world.run(1000);
    expect(world.players[0]?.stopped).toBe(true);
    expect(viewer.state).toBe('watching');
    expect(world.hub.connections[0]?.state).toBe('open');
    await world.run(58_000);
    expect(viewer.state).toBe('watching');
    await world.run(3000);
    expect(viewer.state).toBe('lost');
    expect(world.hub.connections[0]?.state).toBe('closed');
    // It counts where the picture went.
    expect(world.log.of('vu_lost')).toEqual([
      { kind: 'vu_lost', atMs: 61_000, phaseAtMs: 1000, reason: 'player' },
    ]);
    expect(world.roster.size).toBe(0);
    await viewer.leave('planned');
    expect(world.log.of('vu_left')).toEqual([]);
    expect(world.clock.pending).toBe(0);
  });

  it('at once when its player never had a picture, and at the end when nobody knows yet', async () => {
    const blind = world.add({ firstFrameAfterMs: undefined });
    blind.start();
    await world.run(1000);
    world.players[0]?.die();
    expect(blind.state).toBe('lost');
    const other = world.add();
    other.start();
    await world.run(1000);
    world.players[1]?.die();
    await world.run(1000);
    const left = other.leave('planned');
    await world.run(1000);
    await left;
    expect(other.state).toBe('lost');
    expect(world.logOf(1).of('vu_lost')).toMatchObject([{ atMs: 3000, phaseAtMs: 2000 }]);
  });

  it('when its token is refused; the picture goes on', async () => {
    const viewer = world.add();
    world.hub.platform.identify = () => undefined;
    viewer.start();
    await world.run(3000);
    expect(viewer.state).toBe('lost');
    expect(world.log.of('vu_lost').map(({ reason }) => reason)).toEqual(['auth']);
    expect(world.players[0]?.stopped).toBe(false);
    expect(world.players[0]?.samples).toEqual([1000, 2000, 3000]);
  });

  it('when its reconnects are used up; the picture goes on until it leaves', async () => {
    const viewer = world.add();
    viewer.start();
    await world.run(1000);
    world.hub.up = false;
    world.hub.dropAll();
    await world.run(60_000);
    expect(world.log.of('vu_lost').map(({ reason }) => reason)).toEqual(['socket']);
    expect(world.players[0]?.stopped).toBe(false);
    const left = viewer.leave('planned');
    await world.run(1000);
    await left;
    expect(viewer.state).toBe('lost');
    expect(world.players[0]?.stopped).toBe(true);
    expect(world.log.of('vu_left')).toEqual([]);
    expect(world.log.of('vu_lost')).toHaveLength(1);
  });

  it('for the first reason only', async () => {
    const viewer = world.add();
    world.hub.platform.identify = () => undefined;
    viewer.start();
    await world.run(1000);
    world.players[0]?.die();
    await world.run(61_000);
    expect(world.log.of('vu_lost').map(({ reason }) => reason)).toEqual(['auth']);
    expect(world.hub.connections[0]?.state).toBe('closed');
  });

  it('when our own code fails, and nobody else with it', async () => {
    const broken = world.add({ entries: [{ action: 'products', dueMs: 1500 }] });
    const other = world.add();
    const http = world.https[0];
    if (http) http.text = () => Promise.reject(new Error('a fault of ours'));
    broken.start();
    other.start();
    await world.run(3000);
    expect(broken.state).toBe('lost');
    expect(other.state).toBe('watching');
    expect(world.errors.map(String)).toEqual(['Error: a fault of ours']);
    expect(
      world
        .logOf(0)
        .of('vu_lost')
        .map(({ reason }) => reason),
    ).toEqual(['internal']);
    expect(world.players[0]?.stopped).toBe(true);
    expect(world.hub.connections[0]?.state).toBe('closed');
    await broken.leave('planned');
  });

  it('when its player throws in a callback of the seams it was given', async () => {
    const createPlayer: PlayerFactory = (emit, _headers, { clock, http }) => ({
      protocol: 'flv',
      ...{ watching: false, rebuffering: false, frozen: false },
      start() {
        clock.after(100, () => {
          throw new Error('in a timer');
        });
        const sink = { onResponse() {}, onBytes() {}, onEnd: () => emit({} as never) };
        http.stream({ method: 'GET', url: 'http://127.0.0.1:4000/x.flv' }, sink);
      },
      sample() {},
      stop() {
        throw new Error('and again when it is stopped');
      },
    });
    const viewer = world.add({ overrides: { createPlayer } });
    viewer.start();
    await world.run(1000);
    expect(viewer.state).toBe('lost');
    expect(world.errors.map(String)).toEqual(['Error: in a timer']);
    await viewer.leave('stopped');
  });

  it.each(['start', 'sample', 'stop'] as const)('when its player throws in %s', async (method) => {
    const viewer = world.add();
    const player = world.players[0];
    if (!player) throw new Error('no player');
    player[method] = () => {
      throw new Error(method);
    };
    viewer.start();
    await world.run(2000);
    const left = viewer.leave('planned');
    await world.run(1000);
    await left;
    expect(world.errors.map(String)).toEqual([`Error: ${method}`]);
    expect(world.hub.connections[0]?.state).toBe('closed');
  });

  it('when the report of its events fails', async () => {
    const report = (): void => {
      throw new Error('recorder');
    };
    const viewer = world.add({ overrides: { report } });
    viewer.start();
    await world.run(1000);
    expect(viewer.state).toBe('lost');
    expect(world.errors).toHaveLength(1);
  });
});
