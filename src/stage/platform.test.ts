import { get } from 'node:http';
import { connect, type Socket as TcpSocket } from 'node:net';
import { Manager, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { UserRow } from './accounts.js';
import type { FaultRecord } from './fault-board.js';
import { type RunningStage, startStage } from './stage.js';

let stage: RunningStage;
let users: UserRow[];
const opened: { close(): void }[] = [];

beforeAll(async () => {
  stage = await startStage({ streamKey: 'key', bitsPerS: 0, stock: 100, doubleDecrement: false });
  users = (await control('GET', 'users?count=5')) as UserRow[];
});

afterEach(async () => {
  for (const { close } of opened.splice(0)) close();
  await control('DELETE', 'faults');
});

afterAll(() => stage.close());

async function control(method: string, path: string, body?: object): Promise<unknown> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  return (await fetch(`${stage.controlUrl}/__stage/${path}`, init)).json();
}

interface Listener {
  readonly socket: Socket;
  /** The first argument of the next event of this name, past ones included. */
  heard(event: string): Promise<Record<string, unknown>>;
  events(): string[];
}

function listen(namespace: string, user?: UserRow, url = stage.urls.socketUrl): Listener {
  const extraHeaders = user === undefined ? {} : { cookie: `accessToken=${user.accessToken}` };
  const manager = new Manager(url, { transports: ['websocket'], reconnection: false, extraHeaders });
  const socket = manager.socket(namespace);
  const past: [string, Record<string, unknown>][] = [];
  const waiting: { event: string; resolve: (payload: Record<string, unknown>) => void }[] = [];
  const note = (event: string, payload: Record<string, unknown>): void => {
    past.push([event, payload]);
    for (const waiter of waiting) if (waiter.event === event) waiter.resolve(payload);
  };
  socket.onAny(note);
  socket.on('connect', () => note('connect', {}));
  socket.on('disconnect', (reason) => note('disconnect', { reason }));
  opened.push({ close: () => void manager._close() });
  return {
    socket,
    heard(event) {
      const before = past.find(([name]) => name === event);
      if (before) return Promise.resolve(before[1]);
      return new Promise((resolve) => waiting.push({ event, resolve }));
    },
    events: () => past.map(([name]) => name),
  };
}

