import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import type { OpenPlayer } from '../players/player.js';
import type {
  ConnectionOptions,
  Http,
  NamespaceHandlers,
  SocketHub,
  StreamSink,
  TextOptions,
} from '../seams.js';
import { type LineOf, parseLine, type TraceLine } from './line.js';
import type { LineKind } from './line-kinds.js';
import { LOOK_EVERY_MS, MAX_WAITING_LINES, ViewerTrace } from './viewer-trace.js';

const SECRETS = {
  key: 'planted-key-0001',
  access: 'planted-access-0002',
  refresh: 'planted-refresh-0003',
  cookie: 'planted-cookie-0004',
  csrf: 'planted-csrf-0005',
  query: 'planted-query-0006',
  renewed: 'planted-renewed-0007',
  set: 'planted-set-0008',
};

/** A platform that repeats every secret that it knows wherever it can. */
const everything = Object.values(SECRETS).join(' ');

/** Time goes on while the event loop is held up: timers run late. */
class HeldClock extends VirtualClock {
  heldMs = 0;

  override nowMs(): number {
    return super.nowMs() + this.heldMs;
  }
}

function rig() {
  const clock = new HeldClock();
  const sent: string[] = [];
  const sinks: StreamSink[] = [];
  const texts: TextOptions[] = [];
  let answer =
    '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nplanted-key-0001-7.ts?hls_ctx=planted-query-0006';
  const http: Http = {
    stream: (_request, sink, options) => {
      sinks.push(sink);
      options?.onStep?.('begun', clock.nowMs());
      return () => {};
    },
    text: async (request, options) => {
      texts.push(options);
      const at = { startedAtMs: 0, firstByteAtMs: 5, endedAtMs: 8 };
      const headers = { 'set-cookie': [`sid=${SECRETS.set}; Path=/`] };
      return { kind: 'response', status: 200, headers, body: answer, url: request.url, ...at, bodyBytes: 9 };
    },
    close() {},
  };
  const spaces = new Map<string, NamespaceHandlers>();
  const emitted: unknown[] = [];
  let connection: ConnectionOptions | undefined;
  const hub: SocketHub = {
    open(options) {
      connection = options;
      return {
        namespace(name, handlers) {
          spaces.set(name, handlers);
          return {
            connect() {},
            emit: (_event, payload) => emitted.push(payload) > 0,
            connected: true,
            disconnect() {},
          };
        },
        close() {},
      };
    },
  };
  const trace = new ViewerTrace({ clock, streamKey: SECRETS.key, send: (lines) => void sent.push(...lines) });
  const visit = trace.visit(http, hub, { accessToken: SECRETS.access, refreshToken: SECRETS.refresh });
  const of = <K extends LineKind>(kind: K): LineOf<K>[] =>
    sent
      .map(parseLine)
      .filter((line): line is Extract<TraceLine, { kind: K }> & LineOf<K> => line?.kind === kind);
  const setAnswer = (text: string): void => {
    answer = text;
  };
  return {
    clock,
    sent,
    sinks,
    texts,
    spaces,
    emitted,
    trace,
    visit,
    of,
    setAnswer,
    connection: () => connection,
  };
}

const silent: StreamSink = { onResponse() {}, onBytes() {}, onEnd() {} };
const noHandlers: NamespaceHandlers = {
  onConnect() {},
  onConnectError() {},
  onDisconnect() {},
  onEvent() {},
};

