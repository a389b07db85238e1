import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { Manager, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { UserRow } from './accounts.js';
import { type RunningStage, startStage } from './stage.js';

let stage: RunningStage;
let user: UserRow;
const managers: Manager[] = [];
const viewers: ClientRequest[] = [];

beforeAll(async () => {
  stage = await startStage({ streamKey: 'key', bitsPerS: 400_000, authDelayMs: 0 });
  [user] = (await control('GET', 'users?count=1')) as [UserRow];
});
afterEach(async () => {
  for (const manager of managers.splice(0)) manager._close();
  for (const viewer of viewers.splice(0)) viewer.destroy();
  await control('DELETE', 'faults');
});
afterAll(() => stage.close());

async function control(method: string, path: string, body?: object): Promise<unknown> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  return (await fetch(`${stage.controlUrl}/__stage/${path}`, init)).json();
}
const plant = (kind: string, more: object = {}): Promise<unknown> =>
  control('POST', 'faults', { kind, ...more });

/** A viewer's socket in a namespace, once it is ready. */
async function ready(namespace: string): Promise<Socket> {
  const manager = new Manager(stage.urls.socketUrl, {
    transports: ['websocket'],
    reconnection: false,
    extraHeaders: { cookie: `accessToken=${user.accessToken}` },
  });
  managers.push(manager);
  const socket = manager.socket(namespace);
  await new Promise((resolve) => socket.once('connection:success', resolve));
  return socket;
}
const next = (socket: Socket, event: string): Promise<unknown> =>
  new Promise((resolve) => socket.once(event, (payload: unknown) => resolve(payload ?? event)));

/** What `promise` came to within `ms`, or `nothing`. */
function within<T>(ms: number, promise: Promise<T>): Promise<T | 'nothing'> {
  return Promise.race([promise, new Promise<'nothing'>((resolve) => setTimeout(resolve, ms, 'nothing'))]);
}

/** The endless body of an FLV viewer. */
async function watchFlv(): Promise<{ bytes(): number; over: Promise<string> }> {
  const url = `${stage.urls.flvUrl}/live/live/key.flv`;
  const answer = await new Promise<IncomingMessage>((resolve) => {
    const request = get(url, resolve).on('error', () => {});
    viewers.push(request);
  });
  let bytes = 0;
  const over = new Promise<string>((resolve) => {
    answer.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    answer.on('end', () => resolve('end'));
  });
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  return { bytes: () => bytes, over };
}

const api = (): Promise<number | string> =>
  fetch(`${stage.urls.apiUrl}/api/health/live`).then(
    ({ status }) => status,
    (error: Error & { cause?: { code?: string } }) => error.cause?.code ?? 'failed',
  );
const playlist = (): Promise<number | string> =>
  fetch(`${stage.urls.hlsUrl}/hls/key.m3u8`).then(
    ({ status }) => status,
    (error: Error & { cause?: { code?: string } }) => error.cause?.code ?? 'failed',
  );

describe('the network in front of the stage', () => {
  it('as a blackhole keeps what is open, lets nothing pass, and gives all back when it ends', async () => {
    const chat = await ready('/chat');
    const flv = await watchFlv();
    const { id } = (await plant('blackhole', { forSeconds: 60 })) as { id: number };
    const atBeginBytes = flv.bytes();
    const answered = api();
    const joined = next(chat, 'chat:join-room:success');
    chat.emit('chat:join-room', { liveId: 'key' });
    const late = ready('/streaming');
    expect(await within(400, Promise.race([answered, joined, late, flv.over]))).toBe('nothing');
    // What was on its way when it began may still have come in.
    expect(flv.bytes() - atBeginBytes).toBeLessThan(20_000);
    expect(await control('DELETE', `faults/${id}`)).toEqual({ ended: 1 });
    expect(await answered).toBe(200);
    expect(await joined).toMatchObject({ data: { roomName: 'live:key' } });
    await late;
    const bytes = flv.bytes();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(flv.bytes()).toBeGreaterThan(bytes);
    expect(chat.connected).toBe(true);
  });

  it('resets every connection, and takes new ones at once', async () => {
    const chat = await ready('/chat');
    const flv = await watchFlv();
    const dropped = next(chat, 'disconnect');
    await plant('reset-all');
    expect([await dropped, await flv.over]).toEqual(['transport close', 'ECONNRESET']);
    expect(await api()).toBe(200);
    await ready('/chat');
  });
});

describe('the media server', () => {
  it('that was killed cuts bodies and resets requests; the API and the sockets go on', async () => {
    const chat = await ready('/chat');
    const flv = await watchFlv();
    const { id } = (await plant('kill-media')) as { id: number };
    expect(await flv.over).toBe('ECONNRESET');
    expect([await playlist(), await api(), chat.connected]).toEqual(['ECONNRESET', 200, true]);
    const status = await (await fetch(`${stage.urls.apiUrl}/api/streaming/key/key/status`)).json();
    expect(status).toMatchObject({ data: { status: 'LIVE' } });
    await control('DELETE', `faults/${id}`);
    // It knows of nothing that was before it.
    expect(await playlist()).toBe(404);
    expect((await watchFlv()).bytes()).toBeGreaterThanOrEqual(0);
  });

  it('stays away as long as anything keeps it away', async () => {
    const first = (await plant('kill-media', { as: 502 })) as { id: number };
    await plant('kill-media', { as: 502 });
    await control('DELETE', `faults/${first.id}`);
    expect(await playlist()).toBe(502);
    await control('DELETE', 'faults/kill-media');
    expect(await playlist()).toBe(404);
  });
});

describe('a platform that does not come back', () => {
  it('lets no socket in', async () => {
    await plant('refuse-sockets');
    expect(await within(300, ready('/chat'))).toBe('nothing');
  });

  it('loses its rooms: who was in one hears nothing of it any more', async () => {
    const [one, two] = [await ready('/chat'), await ready('/chat')];
    for (const socket of [one, two]) {
      const joined = next(socket, 'chat:join-room:success');
      socket.emit('chat:join-room', { liveId: 'key' });
      await joined;
    }
    await plant('lose-rooms');
    const heard = next(one, 'chat:user-joined');
    two.emit('chat:join-room', { liveId: 'key' });
    expect(await within(300, heard)).toBe('nothing');
    expect(one.connected).toBe(true);
  });

  it('does not hear of a publisher that came back, and does not tell of the end', async () => {
    const status = async (): Promise<unknown> =>
      ((await (await fetch(`${stage.urls.apiUrl}/api/streaming/key/key/status`)).json()) as { data: unknown })
        .data;
    const streaming = await ready('/streaming');
    streaming.emit('stream:viewer:join', { streamKey: 'key' });
    await next(streaming, 'stream:viewer:join:success');
    const ended = next(streaming, 'stream:ended');
    for (const [kind, more] of [
      ['short-grace', { ms: 50 }],
      ['mute-end', {}],
      ['stays-offline', {}],
    ] as const)
      await plant(kind, more);
    await plant('drop-publisher', { forSeconds: 0.2 });
    expect(await within(500, ended)).toBe('nothing');
    expect(await status()).toMatchObject({ status: 'OFFLINE' });
  });
});