describe('the sockets of the platform', () => {
  it('cuts every connection when drop-sockets strikes, and takes new ones at once', async () => {
    const { heard } = listen('/chat', users[0]);
    await heard('connection:success');
    await control('POST', 'faults', { kind: 'drop-sockets' });
    expect(await heard('disconnect')).toEqual({ reason: 'transport close' });
    await listen('/chat', users[0]).heard('connection:success');
  });

  it('say ready with an event of their own, each namespace in its shape', async () => {
    const [user] = users as [UserRow];
    const userId = user.userId;
    expect(await listen('/', user).heard('connected')).toMatchObject({ userId, authenticated: true });
    for (const namespace of ['/chat', '/streaming']) {
      const ready = await listen(namespace, user).heard('connection:success');
      expect(ready).toMatchObject({ type: 'connection:success', data: { userId, authenticated: true } });
    }
  });

  it('lose what is emitted on connect, before the token has been looked up', async () => {
    const { socket, heard, events } = listen('/chat', users[0]);
    socket.on('connect', () => socket.emit('chat:join-room', { liveId: 'lost' }));
    await heard('connection:success');
    socket.emit('chat:join-room', { liveId: 'key' });
    const success = await heard('chat:join-room:success');
    expect(success).toMatchObject({ data: { roomName: 'live:key' } });
    expect(events().filter((event) => event === 'chat:join-room:success')).toHaveLength(1);
  });

  it('get ready later under slow-auth, by as much as it says', async () => {
    await control('POST', 'faults', { kind: 'slow-auth', ms: 400 });
    const begunAtMs = performance.now();
    await listen('/', users[0]).heard('connected');
    expect(performance.now() - begunAtMs).toBeGreaterThanOrEqual(399);
  });

  it('let a guest watch but not chat: connect, then an error, then the server disconnects', async () => {
    expect(await listen('/').heard('connected')).toMatchObject({ userId: null, authenticated: false });
    const guest = listen('/chat');
    expect(await guest.heard('disconnect')).toEqual({ reason: 'io server disconnect' });
    expect(guest.events()).toEqual(['connect', 'error', 'disconnect']);
  });

  it('treat a bad token as a guest, and every token while tokens are refused', async () => {
    const forged = { ...(users[0] as UserRow), accessToken: 'a.b.c' };
    expect(await listen('/', forged).heard('connected')).toMatchObject({ authenticated: false });
    await control('POST', 'faults', { kind: 'refuse-tokens' });
    expect(await listen('/', users[0]).heard('connected')).toMatchObject({ authenticated: false });
  });

  it('answer the eleventh join of 10 s with an error', async () => {
    const { socket, heard, events } = listen('/chat', users[1]);
    await heard('connection:success');
    for (let index = 0; index < 11; index++) socket.emit('chat:join-room', { liveId: 'key' });
    expect(await heard('error')).toMatchObject({ errorCode: 'RATE_LIMIT_EXCEEDED' });
    expect(events().filter((event) => event === 'chat:join-room:success')).toHaveLength(10);
  });

  it('carry chat from one viewer to another and to the sender', async () => {
    const [from, to] = [listen('/chat', users[2]), listen('/chat', users[3])];
    for (const { socket, heard } of [from, to]) {
      await heard('connection:success');
      socket.emit('chat:join-room', { liveId: 'room' });
      await heard('chat:join-room:success');
    }
    from.socket.emit('chat:send-message', { liveId: 'room', message: 'hi', clientMessageId: 'c1' });
    const [there, here] = await Promise.all([to.heard('chat:message'), from.heard('chat:message')]);
    expect(there).toEqual(here);
    expect(there).toMatchObject({ data: { message: 'hi', clientMessageId: 'c1', userId: users[2]?.userId } });
  });

  it('survive payloads of every shape', async () => {
    const { socket, heard } = listen('/streaming', users[4]);
    await heard('connection:success');
    for (const payload of [null, 1, 'x', [], { streamKey: {} }]) socket.emit('stream:viewer:join', payload);
    socket.emit('stream:viewer:join', { streamKey: 'key' });
    expect(await heard('stream:viewer:join:success')).toMatchObject({ type: 'stream:viewer:join:success' });
  });

  it('withhold the ready event of one namespace while no-ready is planted', async () => {
    await control('POST', 'faults', { kind: 'no-ready', namespace: '/chat' });
    const chat = listen('/chat', users[0]);
    await listen('/streaming', users[0]).heard('connection:success');
    chat.socket.emit('chat:join-room', { liveId: 'key' });
    await chat.heard('chat:join-room:success');
    expect(chat.events()).not.toContain('connection:success');
  });
});

