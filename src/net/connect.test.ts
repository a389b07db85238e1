import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RawServer } from '../../test/support/raw-server.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { TargetNotAllowedError } from '../errors.js';
import { createAllowList } from './allow-list.js';
import { createConnector } from './connect.js';

const allowList = createAllowList([]);
let server: RawServer;
let peers: (string | undefined)[];

beforeEach(async () => {
  peers = [];
  server = await RawServer.listen(({ socket }) => {
    peers.push(socket.remoteAddress);
    socket.end('bye');
  });
});
afterEach(() => server.close());

describe('createConnector', () => {
  it('counts what is open and lets go of what was closed', async () => {
    const connector = createConnector({ allowList });
    const socket = connector.open({ host: '127.0.0.1', port: server.port, tls: false });
    expect(connector.stats()).toMatchObject({ openedCount: 1, openCount: 1 });
    socket.write('GET / HTTP/1.1\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    expect(connector.stats()).toEqual({
      openedCount: 1,
      openCount: 0,
      notAllowedCount: 0,
      localFailureCount: 0,
    });
  });

  it('connects from the address that it was given', async () => {
    const connector = createConnector({ allowList }).from({ localAddress: '127.0.0.9' });
    const socket = connector.open({ host: '127.0.0.1', port: server.port, tls: false });
    socket.write('GET / HTTP/1.1\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    expect(peers).toEqual(['127.0.0.9']);
  });

  it('counts a shortage of this machine apart from what the platform does', async () => {
    const connector = createConnector({ allowList }).from({ localAddress: '192.0.2.77' });
    const socket = connector.open({ host: '127.0.0.1', port: server.port, tls: false });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('EADDRNOTAVAIL');
    expect(connector.stats()).toMatchObject({ localFailureCount: 1, notAllowedCount: 0 });
  });

  it('gives up a TLS handshake that nobody answers, so that what waits for it can be tried anew', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    const accepted: Socket[] = [];
    silent.on('connection', (socket) => accepted.push(socket.on('error', () => undefined)));
    await once(silent, 'listening');
    const clock = new VirtualClock();
    const connector = createConnector({ allowList, clock });
    const { port } = silent.address() as AddressInfo;
    const socket = connector.open({ host: '127.0.0.1', port, tls: true });
    const failed = once(socket, 'error') as Promise<[NodeJS.ErrnoException]>;
    await once(socket, 'connect');
    await clock.run(29_000);
    expect(socket.destroyed).toBe(false);
    await clock.run(2000);
    expect(socket.destroyed).toBe(true);
    expect((await failed)[0].code).toBe('ETIMEDOUT');
    expect(connector.stats()).toMatchObject({ localFailureCount: 0 });
    expect(clock.pending).toBe(0);
    for (const one of accepted) one.destroy();
    silent.close();
  });

  it('refuses by host without asking the resolver, and by address after it', async () => {
    const asked: string[] = [];
    const told: string[] = [];
    const connector = createConnector({
      allowList,
      onNotAllowed: (host) => told.push(host),
      resolve: (host, _, done) => {
        asked.push(host);
        done(null, [{ address: '192.0.2.1', family: 4 }]);
      },
    });
    const refusal = async (host: string): Promise<unknown> => {
      const [error] = (await once(connector.open({ host, port: 80, tls: false }), 'error')) as [unknown];
      return error;
    };
    expect(await refusal('192.0.2.1')).toBeInstanceOf(TargetNotAllowedError);
    expect(await refusal('[2001:db8::1]')).toBeInstanceOf(TargetNotAllowedError);
    expect(asked).toEqual([]);
    const byAddress = await refusal('outside.test');
    expect(byAddress).toBeInstanceOf(TargetNotAllowedError);
    expect(String(byAddress)).toContain('it resolves to 192.0.2.1');
    expect(asked).toEqual(['outside.test']);
    expect(connector.stats().notAllowedCount).toBe(3);
    expect(told).toEqual(['192.0.2.1', '2001:db8::1', 'outside.test']);
  });
});