async function tellEverything(r: ReturnType<typeof rig>): Promise<void> {
  const { visit, trace, clock } = r;
  trace.learn({ accessToken: SECRETS.renewed });
  const headers = {
    cookie: `accessToken=${SECRETS.access}; sid=${SECRETS.cookie}`,
    'x-csrf-token': SECRETS.csrf,
  };
  const url = (path: string): string =>
    `http://user:planted-access-0002@h/${path}?token=${SECRETS.query}&a=${encodeURIComponent(everything)}`;
  await visit.http.text({ method: 'GET', url: url(`hls/${SECRETS.key}.m3u8`), headers }, { maxBytes: 100 });
  visit.http.stream({ method: 'GET', url: url(`live/live/${SECRETS.key}.flv`), headers }, silent);
  r.sinks[0]?.onResponse(200, { 'set-cookie': `x=${SECRETS.set}` }, 3, url('other'));
  r.sinks[0]?.onEnd({ kind: 'network', atMs: 9, detail: everything });
  const connection = visit.hub.open({
    ...{ url: 'http://h', userAgent: 'x', rng: { next: () => 0 } },
    cookieHeader: () => `accessToken=${SECRETS.renewed}`,
    reconnect: { attempts: 1, delayMs: 1, delayMaxMs: 1, jitter: 0, connectTimeoutMs: 1 },
    handlers: { onReconnect() {}, onReconnectAttempt() {}, onReconnectFailed() {} },
  });
  r.connection()?.cookieHeader();
  const socket = connection.namespace('/chat', noHandlers);
  const payload = { liveId: SECRETS.key, token: 'planted-other', list: [everything, { deep: everything }] };
  socket.emit(everything, payload);
  const chat = r.spaces.get('/chat');
  chat?.onEvent(everything, [payload], 4);
  chat?.onConnectError(everything, 5);
  chat?.onDisconnect(everything, 6);
  trace.event({ kind: 'order_created', atMs: 7, orderId: everything });
  await clock.run(LOOK_EVERY_MS);
  visit.end();
}

