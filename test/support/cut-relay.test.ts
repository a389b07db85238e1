import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type CutRelay, startCutRelay } from './cut-relay.js';

/** An echo behind a relay, and somebody who talks to it. */
async function talk(): Promise<{ relay: CutRelay; said: () => string; join(): Promise<Socket> }> {
  const server = createServer((socket) => socket.on('error', () => {}).pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const relay = await startCutRelay((server.address() as AddressInfo).port);
  let heard = '';
  onTestFinished(() => {
    relay.close();
    server.close();
  });
  return {
    relay,
    said: () => heard,
    async join() {
      const socket = connect(relay.port, '127.0.0.1').on('error', () => {});
      onTestFinished(() => void socket.destroy());
      socket.setEncoding('utf8').on('data', (text: string) => {
        heard += text;
      });
      await once(socket, 'connect');
      return socket;
    },
  };
}

test('what hung goes on where it stopped, with nothing lost', async () => {
  const { relay, said, join } = await talk();
  const socket = await join();
  socket.write('a');
  await vi.waitFor(() => expect(said()).toBe('a'));
  relay.hang();
  socket.write('b');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(said()).toBe('a');
  relay.heal();
  await vi.waitFor(() => expect(said()).toBe('ab'));
  expect(relay.cutCount).toBe(1);
});

test('torn connections end, new ones too until it is healed', async () => {
  const { relay, said, join } = await talk();
  const socket = await join();
  socket.write('a');
  await vi.waitFor(() => expect(said()).toBe('a'));
  const ended = once(socket, 'close');
  relay.tear();
  await ended;
  const refused = await join();
  await once(refused, 'close');
  relay.heal();
  const again = await join();
  again.write('b');
  await vi.waitFor(() => expect(said()).toBe('ab'));
});
