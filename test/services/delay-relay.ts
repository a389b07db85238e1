import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP relay in front of a server: what clients send arrives later by a delay, what comes back does not. */
export interface DelayRelay {
  readonly port: number;
  /** From now on; order is kept, so a shorter one takes effect when what is on its way has arrived. */
  setDelayMs(delayMs: number): void;
  close(): void;
}

interface Parcel {
  readonly dueAtMs: number;
  readonly bytes: Buffer | 'end';
}

/** Relays to a loopback port, at first without a delay. */
export async function startDelayRelay(toPort: number): Promise<DelayRelay> {
  let delayMs = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(toPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.once('close', () => open.delete(socket));
    }
    const parcels: Parcel[] = [];
    let timer: NodeJS.Timeout | undefined;
    const deliver = (): void => {
      timer = undefined;
      for (let next = parcels[0]; next !== undefined; next = parcels[0]) {
        const waitMs = next.dueAtMs - performance.now();
        if (waitMs > 0) {
          timer = setTimeout(deliver, Math.ceil(waitMs));
          return;
        }
        parcels.shift();
        if (next.bytes === 'end') upstream.end();
        else upstream.write(next.bytes);
      }
    };
    const send = (bytes: Buffer | 'end'): void => {
      parcels.push({ dueAtMs: performance.now() + delayMs, bytes });
      if (timer === undefined) deliver();
    };
    client.on('data', send);
    client.once('end', () => send('end'));
    upstream.pipe(client);
    upstream.once('close', () => {
      clearTimeout(timer);
      client.destroy();
    });
    client.once('close', () => send('end'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    setDelayMs(ms) {
      delayMs = ms;
    },
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
