import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP relay in front of a media server, so that a test can break FLV connections and no others. */
export interface MediaRelay {
  readonly origin: string;
  /** Connections that carry an FLV stream now. */
  flvStreams(): number;
  /** Resets every connection that carries an FLV stream now; answers how many there were. */
  killFlv(): number;
  close(): void;
}

export async function startMediaRelay(origin: string): Promise<MediaRelay> {
  const { hostname, port } = new URL(origin);
  const open = new Set<Socket>();
  const flv = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        open.delete(socket);
        flv.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.once('data', (head) => {
      if (/^GET \S+\.flv /.test(head.toString('latin1'))) flv.add(client);
    });
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    flvStreams: () => flv.size,
    killFlv() {
      const { size } = flv;
      for (const socket of [...flv]) socket.resetAndDestroy();
      return size;
    },
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
