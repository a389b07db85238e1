import { beforeEach, describe, expect, it } from 'vitest';
import { LIST_OK, STREAM_KEY, ViewerWorld } from '../../test/support/viewer-harness.js';
import type { PlayerFactory } from './virtual-user.js';

let world: ViewerWorld;

beforeEach(() => {
  world = new ViewerWorld();
});

describe('joining', () => {
  it('is done with the first frame when the sockets were quicker', async () => {
    const viewer = world.add({ firstFrameAfterMs: 700 });
    expect(viewer.state).toBe('idle');
    viewer.start();
    expect(viewer.state).toBe('joining');
    await world.run(2000);
    expect(viewer.state).toBe('watching');
    expect(world.log.kinds[0]).toBe('vu_started');
    expect(world.log.of('vu_joined')).toEqual([{ kind: 'vu_joined', atMs: 700, sinceStartMs: 700 }]);
  });

  it('is done with the last namespace when the picture was quicker', async () => {
    world.hub.platform.authMs = 900;
    world.add({ firstFrameAfterMs: 10 }).start();
    await world.run(2000);
    const confirmedAtMs = Math.max(...world.log.of('join_confirmed').map(({ atMs }) => atMs));
    expect(confirmedAtMs).toBeGreaterThan(900);
    expect(world.log.of('vu_joined')).toMatchObject([{ atMs: confirmedAtMs, sinceStartMs: confirmedAtMs }]);
  });

  it('is never done without a picture, nor without a ready event', async () => {
    const blind = world.add({ firstFrameAfterMs: undefined });
    blind.start();
    await world.run(30_000);
    expect(blind.state).toBe('joining');
    world.hub.platform.ready = false;
    const deaf = world.add();
    deaf.start();
    await world.run(30_000);
    expect(deaf.state).toBe('joining');
    expect(world.log.of('vu_joined')).toEqual([]);
    expect(world.logOf(1).of('socket_failed')).toHaveLength(3);
  });

  it('needs no chat of a guest', async () => {
    const guest = world.add({ identity: {}, entries: [{ action: 'chat', dueMs: 900 }] });
    guest.start();
    await world.run(2000);
    expect(guest.state).toBe('watching');
    expect(world.log.of('chat_not_sent')).toEqual([]);
  });

  it('gives every viewer its own connection, cookies and browser', async () => {
    for (let vu = 0; vu < 3; vu++) world.add().start();
    await world.run(1000);
    expect(world.hub.connections).toHaveLength(3);
    expect(world.hub.connections.map(({ handshakeCookies }) => handshakeCookies)).toEqual([
      ['accessToken=u0'],
      ['accessToken=u1'],
      ['accessToken=u2'],
    ]);
    expect(world.roster.size).toBe(3);
  });
});

describe('leaving', () => {
  it('stops the player, leaves the rooms, closes, and reports once', async () => {
    const viewer = world.add();
    viewer.start();
    await world.run(1000);
    const first = viewer.leave('planned');
    expect(viewer.state).toBe('leaving');
    expect(world.players[0]?.stopped).toBe(true);
    expect(world.roster.size).toBe(0);
    expect(viewer.leave('stopped')).toBe(first);
    await world.run(1000);
    await first;
    expect(viewer.state).toBe('left');
    expect(world.log.of('vu_left').map(({ reason }) => reason)).toEqual(['planned']);
    const events = world.hub.platform.received.map(({ event }) => event);
    expect(events.slice(3)).toEqual(['chat:leave-room', 'stream:viewer:leave']);
    expect(world.clock.pending).toBe(0);
    expect(world.players[0]?.samples).toEqual([1000]);
  });

  it('takes less than a second from a platform that says nothing', async () => {
    const viewer = world.add();
    viewer.start();
    await world.run(500);
    const fromMs = world.clock.nowMs();
    void viewer.leave('stopped');
    await world.run(2000);
    const [left] = world.log.of('vu_left');
    expect((left?.atMs ?? 0) - fromMs).toBeLessThanOrEqual(1000);
  });

  it('works in the middle of joining, and before the start', async () => {
    const early = world.add();
    early.start();
    await world.clock.run(5);
    void early.leave('stopped');
    const never = world.add();
    await never.leave('planned');
    await world.run(2000);
    expect(early.state).toBe('left');
    expect(never.state).toBe('left');
    expect(world.logOf(1).events).toEqual([]);
    never.start();
    expect(world.players[1]?.started).toBe(false);
  });

  it('says nothing more when it has left', async () => {
    const viewer = world.add({ rates: { chatEveryMs: 500, productsEveryMs: 500 } });
    viewer.start();
    await world.run(4000);
    void viewer.leave('planned');
    await world.run(1000);
    const before = world.log.events.length;
    world.players[0]?.paint(1);
    viewer.sample(world.clock.nowMs());
    await world.run(20_000);
    expect(world.log.events).toHaveLength(before);
    expect(world.log.kinds.at(-1)).toBe('vu_left');
  });
});

