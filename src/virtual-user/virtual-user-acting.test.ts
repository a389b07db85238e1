import { beforeEach, describe, expect, it } from 'vitest';
import { LIST_OK, STREAM_KEY, ViewerWorld } from '../../test/support/viewer-harness.js';

let world: ViewerWorld;

beforeEach(() => {
  world = new ViewerWorld();
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
