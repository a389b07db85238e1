import { beforeEach, describe, expect, it } from 'vitest';
import { STREAM_KEY, ViewerWorld } from '../../test/support/viewer-harness.js';

let world: ViewerWorld;

beforeEach(() => {
  world = new ViewerWorld();
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