describe('the REST of the platform', () => {
  const cookie = (index: number): string =>
    `accessToken=${users[index]?.accessToken}; csrf-token=x; session_id=s`;
  const api = (path: string, init: RequestInit = {}): Promise<Response> => {
    return fetch(`${stage.urls.apiUrl}/api${path}`, init);
  };
  const post = (path: string, body: object, index = 0, csrf = 'x'): Promise<Response> => {
    const headers = { cookie: cookie(index), 'x-csrf-token': csrf, 'content-type': 'application/json' };
    return api(path, { method: 'POST', headers, body: JSON.stringify(body) });
  };

  it('wraps answers in an envelope and gives a newcomer both cookies', async () => {
    const answer = await api('/streaming/key/key/status');
    const { data, success } = (await answer.json()) as { data: object; success: boolean };
    expect({ success, data }).toMatchObject({ success: true, data: { status: 'LIVE', viewerCount: 0 } });
    const names = answer.headers.getSetCookie().map((line) => line.split('=')[0]);
    expect(names.sort()).toEqual(['csrf-token', 'session_id']);
    const unknown = (await (await api('/streaming/key/other/status')).json()) as { data: object };
    expect(unknown.data).toMatchObject({ status: 'OFFLINE' });
  });

  it('compresses long answers for those who can read them', async () => {
    const packed = await api('/products?streamKey=key', { headers: { 'accept-encoding': 'gzip' } });
    const plain = await api('/products?streamKey=key', { headers: { 'accept-encoding': 'identity' } });
    expect([packed.headers.get('content-encoding'), plain.headers.get('content-encoding')]).toEqual([
      'gzip',
      null,
    ]);
    const count = async (answer: Response) => ((await answer.json()) as { data: unknown[] }).data.length;
    expect([await count(packed), await count(plain)]).toEqual([8, 8]);
  });

  it('needs a token for the cart and refuses a bad one even on public routes', async () => {
    expect((await api('/cart')).status).toBe(401);
    expect((await api('/products', { headers: { cookie: 'accessToken=bad' } })).status).toBe(401);
    expect((await api('/users/me', { headers: { cookie: cookie(0) } })).status).toBe(200);
  });

  it('needs the CSRF pair for writes', async () => {
    const headers = { cookie: `accessToken=${users[0]?.accessToken}` };
    const without = await api('/cart', { method: 'POST', headers, body: '{}' });
    expect([without.status, await without.json()]).toMatchObject([403, { errorCode: 'CSRF_TOKEN_MISSING' }]);
    const wrong = await post('/cart', {}, 0, 'y');
    expect([wrong.status, await wrong.json()]).toMatchObject([403, { errorCode: 'CSRF_TOKEN_INVALID' }]);
  });

  it('sells: 201 for the cart and the order, then the refusals of business', async () => {
    const [{ id }] = ((await (await api('/products')).json()) as { data: { id: string }[] }).data as [
      { id: string },
    ];
    expect((await post('/cart', { productId: id, quantity: 40 }, 1)).status).toBe(201);
    const order = await post('/orders/from-cart', {}, 1);
    expect([order.status, await order.json()]).toMatchObject([201, { data: { status: 'PENDING_PAYMENT' } }]);
    const empty = await post('/orders/from-cart', {}, 1);
    expect([empty.status, await empty.json()]).toMatchObject([400, { errorCode: 'CART_EMPTY' }]);
    const tooMany = await post('/cart', { productId: id, quantity: 61 }, 1);
    expect([tooMany.status, await tooMany.json()]).toMatchObject([400, { errorCode: 'INSUFFICIENT_STOCK' }]);
    expect((await post('/cart', { productId: id, quantity: 0 }, 1)).status).toBe(400);
    expect((await post('/cart', { productId: 'nothing', quantity: 1 }, 1)).status).toBe(404);
  });

  it('logs in with cookies only, and refreshes them', async () => {
    const login = await api('/auth/dev-login', { method: 'POST', body: '{"email":"a@b.c"}' });
    expect(login.status).toBe(201);
    const jar = login.headers.getSetCookie().map((line) => line.split(';')[0]);
    expect(jar.map((pair) => pair?.split('=')[0])).toEqual(['accessToken', 'refreshToken', 'session_id']);
    const refreshed = await api('/auth/refresh', { method: 'POST', headers: { cookie: jar.join('; ') } });
    expect(refreshed.status).toBe(201);
    expect((await api('/auth/refresh', { method: 'POST' })).status).toBe(401);
    expect((await api('/auth/dev-login', { method: 'POST', body: '{"email":"a@b.c","x":1}' })).status).toBe(
      400,
    );
  });

  it('refuses a new user everything but the profile until it is there', async () => {
    const login = await api('/auth/dev-login', { method: 'POST', body: '{"email":"new@b.c"}' });
    const csrf = 'csrf-token=same';
    const jar = [...login.headers.getSetCookie().map((line) => line.split(';')[0]), csrf].join('; ');
    const headers = { cookie: jar, 'x-csrf-token': 'same' };
    const status = async (path: string, init: RequestInit = {}) =>
      (await api(path, { headers, ...init })).status;
    const complete = (body: object) =>
      status('/users/complete-profile', { method: 'POST', body: JSON.stringify(body) });
    const profile = {
      ...{ email: 'new@b.c', depositorName: 'n', instagramId: 'n', fullName: 'n', address1: '1 Main St' },
      ...{ city: 'Los Angeles', state: 'CA', zip: '90001' },
    };
    expect([await status('/users/me'), await status('/cart'), await status('/products')]).toEqual([
      200, 403, 200,
    ]);
    const { zip: _zip, ...withoutZip } = profile;
    expect(await complete(withoutZip)).toBe(400);
    expect(await complete({ ...profile, nickname: 'x' })).toBe(400);
    expect(await status('/cart')).toBe(403);
    expect(await complete(profile)).toBe(200);
    expect(await status('/cart')).toBe(200);
  });

  it.each([
    ['refuse-refresh', '/auth/refresh', 401],
    ['refuse-dev-login', '/auth/dev-login', 403],
  ])('%s: POST %s answers %i', async (kind, path, status) => {
    const cookie = `refreshToken=${users[0]?.refreshToken}`;
    const init = { method: 'POST', body: '{"email":"a@b.c"}', headers: { cookie } };
    await control('POST', 'faults', { kind });
    expect((await api(path, init)).status).toBe(status);
    await control('DELETE', `faults/${kind}`);
    expect((await api(path, init)).status).toBe(201);
  });

  it('answers nonsense with an error, not with silence', async () => {
    expect((await api('/no/such/thing')).status).toBe(404);
    expect((await api('/auth/dev-login', { method: 'POST', body: '{' })).status).toBe(400);
    expect((await fetch(`${stage.urls.apiUrl}/elsewhere`)).status).toBe(404);
  });

  it.each([
    ['http-5xx', 500, /INTERNAL_SERVER_ERROR/],
    ['http-429', 429, /ThrottlerException/],
    ['http-503', 503, /<center>nginx<\/center>/],
    ['html-502', 502, /<center>nginx<\/center>/],
  ])('%s: answers %i', async (kind, status, body) => {
    await control('POST', 'faults', { kind });
    const answer = await api('/products');
    expect(answer.status).toBe(status);
    expect(await answer.text()).toMatch(body);
    expect(answer.headers.get('retry-after-short')).toBe(status === 429 ? '1' : null);
    await control('DELETE', `faults/${kind}`);
    expect((await api('/products')).status).toBe(200);
  });
});

