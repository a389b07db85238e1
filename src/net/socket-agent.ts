import { type AgentOptions, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '../seams.js';
import type { Connector } from './connect.js';

/** Where a WebSocket gets its sockets: through the connector, and so past the allow list. */
export interface SocketAgent {
  readonly agent: HttpAgent;
  /** Destroys what has not closed by itself by then. */
  closeWithin(ms: number, clock: Clock): void;
}

/** What Node asks an agent for; `host` comes without brackets. */
interface Wanted {
  readonly host?: string | null;
  readonly port?: number | string | null;
}

/** An agent for one connection of one viewer. */
export function createSocketAgent(connector: Connector, tls: boolean): SocketAgent {
  const sockets = new Set<Socket>();
  const options: AgentOptions = { keepAlive: false };
  const agent = tls ? new HttpsAgent(options) : new HttpAgent(options);
  agent.createConnection = (wanted: Wanted): Socket => {
    const port = Number(wanted.port ?? (tls ? 443 : 80));
    const socket = connector.open({ host: wanted.host ?? '', port, tls });
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  return {
    agent,
    closeWithin(ms, clock) {
      if (sockets.size === 0) return;
      const cancel = clock.after(ms, () => {
        for (const socket of sockets) socket.destroy();
      });
      for (const socket of sockets) {
        socket.once('close', () => {
          if (sockets.size === 0) cancel();
        });
      }
    },
  };
}
