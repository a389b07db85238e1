import { beforeEach, describe, expect, it } from 'vitest';
import { STREAM_KEY, ViewerWorld } from '../../test/support/viewer-harness.js';
import type { FaultMark } from '../scenarios/fault-plan.js';
import type { PlayerFactory } from './virtual-user.js';

let world: ViewerWorld;

beforeEach(() => {
  world = new ViewerWorld();
});

const LIST_OK = {
  body: JSON.stringify({ success: true, data: [{ id: 'p1', status: 'AVAILABLE', stock: 3 }] }),
};

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

function withStatus(status: string, vu = 0): void {
  const body = JSON.stringify({ success: true, data: { status, viewerCount: 1, title: '' } });
  world.https[vu]?.route(`/api/streaming/key/${STREAM_KEY}/status`, { body });
}

describe('a viewer whose broadcaster is gone', () => {
  const LOSS: FaultMark = { index: 0, breaks: 'publisher', forMs: 60_000, graceMs: 45_000, fromMs: 1000 };

  it('stays with its sockets, and watches again when the stream is live again', async () => {
    const viewer = world.add();
    withStatus('LIVE');
    viewer.start();
    await world.run(1000);
    viewer.faces({ what: 'begins', fault: LOSS }, false);
    await world.run(33_000);
    world.players[0]?.die();
    withStatus('OFFLINE');
    await world.run(27_000);
    expect(viewer.state).toBe('watching');
    expect(world.log.of('player_unmounted')).toEqual([
      { kind: 'player_unmounted', atMs: 59_000, planned: true },
    ]);
    expect(world.players).toHaveLength(1);
    withStatus('LIVE');
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
    withStatus('OFFLINE');
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
    withStatus('LIVE');
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
    withStatus('LIVE');
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
      withStatus('LIVE');
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

describe('a viewer is lost', () => {
  it('when its player is dead and the platform goes on saying that the stream is live: the page is closed', async () => {
    const viewer = world.add();
    withStatus('LIVE');
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

describe('acting', () => {
  it('does what its agenda says, when it says it', async () => {
    const viewer = world.add({
      entries: [
        { action: 'chat', dueMs: 1000 },
        { action: 'products', dueMs: 1500 },
        { action: 'cart_add', dueMs: 2000 },
      ],
    });
    world.https[0]?.route('/api/products', LIST_OK);
    world.https[0]?.route('POST /api/cart', { status: 201, body: '{"success":true,"data":{"id":"i"}}' });
    viewer.start();
    await world.run(3000);
    expect(world.log.of('chat_sent')).toMatchObject([{ atMs: 1000 }]);
    expect(world.https[0]?.requests.map(({ method, atMs }) => [method, atMs])).toEqual([
      ['GET', 1500],
      ['POST', 2000],
    ]);
    expect(world.log.of('action_late')).toEqual([]);
  });

  it('reads the status, the notice and, with an account, its cart', async () => {
    const entries = (['status', 'notices', 'cart_get'] as const).map((action) => ({ action, dueMs: 500 }));
    world.add({ entries }).start();
    world.add({ entries, identity: {} }).start();
    const ok = (data: unknown) => ({ body: JSON.stringify({ success: true, data }) });
    for (const http of world.https) {
      http.route(
        `/api/streaming/key/${STREAM_KEY}/status`,
        ok({ status: 'LIVE', viewerCount: 1, title: '' }),
      );
      http.route('/api/notices/current', [ok({ text: 'hello' })]);
      http.route('/api/cart', ok({ items: 'none' }));
    }
    await world.run(2000);
    const outcomes = (vu: number) =>
      world
        .logOf(vu)
        .of('api_call')
        .map(({ call, outcome }) => `${call} ${outcome}`);
    expect(outcomes(0)).toEqual(['stream_status ok', 'notices ok', 'cart_get bad_body']);
    expect(outcomes(1)).toEqual(['stream_status ok', 'notices ok']);
  });

  it('leaves out what it may not write', async () => {
    const viewer = world.add({
      entries: [
        { action: 'chat', dueMs: 500 },
        { action: 'cart_add', dueMs: 600 },
        { action: 'order', dueMs: 700 },
        { action: 'products', dueMs: 800 },
      ],
      overrides: { writes: { chat: false, cart: false, orders: true } },
    });
    world.https[0]?.route('/api/products', LIST_OK);
    viewer.start();
    await world.run(2000);
    expect(world.https[0]?.requests.map(({ method }) => method)).toEqual(['GET']);
    expect(world.log.of('chat_sent')).toEqual([]);
  });

  it('reports an action that begins more than 50 ms late as our own lateness', async () => {
    const entries = [
      { action: 'products', dueMs: 100 },
      { action: 'products', dueMs: 160 },
    ] as const;
    await world.clock.run(200);
    world.add({ entries }).start();
    await world.run(1000);
    expect(world.log.of('action_late')).toMatchObject([{ lateMs: 100, phaseAtMs: 100 }]);
  });

  it('is not held up by slow calls: over HTTP/2 a browser sends what is due, whatever is unanswered', async () => {
    const entries = Array.from({ length: 8 }, (_, i) => ({ action: 'products', dueMs: 1000 + i }) as const);
    const viewer = world.add({ entries: [...entries, { action: 'chat', dueMs: 1500 }] });
    world.https[0]?.route('/api/products', { ...LIST_OK, headersAtMs: 4000 });
    viewer.start();
    await world.run(2000);
    expect(world.https[0]?.requests).toHaveLength(8);
    expect(world.log.of('chat_sent')).toHaveLength(1);
    await world.run(10_000);
    const calls = world.log.of('api_call');
    expect(calls.map(({ sinceDueMs }) => sinceDueMs)).toEqual(Array(8).fill(4000));
    expect(world.log.of('action_late')).toEqual([]);
  });

  it('drops actions only when it has stood still for long, and says so', async () => {
    const entries = Array.from({ length: 40 }, (_, i) => ({ action: 'products', dueMs: 1000 + i }) as const);
    const viewer = world.add({ entries });
    world.https[0]?.route('/api/products', { ...LIST_OK, headersAtMs: 20_000 });
    viewer.start();
    await world.run(2000);
    expect(world.log.of('action_skipped')).toHaveLength(14);
    expect(world.log.of('action_late')).toEqual([]);
  });
});

describe('the chat of a run', () => {
  const chatAt = (dueMs: number) => [{ action: 'chat', dueMs } as const];

  it('reaches every other viewer, each once', async () => {
    for (let vu = 0; vu < 5; vu++) world.add({ entries: chatAt(2000 + vu) }).start();
    await world.run(4000);
    const expected = world.log.of('chat_sent').reduce((sum, { expectedOthers }) => sum + expectedOthers, 0);
    expect(expected).toBe(20);
    expect(world.log.of('chat_delivered')).toHaveLength(20);
    expect(world.log.of('chat_echo')).toHaveLength(5);
    for (const { deliveryMs } of world.log.of('chat_delivered')) expect(deliveryMs).toBeCloseTo(2, 2);
  });

  it('that comes back to its sender only is delivered to nobody', async () => {
    world.hub.platform.chat = 'sender';
    for (let vu = 0; vu < 3; vu++) world.add({ entries: chatAt(2000) }).start();
    await world.run(15_000);
    expect(world.log.of('chat_echo')).toHaveLength(3);
    expect(world.log.of('chat_delivered')).toEqual([]);
    expect(world.log.of('chat_sent').map(({ expectedOthers }) => expectedOthers)).toEqual([2, 2, 2]);
  });

  it('that is mute loses every echo', async () => {
    world.hub.platform.chat = 'nobody';
    for (let vu = 0; vu < 2; vu++) world.add({ entries: chatAt(2000) }).start();
    await world.run(13_000);
    expect(world.log.of('chat_echo_lost')).toHaveLength(2);
    expect(world.log.of('chat_echo')).toEqual([]);
  });

  it('is not written by a viewer that could not join', async () => {
    world.hub.platform.confirmJoins = false;
    world.add({ entries: chatAt(2000) }).start();
    await world.run(8000);
    expect(world.log.of('chat_not_sent')).toHaveLength(1);
    expect(world.log.of('chat_sent')).toEqual([]);
    expect(world.log.of('socket_failed').map(({ namespace }) => namespace)).toEqual(['/chat', '/streaming']);
  });

  it('loses no message to a viewer that leaves while it is under way', async () => {
    world.hub.latencyMs = 60;
    const writer = world.add({ entries: chatAt(2000) });
    const reader = world.add();
    writer.start();
    reader.start();
    await world.clock.run(2010);
    void reader.leave('planned');
    await world.run(2000);
    expect(world.log.of('chat_sent')).toMatchObject([{ expectedOthers: 1 }]);
    expect(world.log.of('chat_delivered')).toHaveLength(1);
  });

  it('counts only who stands in the room when the sockets were away', async () => {
    const writer = world.add({ entries: chatAt(2000) });
    world.add().start();
    writer.start();
    await world.run(1000);
    world.hub.connections[1]?.drop();
    world.hub.up = false;
    await world.run(2000);
    expect(world.log.of('chat_sent')).toMatchObject([{ expectedOthers: 0 }]);
    world.hub.up = true;
    await world.run(8000);
    expect(world.roster.size).toBe(2);
    const back = world.log.of('socket_reconnected');
    expect(back).toHaveLength(1);
    expect(back[0]?.downMs).toBeGreaterThan(2000);
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

describe('a page', () => {
  const ok = (data: unknown) => ({ body: JSON.stringify({ success: true, data }) });
  const overrides = { behaviour: 'page' } as const;

  function withPlatform(vu = 0, status = 'LIVE'): void {
    world.https[vu]
      ?.route('/api/users/me', ok({ id: 'u0' }))
      .route('/api/config', { body: '{"cdnUrl":""}' })
      .route(`/api/streaming/key/${STREAM_KEY}/featured-product`, ok({ product: null }))
      .route(`/api/streaming/key/${STREAM_KEY}/status`, ok({ status, viewerCount: 1, title: '' }))
      .route('/api/products', [ok([{ id: 'p1', status: 'AVAILABLE', stock: 3 }])])
      .route('/api/csrf', { status: 404, body: '' })
      .route('/api/cart', ok({ items: [] }))
      .route('POST /api/cart', { status: 201, body: '{"success":true,"data":{"id":"i"}}' });
  }

  it('watches and has joined all that a page joins, although the platform lost two of its joins', async () => {
    const viewer = world.add({ overrides, firstFrameAfterMs: 700 });
    withPlatform();
    viewer.start();
    await world.run(600);
    expect(viewer.state).toBe('joining');
    expect(world.log.of('socket_ready').map(({ namespace }) => namespace)).toEqual(['/', '/chat']);
    await world.run(7000);
    expect(viewer.state).toBe('watching');
    expect(world.log.of('vu_joined')).toHaveLength(1);
    expect(world.log.of('join_lost').map(({ namespace }) => namespace)).toEqual(['/', '/streaming']);
    void viewer.leave('planned');
    await world.run(2000);
    expect(world.log.of('vu_left')).toHaveLength(1);
  });

  it('reads what the page reads at once, on connect and after its first write', async () => {
    const viewer = world.add({ overrides, entries: [{ action: 'cart_add', dueMs: 1000 }] });
    withPlatform();
    viewer.start();
    await world.run(3000);
    const calls = world.log.of('api_call').map(({ call, outcome }) => `${call} ${outcome}`);
    expect(calls.sort()).toEqual([
      'cart_add ok',
      'cart_get ok',
      'config ok',
      'csrf absent',
      'featured_product ok',
      'me ok',
      'products ok',
    ]);
    const paths = world.https[0]?.paths ?? [];
    expect(paths.find((path) => path.includes('products'))).toContain('take=100');
    expect(paths.indexOf('/api/csrf')).toBe(paths.indexOf('/api/cart') - 1);
  });

  it('takes its player away when the stream is over and makes a new one when it is back; nobody is lost', async () => {
    const entries = [500, 20_000].map((dueMs) => ({ action: 'status' as const, dueMs }));
    const viewer = world.add({ overrides, entries });
    withPlatform();
    viewer.start();
    await world.run(19_000);
    withPlatform(0, 'OFFLINE');
    await world.run(12_000);
    expect(world.players.map(({ stopped }) => stopped)).toEqual([true]);
    expect(world.log.of('player_unmounted')).toHaveLength(1);
    expect(viewer.state).toBe('watching');
    expect(world.log.of('vu_lost')).toEqual([]);
    withPlatform(0, 'LIVE');
    await world.run(10_000);
    expect(world.players.map(({ started, stopped }) => [started, stopped])).toEqual([
      [true, true],
      [true, false],
    ]);
    void viewer.leave('planned');
    await world.run(2000);
    expect(world.players[1]?.stopped).toBe(true);
    expect(viewer.state).toBe('left');
    expect(world.clock.pending).toBe(0);
  });

  it('sends at the door of the room what was written before', async () => {
    world.hub.platform.authMs = 3000;
    const viewer = world.add({ overrides, entries: [{ action: 'chat', dueMs: 1000 }] });
    withPlatform();
    viewer.start();
    await world.run(2500);
    expect(world.log.of('chat_not_sent')).toEqual([]);
    await world.run(3000);
    expect(world.log.of('chat_sent')).toHaveLength(1);
    expect(world.log.of('chat_echo')[0]?.sinceDueMs).toBeGreaterThan(2000);
  });
});