describe('faults of REST', () => {
  const status = async (path: string): Promise<number> => (await fetch(`${stage.urls.apiUrl}${path}`)).status;

  it('strike only below their path, if they have one', async () => {
    await control('POST', 'faults', { kind: 'http-5xx', path: '/api/products' });
    expect([await status('/api/products'), await status('/api/notices/current')]).toEqual([500, 200]);
  });

  it('order-conflicts: writes of orders and carts fail, reads do not', async () => {
    await control('POST', 'faults', { kind: 'order-conflicts' });
    const order = await fetch(`${stage.urls.apiUrl}/api/orders`, { method: 'POST', body: '{}' });
    expect([order.status, await status('/api/products')]).toEqual([500, 200]);
  });

  it('sold-out: nothing is left to buy, then all is there again', async () => {
    const available = async () => {
      const answer = await fetch(`${stage.urls.apiUrl}/api/products?streamKey=key&status=AVAILABLE`);
      return ((await answer.json()) as { data: unknown[] }).data.length;
    };
    expect(await available()).toBe(8);
    await control('POST', 'faults', { kind: 'sold-out' });
    expect(await available()).toBe(0);
    await control('DELETE', 'faults/sold-out');
    expect(await available()).toBe(8);
  });

  it('wipe-viewers: the count is 0 until somebody joins', async () => {
    const viewerCount = async () => {
      const answer = await fetch(`${stage.urls.apiUrl}/api/streaming/key/key/status`);
      return ((await answer.json()) as { data: { viewerCount: number } }).data.viewerCount;
    };
    const [first, second] = [listen('/streaming', users[0]), listen('/streaming', users[1])];
    for (const { socket, heard } of [first, second]) {
      await heard('connection:success');
      socket.emit('stream:viewer:join', { streamKey: 'key' });
      await heard('stream:viewer:join:success');
    }
    expect(await viewerCount()).toBeGreaterThanOrEqual(2);
    await control('POST', 'faults', { kind: 'wipe-viewers' });
    expect(await viewerCount()).toBe(0);
  });
});

