/**
 * The network between viewers and the stage, as far as it can be broken from here: held (open connections stay, and
 * nothing passes; what is new finds nobody), or every connection reset.
 *
 * Held, a request waits until the hold ends, and a WebSocket's bytes wait in both directions. Media that an FLV viewer
 * would have got is lost to it meanwhile, see `FlvFanout`.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** The control API is never held. */
const CONTROL_PREFIX = '/__stage/';

export class Wire {
  readonly #open = new Set<Socket>();
  readonly #upgraded = new Set<Socket>();
  #waiting: { readonly socket: Socket; go(): void }[] = [];
  #held = false;

  /** Stands before all who listen for requests of `http` by now; whoever listens later is out of its reach. */
  constructor(http: Server) {
    http.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.once('close', () => {
        this.#open.delete(socket);
        this.#upgraded.delete(socket);
      });
    });
    this.#stand(http, 'request');
    this.#stand(http, 'upgrade');
  }

  /** Nothing passes from now on. */
  hold(): void {
    this.#held = true;
    for (const socket of this.#upgraded) {
      socket.pause();
      socket.cork();
    }
  }

  /** All passes again: first what waited, in its order. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    for (const socket of this.#upgraded) {
      socket.uncork();
      socket.resume();
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { socket, go } of waiting) if (!socket.destroyed) go();
  }

  /** Ends every connection with a RST. */
  reset(): void {
    for (const socket of this.#open) socket.resetAndDestroy();
  }

  #stand(http: Server, event: 'request' | 'upgrade'): void {
    const listeners = http.listeners(event) as ((...args: unknown[]) => void)[];
    http.removeAllListeners(event);
    http.on(event, (request: IncomingMessage, ...rest: unknown[]) => {
      const { socket } = request;
      const go = (): void => {
        if (event === 'upgrade') this.#upgraded.add(socket);
        for (const listener of listeners) listener.call(http, request, ...rest);
      };
      if (this.#held && !request.url?.startsWith(CONTROL_PREFIX)) this.#waiting.push({ socket, go });
      else go();
    });
  }
}
