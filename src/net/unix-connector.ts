import { connect } from 'node:net';
import type { Connector, SocketTarget } from './connect.js';

/**
 * Opens every socket to one Unix domain socket of this machine (unix(7)), whatever host the URL names: nothing is
 * resolved and nothing leaves the machine, so that no allow list is asked. Failures come in the socket's `error` event.
 */
export function createUnixConnector(path: string): Connector {
  let openedCount = 0;
  let openCount = 0;
  return {
    open: ({ onread }: SocketTarget) => {
      openedCount++;
      openCount++;
      const socket = connect({ path, ...(onread && { onread }) });
      socket.once('close', () => openCount--);
      // Whoever asked for it hears of a failure by a listener of its own.
      socket.on('error', () => {});
      return socket;
    },
    stats: () => ({ openedCount, openCount, notAllowedCount: 0, localFailureCount: 0 }),
  };
}
