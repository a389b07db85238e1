import type {
  ConnectionHandlers,
  ConnectionOptions,
  Namespace,
  NamespaceHandlers,
  NamespaceSocket,
  SocketConnection,
  SocketHub,
} from '../seams.js';
import type { LineOf } from './line.js';
import type { TapDeps } from './tap-http.js';

type SocketLine = Omit<LineOf<'socket'>, 'kind' | 'atMs'>;

/** A hub whose one viewer's packets are written down, in both directions. What it does stays as it was. */
export function tapHub(inner: SocketHub, deps: TapDeps): SocketHub {
  return {
    open(options) {
      const tap = new SocketTap(deps);
      const connection = inner.open({
        ...options,
        cookieHeader: () => tap.cookies(options),
        handlers: tap.connectionHandlers(options.handlers),
      });
      return {
        namespace: (name, handlers) =>
          tap.socket(name, connection.namespace(name, tap.namespaceHandlers(name, handlers))),
        close: () => {
          tap.say({ what: 'closed' });
          connection.close();
        },
      } satisfies SocketConnection;
    },
  };
}

class SocketTap {
  readonly #deps: TapDeps;

  constructor(deps: TapDeps) {
    this.#deps = deps;
  }

  say(line: SocketLine, atMs?: number): void {
    const { clock, mask, safely, write } = this.#deps;
    safely(() => {
      const { detail, ...rest } = line;
      const shown = detail === undefined ? {} : { detail: mask.text(detail).slice(0, 200) };
      write({ kind: 'socket', atMs: atMs ?? clock.nowMs(), ...rest, ...shown });
    });
  }

  cookies(options: ConnectionOptions): string {
    const header = options.cookieHeader();
    this.#deps.safely(() => this.#deps.mask.learnCookies(header));
    return header;
  }

  connectionHandlers(handlers: ConnectionHandlers): ConnectionHandlers {
    return {
      onReconnect: (attempt, atMs) => {
        this.say({ what: 'back', detail: `attempt ${attempt}` }, atMs);
        handlers.onReconnect(attempt, atMs);
      },
      onReconnectAttempt: (attempt, atMs) => {
        this.say({ what: 'retry', detail: `attempt ${attempt}` }, atMs);
        handlers.onReconnectAttempt(attempt, atMs);
      },
      onReconnectFailed: (atMs) => {
        this.say({ what: 'gave_up' }, atMs);
        handlers.onReconnectFailed(atMs);
      },
    };
  }

  namespaceHandlers(namespace: Namespace, handlers: NamespaceHandlers): NamespaceHandlers {
    return {
      onConnect: (atMs) => {
        this.say({ namespace, what: 'connected' }, atMs);
        handlers.onConnect(atMs);
      },
      onConnectError: (reason, atMs) => {
        this.say({ namespace, what: 'refused', detail: reason }, atMs);
        handlers.onConnectError(reason, atMs);
      },
      onDisconnect: (reason, atMs) => {
        const what = reason === 'io client disconnect' ? 'closed' : 'lost';
        this.say({ namespace, what, detail: reason }, atMs);
        handlers.onDisconnect(reason, atMs);
      },
      onEvent: (name, args, atMs) => {
        this.#packet({ namespace, direction: 'in', name }, args[0], atMs);
        handlers.onEvent(name, args, atMs);
      },
    };
  }

  socket(namespace: Namespace, inner: NamespaceSocket): NamespaceSocket {
    return {
      connect: () => {
        this.say({ namespace, what: 'opening' });
        inner.connect();
      },
      emit: (name, payload) => {
        const sent = inner.emit(name, payload);
        const head = { namespace, direction: 'out', name } as const;
        this.#packet(sent ? head : { ...head, dropped: true }, payload);
        return sent;
      },
      get connected() {
        return inner.connected;
      },
      get id() {
        return inner.id;
      },
      disconnect: () => inner.disconnect(),
    };
  }

  #packet(head: Omit<LineOf<'packet'>, 'kind' | 'atMs' | 'payload'>, payload: unknown, atMs?: number): void {
    const { clock, mask, safely, write } = this.#deps;
    safely(() => {
      const shown = mask.payload(payload);
      const name = mask.text(head.name).slice(0, 100);
      const at = atMs ?? clock.nowMs();
      write({ kind: 'packet', atMs: at, ...head, name, ...(shown === undefined ? {} : { payload: shown }) });
    });
  }
}