describe('a viewer that leaves a platform that stays', () => {
  function shopper(emptiesCart: boolean) {
    const entries = [{ action: 'cart_add' as const, dueMs: 500 }];
    const viewer = world.add({ entries, overrides: { emptiesCart } });
    world.https[0]?.route('/api/products', LIST_OK);
    world.https[0]?.route('POST /api/cart', { status: 201, body: '{"success":true,"data":{"id":"i"}}' });
    world.https[0]?.route('DELETE /api/cart', { status: 204, headersAtMs: 700, body: '' });
    viewer.start();
    return viewer;
  }
  const deletes = () => world.https[0]?.requests.filter(({ method }) => method === 'DELETE') ?? [];

  it('empties the cart that it filled, beside all calls that are judged', async () => {
    const viewer = shopper(true);
    await world.run(1000);
    void viewer.leave('planned');
    await world.run(600);
    expect(viewer.state).toBe('leaving');
    await world.run(1000);
    expect(viewer.state).toBe('left');
    expect(deletes()).toHaveLength(1);
    expect(world.log.of('cart_emptied').map(({ ok }) => ok)).toEqual([true]);
    expect(world.log.of('api_call').map(({ call }) => call)).toEqual(['products', 'cart_add']);
    expect(world.clock.pending).toBe(0);
  });

  it('leaves the cart of its own stage alone, and has nothing to do where it put nothing in', async () => {
    const viewer = shopper(false);
    await world.run(1000);
    void viewer.leave('planned');
    const idle = world.add({ overrides: { emptiesCart: true } });
    idle.start();
    await world.run(500);
    void idle.leave('planned');
    await world.run(1000);
    expect([viewer.state, idle.state]).toEqual(['left', 'left']);
    expect(deletes()).toEqual([]);
    expect(world.log.of('cart_emptied')).toEqual([]);
  });

  it('waits no longer than 3 s, and says that the cart was not emptied', async () => {
    const viewer = shopper(true);
    world.https[0]?.route('DELETE /api/cart', { headersAtMs: 60_000, body: '' });
    await world.run(1000);
    const fromMs = world.clock.nowMs();
    void viewer.leave('stopped');
    await world.run(5000);
    expect(world.log.of('cart_emptied').map(({ ok }) => ok)).toEqual([false]);
    expect((world.log.of('vu_left')[0]?.atMs ?? 0) - fromMs).toBeLessThanOrEqual(3000);
    expect(world.clock.pending).toBe(0);
  });

  it('empties it also when its page broke before', async () => {
    const viewer = shopper(true);
    await world.run(1000);
    world.players[0]?.die();
    await world.run(62_000);
    expect(viewer.state).toBe('lost');
    expect(deletes()).toHaveLength(1);
    expect(world.log.of('cart_emptied').map(({ ok }) => ok)).toEqual([true]);
  });
});

describe('what a viewer reports', () => {
  it('carries who it is and the protocol it came with', async () => {
    world.add({ protocol: 'flv' }).start();
    await world.run(1000);
    expect(world.log.reported.every(({ vuId, joinProtocol }) => vuId === 0 && joinProtocol === 'flv')).toBe(
      true,
    );
  });

  it('gives the player the browser of the viewer', () => {
    let seen: Readonly<Record<string, string>> = {};
    const createPlayer: PlayerFactory = (_emit, headers) => {
      seen = headers;
      const sees = { watching: false, rebuffering: false, frozen: false };
      return { protocol: 'hls', ...sees, start() {}, sample() {}, stop() {} };
    };
    world.add({ overrides: { createPlayer } });
    expect(seen).toEqual({
      'user-agent': 'Mozilla/5.0 test',
      accept: '*/*',
      referer: `http://127.0.0.1:4000/live/${STREAM_KEY}`,
    });
  });
});