describe('the media routes', () => {
  const text = async (path: string): Promise<[number, string]> => {
    const answer = await fetch(`${stage.urls.hlsUrl}${path}`);
    return [answer.status, await answer.text()];
  };
  const entry = async (): Promise<string> => (await text('/hls/key.m3u8'))[1].trim().split('\n').at(-1) ?? '';

  it('lead from the entry over a context to segments of video/MP2T', async () => {
    const child = await entry();
    expect(child).toMatch(/^\/live\/key\.m3u8\?hls_ctx=[0-9a-z]{8}$/);
    const [, list] = await text(child);
    expect(list).toContain('#EXT-X-TARGETDURATION:1');
    const answer = await fetch(`${stage.urls.hlsUrl}/live/${list.trim().split('\n').at(-1)}`);
    expect(answer.headers.get('content-type')).toBe('video/MP2T');
    expect(answer.headers.get('connection')).toMatch(/close/i);
    expect((await answer.arrayBuffer()).byteLength % 188).toBe(0);
  });

  it('answer a media list with a master again once the context is lost', async () => {
    const child = await entry();
    await control('POST', 'faults', { kind: 'lose-context' });
    expect((await text(child))[1]).toContain('#EXT-X-STREAM-INF');
    expect((await text(child))[1]).toContain('#EXTINF');
  });

  it('know nothing of other keys and old segments', async () => {
    const statuses = ['/hls/other.m3u8', '/live/key-999999.ts', '/live/key-x.ts', '/live/%zz.ts'].map(text);
    expect((await Promise.all(statuses)).map(([status]) => status)).toEqual([404, 404, 404, 404]);
  });

  it('serve rubbish, stale lists and lost segments when told to', async () => {
    const child = await entry();
    await control('POST', 'faults', { kind: 'garbage-playlist' });
    expect((await text(child))[1]).not.toContain('#EXTM3U');
    await control('DELETE', 'faults/all');
    const [, list] = await text(child);
    const last = `/live/${list.trim().split('\n').at(-1)}`;
    await control('POST', 'faults', { kind: 'garbage-segment' });
    const noise = Buffer.from(await (await fetch(`${stage.urls.hlsUrl}${last}`)).arrayBuffer());
    expect(noise.length % 188).toBe(0);
    expect([0, 188, 376, 564].every((at) => noise[at] === 0x47)).toBe(false);
  });

  it('keep an FLV viewer of an unknown key waiting without a byte', async () => {
    const { hostname, port } = new URL(stage.urls.flvUrl);
    const before = (await counts()).flv.waitingNow;
    const socket: TcpSocket = connect(Number(port), hostname);
    opened.push({ close: () => socket.destroy() });
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    socket.write('GET /live/live/unknown.flv HTTP/1.1\r\nHost: x\r\n\r\n');
    while ((await counts()).flv.waitingNow === before);
    expect(bytes).toBe(0);
  });

  it('cut an FLV body without its final chunk when the publisher goes, and call the stream LIVE for a while', async () => {
    const watching = watch(`${stage.urls.flvUrl}/live/live/key.flv`);
    await watching.begun;
    await control('POST', 'faults', { kind: 'drop-publisher' });
    expect(await watching.ended).toBe('ECONNRESET');
    const [, list] = await text(await entry());
    expect(list).toContain('#EXTINF');
    const status = await fetch(`${stage.urls.apiUrl}/api/streaming/key/key/status`);
    expect(await status.text()).toContain('LIVE');
  });

  it('short-grace: after an unpublish the stream is OFFLINE and has ended as soon as it says', async () => {
    const viewer = listen('/streaming', users[0]);
    await viewer.heard('connection:success');
    viewer.socket.emit('stream:viewer:join', { streamKey: 'key' });
    await viewer.heard('stream:viewer:join:success');
    await control('POST', 'faults', { kind: 'short-grace', ms: 50 });
    await control('POST', 'faults', { kind: 'drop-publisher' });
    expect(await viewer.heard('stream:ended')).toEqual({ streamKey: 'key' });
    const status = await fetch(`${stage.urls.apiUrl}/api/streaming/key/key/status`);
    expect(await status.text()).toContain('OFFLINE');
  });

  it("answer as SRS's own API", async () => {
    const body = async (path: string) => JSON.parse((await text(path))[1]) as Record<string, unknown>;
    expect(await body('/api/v1/streams')).toMatchObject({ code: 0, streams: [{ name: 'key', app: 'live' }] });
    expect(((await body('/api/v1/clients?count=50')).clients as unknown[]).length).toBeGreaterThan(0);
    expect(await body('/api/v1/summaries')).toMatchObject({ data: { ok: true } });
    expect((await text('/api/v1/toString'))[0]).toBe(404);
  });
});