describe('the trace of a viewer', () => {
  it('has none of the secrets that a platform repeats in URLs, headers, payloads and reasons', async () => {
    const r = rig();
    await tellEverything(r);
    for (const kind of ['request', 'playlist', 'packet', 'socket', 'event'] as const)
      expect(r.of(kind).length, kind).toBeGreaterThan(0);
    const all = r.sent.join('\n');
    for (const [name, secret] of Object.entries(SECRETS)) {
      expect(all, name).not.toContain(secret);
      expect(all, name).not.toContain(encodeURIComponent(secret));
    }
    expect(all).not.toContain('planted');
  });

  it('hands on to the viewer and to the platform what it was given, unchanged', async () => {
    const r = rig();
    const seen: unknown[] = [];
    const heard: unknown[] = [];
    r.visit.http.stream(
      { method: 'GET', url: 'http://h/a.ts' },
      {
        onResponse: (status) => seen.push(status),
        onBytes: (chunk) => seen.push(chunk.byteLength),
        onEnd: ({ kind }) => seen.push(kind),
      },
    );
    r.sinks[0]?.onResponse(200, {}, 1, 'http://h/a.ts');
    r.sinks[0]?.onBytes(new Uint8Array(7), 2);
    r.sinks[0]?.onEnd({ kind: 'cut', atMs: 3 });
    expect(seen).toEqual([200, 7, 'cut']);
    const answer = await r.visit.http.text(
      { method: 'GET', url: 'http://h/x' },
      { maxBytes: 77, totalTimeoutMs: 9 },
    );
    expect(answer).toMatchObject({ kind: 'response', bodyBytes: 9 });
    expect(r.texts[0]).toMatchObject({ maxBytes: 77, totalTimeoutMs: 9 });
    const connection = r.visit.hub.open({
      handlers: { onReconnect() {}, onReconnectAttempt() {}, onReconnectFailed() {} },
    } as unknown as ConnectionOptions);
    const socket = connection.namespace('/', { ...noHandlers, onEvent: (...args) => heard.push(args) });
    const payload = { token: 'as it is' };
    expect(socket.emit('join', payload)).toBe(true);
    expect(r.emitted).toEqual([payload]);
    r.spaces.get('/')?.onEvent('x', [payload, 2], 5);
    expect(heard).toEqual([['x', [payload, 2], 5]]);
  });

  it('has the steps of a request, what a playlist says, and a stream that is open before its end', async () => {
    const r = rig();
    r.setAnswer(
      '#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:12\n#EXT-X-TARGETDURATION:2\n#EXT-X-DISCONTINUITY\n#EXTINF:2,\na-12.ts\n#EXTINF:2,\na-13.ts\n',
    );
    await r.visit.http.text({ method: 'GET', url: 'http://h/a.m3u8' }, { maxBytes: 100 });
    r.visit.http.stream({ method: 'GET', url: 'http://h/live.flv' }, silent);
    r.sinks[0]?.onResponse(200, {}, 40, 'http://h/live.flv');
    await r.clock.run(1500);
    expect(r.of('playlist')).toEqual([
      {
        ...{ kind: 'playlist', atMs: 8, master: false, segments: 2, discontinuities: 1, ended: false },
        ...{ sequence: 12, targetDurationMs: 2000, last: 'a-13.ts' },
      },
    ]);
    expect(r.of('request')[0]).toMatchObject({
      what: 'playlist',
      headAtMs: 5,
      atMs: 8,
      status: 200,
      end: 'complete',
    });
    expect(r.of('response')).toMatchObject([{ what: 'flv', status: 200, atMs: 40, begunAtMs: 0 }]);
    r.visit.end();
  });

  it('looks at the buffer four times a second, and sums up what came in between', async () => {
    const r = rig();
    r.visit.follow({ look: (nowMs) => ({ playheadMs: nowMs, bufferedMs: 900 }) } as OpenPlayer);
    r.visit.observer.arrived('bytes', 100);
    r.visit.observer.arrived('bytes', 50);
    r.visit.observer.arrived('tags', 3);
    await r.clock.run(1000);
    expect(r.of('level').map(({ atMs }) => atMs)).toEqual([250, 500, 750, 1000]);
    expect(r.of('arrival')).toEqual([
      { kind: 'arrival', atMs: 250, spanMs: 250, bytes: 150, tags: 3, segments: 0 },
    ]);
    r.visit.observer.entered('stopped', 1000);
    await r.clock.run(1000);
    expect(r.of('level')).toHaveLength(4);
    r.visit.end();
    await r.clock.run(1000);
    expect(r.clock.nowMs()).toBe(3000);
  });

  it('says when the generator itself was held up, so that nobody blames the platform', async () => {
    const r = rig();
    await r.clock.run(500);
    expect(r.of('lag')).toEqual([]);
    r.clock.heldMs = 900;
    await r.clock.run(1000);
    expect(r.of('lag')).toMatchObject([{ atMs: 1650, lateMs: 900 }]);
    r.visit.end();
  });

  it('drops and counts what is too much at once', async () => {
    const r = rig();
    for (let i = 0; i < MAX_WAITING_LINES + 500; i++) r.trace.event({ kind: 'product_event', atMs: i });
    r.trace.flush();
    expect(r.of('lost')).toMatchObject([{ lines: 500, why: 'too many at once' }]);
    expect(r.sent).toHaveLength(MAX_WAITING_LINES + 1);
    r.visit.end();
  });

  it('harms nobody when it falls over what it is given: that is counted', async () => {
    const r = rig();
    const trap = {
      get liveId(): string {
        throw new Error('a trap');
      },
    };
    const heard: string[] = [];
    r.visit.hub
      .open({
        handlers: { onReconnect() {}, onReconnectAttempt() {}, onReconnectFailed() {} },
      } as unknown as ConnectionOptions)
      .namespace('/', { ...noHandlers, onEvent: (name) => heard.push(name) });
    r.spaces.get('/')?.onEvent('x', [trap], 5);
    r.trace.flush();
    expect(heard).toEqual(['x']);
    expect(r.of('lost')).toMatchObject([{ lines: 1, why: 'a fault of our own' }]);
    r.visit.end();
  });
});
