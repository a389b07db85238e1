import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP relay in front of a server whose connections can be cut. */
export interface CutRelay {
  readonly port: number;
  /** Connections that were there are torn, new ones end at once. */
  tear(): void;
  /** Nothing passes any more, in neither direction, and nobody is told: as when packets are dropped on the way. */
  hang(): void;
  /** New connections work again, and what hung goes on where it stopped. */
  heal(): void;
  /** How many connections were torn or hung. */
  readonly cutCount: number;
  close(): void;
}

/** Relays from a free loopback port to another one. */
export async function startCutRelay(toPort: number): Promise<CutRelay> {
  let state: 'open' | 'torn' | 'hung' = 'open';
  let cutCount = 0;
  const open = new Set<Socket>();
  const pair = (client: Socket): void => {
    const upstream = connect(toPort, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('data', (bytes) => other.write(bytes));
      socket.on('error', () => other.destroy());
      socket.once('close', () => {
        open.delete(socket);
        other.destroy();
      });
      if (state === 'hung') socket.pause();
    }
  };
  const server = createServer((client) => {
    if (state === 'torn') client.destroy();
    else pair(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get cutCount() {
      return cutCount;
    },
    tear() {
      state = 'torn';
      cutCount += open.size / 2;
      for (const socket of open) socket.destroy();
    },
    hang() {
      state = 'hung';
      cutCount += open.size / 2;
      for (const socket of open) socket.pause();
    },
    heal() {
      state = 'open';
      for (const socket of open) socket.resume();
    },
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