/** An FLV viewer. `ended`: `complete`, or the code of the error that a body without its end gives. */
function watch(url: string): { begun: Promise<void>; ended: Promise<string> } {
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const ended = new Promise<string>((resolve) => {
    get(url, (response) => {
      response.once('data', begin);
      response.resume();
      response.once('end', () => resolve('complete'));
      response.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  });
  return { begun, ended };
}

interface Counts {
  flv: { waitingNow: number };
  rest: Record<string, Record<string, number>>;
}

async function counts(): Promise<Counts> {
  return (await control('GET', 'counts')) as Counts;
}

describe('the control API', () => {
  it('is there on both ports and out of reach of every fault', async () => {
    await control('POST', 'faults', { kind: 'html-502' });
    const answer = await fetch(`${stage.urls.apiUrl}/__stage/health`);
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('reports what was planted and when it really began and ended', async () => {
    const record = (await control('POST', 'faults', { kind: 'slow', seconds: 60, ms: 5 })) as FaultRecord;
    expect(record).toMatchObject({ kind: 'slow', forSeconds: 60, parameters: { ms: 5 } });
    await control('DELETE', 'faults/slow');
    const { faults } = (await control('GET', 'faults')) as { faults: FaultRecord[] };
    const seen = faults.find(({ id }) => id === record.id);
    expect(seen?.endedEpochMs).toBeGreaterThanOrEqual(seen?.startedEpochMs ?? Number.POSITIVE_INFINITY);
  });

  it('counts REST answers by route and status', async () => {
    const before = (await counts()).rest['GET /api/notices/current']?.[200] ?? 0;
    await (await fetch(`${stage.urls.apiUrl}/api/notices/current`)).text();
    expect((await counts()).rest['GET /api/notices/current']).toEqual({ 200: before + 1 });
  });

  it('refuses what makes no sense', async () => {
    const status = async (method: string, path: string, body?: string) => {
      const init = body === undefined ? { method } : { method, body };
      return (await fetch(`${stage.controlUrl}/__stage/${path}`, init)).status;
    };
    expect(await status('POST', 'faults', '{"kind":"melt"}')).toBe(400);
    expect(await status('POST', 'faults', '[1]')).toBe(400);
    expect(await status('DELETE', 'faults/melt')).toBe(404);
    expect(await status('GET', 'users?count=0')).toBe(400);
    expect(await status('GET', 'nothing')).toBe(404);
  });
});

describe('a stage', () => {
  it('refuses options that make no sense, all at once', async () => {
    const bad = startStage({ streamKey: 'a/b', gopMs: 1500 });
    await expect(bad).rejects.toThrow(/streamKey[\s\S]*gopMs/);
  });

  it('closes with viewers on every route, and may be closed twice', async () => {
    const own = await startStage({ streamKey: 'key', bitsPerS: 0 });
    const watching = watch(`${own.urls.flvUrl}/live/live/key.flv`);
    await watching.begun;
    await listen('/', undefined, own.urls.socketUrl).heard('connected');
    await own.close();
    await own.close();
    expect(await watching.ended).toBe('ECONNRESET');
    await expect(fetch(`${own.urls.apiUrl}/health`)).rejects.toThrow();
  });
});
