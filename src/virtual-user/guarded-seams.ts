import type {
  Clock,
  ConnectionOptions,
  Http,
  NamespaceHandlers,
  SocketConnection,
  SocketHub,
  StreamSink,
} from '../seams.js';

/** Takes what a handler of one viewer threw. */
export type OnFault = (error: unknown) => void;

/**
 * The seams of one viewer, with a fence around everything they call back: a fault in one viewer's code ends that
 * viewer and nobody else. What a promise rejects with is its caller's to catch.
 */
export interface GuardedSeams {
  readonly clock: Clock;
  readonly http: Http;
  readonly hub: SocketHub;
}

export function guardSeams(seams: GuardedSeams, onFault: OnFault): GuardedSeams {
  const fence: Fence = (fn) => {
    return (...args) => {
      try {
        fn(...args);
      } catch (error) {
        onFault(error);
      }
    };
  };
  return {
    clock: guardClock(seams.clock, fence),
    http: guardHttp(seams.http, fence),
    hub: { open: (options) => openGuarded(seams.hub, options, fence) },
  };
}

type Fence = <A extends readonly unknown[]>(fn: (...args: A) => void) => (...args: A) => void;

function guardClock(clock: Clock, fence: Fence): Clock {
  return {
    nowMs: () => clock.nowMs(),
    epochMs: () => clock.epochMs(),
    after: (delayMs, fn) => clock.after(delayMs, fence(fn)),
  };
}

function guardHttp(http: Http, fence: Fence): Http {
  return {
    stream: (request, sink, options) => http.stream(request, guardSink(sink, fence), options),
    text: (request, options) => http.text(request, options),
    close: () => http.close(),
  };
}

function guardSink(sink: StreamSink, fence: Fence): StreamSink {
  return {
    onResponse: fence((...args: Parameters<StreamSink['onResponse']>) => sink.onResponse(...args)),
    onBytes: fence((chunk: Uint8Array, atMs: number) => sink.onBytes(chunk, atMs)),
    onEnd: fence((...args: Parameters<StreamSink['onEnd']>) => sink.onEnd(...args)),
  };
}

function openGuarded(hub: SocketHub, options: ConnectionOptions, fence: Fence): SocketConnection {
  const { handlers } = options;
  const connection = hub.open({
    ...options,
    handlers: {
      onReconnect: fence((attempt: number, atMs: number) => handlers.onReconnect(attempt, atMs)),
      onReconnectAttempt: fence((attempt: number, atMs: number) =>
        handlers.onReconnectAttempt(attempt, atMs),
      ),
      onReconnectFailed: fence((atMs: number) => handlers.onReconnectFailed(atMs)),
    },
  });
  return {
    namespace: (name, own) => connection.namespace(name, guardNamespace(own, fence)),
    close: () => connection.close(),
  };
}

function guardNamespace(handlers: NamespaceHandlers, fence: Fence): NamespaceHandlers {
  return {
    onConnect: fence((atMs: number) => handlers.onConnect(atMs)),
    onConnectError: fence((reason: string, atMs: number) => handlers.onConnectError(reason, atMs)),
    onDisconnect: fence((reason: string, atMs: number) => handlers.onDisconnect(reason, atMs)),
    onEvent: fence((name: string, args: readonly unknown[], atMs: number) => {
      handlers.onEvent(name, args, atMs);
    }),
  };
}
