import { afterEach, describe, expect, it } from 'vitest';
import {
  data,
  frame,
  goaway,
  type H2Request,
  ok,
  type RawH2Options,
  RawH2Server,
  reset,
  TLS_FIXTURE,
} from '../../test/support/raw-h2-server.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import type { Clock, Http, HttpMethod } from '../seams.js';
import { createClock } from '../seams-node.js';
import { createAllowList } from './allow-list.js';
import { createHttpFactory } from './http-node.js';

const realClock = createClock(performance.timeOrigin);
let server: RawH2Server;
let http: Http;

async function start(
  act: (request: H2Request) => void,
  { clock = realClock, ...options }: RawH2Options & { clock?: Clock } = {},
): Promise<void> {
  server = await RawH2Server.listen(act, options);
  http = createHttpFactory({ clock, allowList: createAllowList([]), ca: TLS_FIXTURE.cert }).forViewer();
}

let heads = 0;
afterEach(async () => {
  heads = 0;
  onRead = undefined;
  http.close();
  await server.close();
});

interface Outcome {
  status?: number;
  body: string;
  end: string;
  detail?: string;
}

function stream(
  method: HttpMethod = 'GET',
  onBody: (text: string) => void = () => undefined,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const got: Outcome = { body: '', end: '' };
    http.stream(
      { method, url: `${server.origin}/x?y=1`, ...(method === 'POST' && { body: 'b' }) },
      {
        onResponse: (status) => {
          got.status = status;
          heads++;
        },
        onBytes: (chunk) => {
          got.body += Buffer.from(chunk).toString();
          if (onRead) setImmediate(onRead);
          onRead = undefined;
          onBody(got.body);
        },
        onEnd: ({ kind, detail }) => resolve({ ...got, end: kind, ...(detail !== undefined && { detail }) }),
      },
    );
  });
}

type Act = (request: H2Request) => void;
let onRead: (() => void) | undefined;
/** The first frames, and what comes once the client has read of their body. */
const say =
  (first: (id: number) => readonly Buffer[], then: Act = () => undefined): Act =>
  (request) => {
    request.tls.write(Buffer.concat(first(request.stream)));
    onRead = () => then(request);
  };
const begun = (id: number): readonly Buffer[] => [ok(id), data(id, 'hello')];

describe('HTTP/2: how a response ends', () => {
  it.each<[string, Act, Outcome]>([
    [
      'as it must',
      say((id) => [...begun(id), data(id, '', true)]),
      { status: 200, body: 'hello', end: 'complete' },
    ],
    ['with the headers', say((id) => [ok(id, { end: true })]), { status: 200, body: '', end: 'complete' }],
    [
      'complete, and reset afterwards as RFC 9113 8.1 allows',
      say((id) => [ok(id), data(id, 'hello', true), reset(id, 0)]),
      { status: 200, body: 'hello', end: 'complete' },
    ],
    [
      'by a reset with INTERNAL_ERROR, as nginx does when its upstream is cut',
      say(begun, ({ tls, stream: id }) => tls.write(reset(id, 2))),
      { status: 200, body: 'hello', end: 'cut', detail: 'stream reset within the body: INTERNAL_ERROR' },
    ],
    [
      'by such a reset in the same packet as the body',
      say((id) => [...begun(id), reset(id, 2)]),
      { status: 200, body: 'hello', end: 'cut', detail: 'stream reset within the body: INTERNAL_ERROR' },
    ],
    [
      'by a reset that pretends there was no error',
      say(begun, ({ tls, stream: id }) => tls.write(reset(id, 0))),
      { status: 200, body: 'hello', end: 'cut', detail: 'closed within the body' },
    ],
    [
      'by a reset with CANCEL',
      say(begun, ({ tls, stream: id }) => tls.write(reset(id, 8))),
      { status: 200, body: 'hello', end: 'cut', detail: 'closed within the body' },
    ],
    [
      'short of its content-length',
      say((id) => [ok(id, { contentLength: '10' }), data(id, 'hello', true)]),
      { status: 200, body: 'hello', end: 'cut', detail: 'stream reset within the body: PROTOCOL_ERROR' },
    ],
    [
      'by the end of TLS',
      say(begun, ({ tls }) => tls.end()),
      { status: 200, body: 'hello', end: 'cut', detail: 'closed within the body' },
    ],
    [
      'by the end of TCP',
      say(begun, ({ tcp }) => tcp.end()),
      { status: 200, body: 'hello', end: 'cut', detail: 'closed within the body' },
    ],
    [
      'by a reset of TCP',
      say(begun, ({ tcp }) => tcp.resetAndDestroy()),
      { status: 200, body: 'hello', end: 'reset', detail: 'ECONNRESET' },
    ],
    [
      'by an error of the whole connection',
      say((id) => [...begun(id), goaway(id, 11)]),
      {
        status: 200,
        body: 'hello',
        end: 'cut',
        detail: 'connection ended within the body: ENHANCE_YOUR_CALM',
      },
    ],
    [
      'before it began',
      ({ tls }) => tls.end(),
      { body: '', end: 'cut', detail: 'closed before the response' },
    ],
    [
      'before it began, by a reset of TCP',
      ({ tcp }) => tcp.resetAndDestroy(),
      { body: '', end: 'reset', detail: 'ECONNRESET' },
    ],
  ])('%s', async (_, act, outcome) => {
    await start(act);
    expect(await stream()).toEqual(outcome);
    expect(server.requests).toHaveLength(1);
  });
});

describe('HTTP/2: one connection', () => {
  const answer: Act = ({ tls, stream: id }) => tls.write(Buffer.concat([ok(id), data(id, '{}', true)]));

  it('carries everything of a viewer, and as many windows as Chrome opens', async () => {
    await start(answer);
    const url = `${server.origin}/api`;
    const text = http.text({ method: 'GET', url }, { maxBytes: 10 });
    const streams = await Promise.all([stream(), stream('POST'), stream()]);
    expect(streams.map(({ body, end }) => body + end)).toEqual(['{}complete', '{}complete', '{}complete']);
    expect(await text).toMatchObject({ kind: 'response', body: '{}' });
    await stream();
    expect(server.connections).toBe(1);
    // SETTINGS_ENABLE_PUSH and SETTINGS_INITIAL_WINDOW_SIZE; 65,535 bytes of the connection are open from the start.
    expect([server.settings.get(2), server.settings.get(4)]).toEqual([0, 6 * 2 ** 20]);
    expect(server.windowUpdates).toContainEqual([0, 15 * 2 ** 20 - 65_535]);
  });

  it('outlives a request that the viewer gave up', async () => {
    let cancelled = 0;
    await start((request) => {
      if (request.before > 0) answer(request);
      else request.tls.write(Buffer.concat(begun(request.stream)));
    });
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      const cancel = http.stream(
        { method: 'GET', url: server.origin },
        {
          onResponse: () => seen.push('head'),
          onBytes: () => {
            seen.push('body');
            cancelled++;
            cancel();
          },
          onEnd: ({ kind }) => {
            seen.push(kind);
            resolve();
          },
        },
      );
    });
    expect(await stream()).toMatchObject({ end: 'complete' });
    expect([seen, cancelled, server.connections]).toEqual([['head', 'body', 'aborted'], 1, 1]);
  });

  it('takes no new requests once the server says goodbye, and finishes those that run', async () => {
    await start((request) => {
      const { tls, stream: id, connection } = request;
      if (connection > 0) answer(request);
      else tls.write(Buffer.concat([...begun(id), goaway(id, 0)]));
    });
    let second: Promise<Outcome> | undefined;
    const first = stream('GET', (body) => {
      if (body !== 'hello') return;
      realClock.after(40, () => {
        second = stream();
        void second.then(() => server.requests[0]?.tls.write(data(1, '!', true)));
      });
    });
    expect(await first).toEqual({ status: 200, body: 'hello!', end: 'complete' });
    expect(await second).toMatchObject({ end: 'complete' });
    expect(server.connections).toBe(2);
  });

  it.each<HttpMethod>(['GET', 'POST'])(
    'sends a %s again that the server has not looked at',
    async (method) => {
      await start((request) => {
        const { tls, connection } = request;
        if (connection > 0) answer(request);
        else tls.write(goaway(0, 0));
      });
      expect(await stream(method)).toMatchObject({ status: 200, end: 'complete' });
      expect(server.connections).toBe(2);
    },
  );

  it('gives up on a server that refuses streams for ever', async () => {
    await start(({ tls, stream: id }) => tls.write(reset(id, 7)));
    expect(await stream()).toEqual({
      body: '',
      end: 'cut',
      detail: 'stream reset before the response: REFUSED_STREAM',
    });
    expect(server.requests.map(({ connection, stream: id }) => [connection, id])).toEqual([
      [0, 1],
      [0, 3],
      [0, 5],
      [0, 7],
    ]);
  });

  it('sends a GET again, and no POST, when a connection that had worked turns out to be gone', async () => {
    await start((request) => {
      if (request.before === 0) answer(request);
      else request.tls.end();
    });
    await stream();
    expect(await stream()).toMatchObject({ end: 'complete' });
    expect(server.connections).toBe(2);
    expect(await stream('POST')).toMatchObject({ end: 'cut' });
    expect(server.connections).toBe(2);
  });

  it('is closed with its viewer', async () => {
    await start((request) => request.tls.write(Buffer.concat(begun(request.stream))));
    const end = stream('GET', () => http.close());
    expect(await end).toMatchObject({ end: 'aborted' });
    await until(() => server.open === 0);
    expect(server.open).toBe(0);
  });
});

const passed = (ms: number): Promise<void> => new Promise((done) => realClock.after(ms, () => done()));
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !condition(); i++) await passed(1);
  expect(condition()).toBe(true);
}

describe('HTTP/2: servers that say nothing', () => {
  it.each([
    ['silence', Buffer.alloc(0)],
    ['garbage', Buffer.alloc(300, 0x41)],
    ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')],
    ['a frame that is none of these', frame(0x41, 0xff, 7)],
  ])('%s instead of SETTINGS ends in 10 s', async (_, opening) => {
    const clock = new VirtualClock();
    await start(() => undefined, { opening, clock });
    const end = stream();
    let over = false;
    void end.finally(() => {
      over = true;
    });
    // The limit runs from the handshake's end, which only the client sees.
    for (let i = 0; i < 2000 && !over; i++) {
      clock.advance(server.connections > 0 ? 1000 : 0);
      await passed(2);
    }
    expect((await end).end).toMatch(/network|cut/);
  });

  it('a ping before a request after 10 s of silence; no answer to it in 10 s ends the connection', async () => {
    const clock = new VirtualClock();
    await start(({ tls, stream: id, before }) => void (before === 0 && tls.write(ok(id))), {
      deaf: true,
      clock,
    });
    const first = stream();
    await until(() => heads === 1);
    clock.advance(10_000);
    const second = stream('POST');
    await until(() => server.pings > 0);
    expect(server.pings).toBe(1);
    clock.advance(9_999);
    clock.advance(1);
    const gone = { end: 'network', detail: 'ping unanswered in 10 s' };
    expect(await first).toMatchObject({ status: 200, ...gone });
    expect(await second).toMatchObject(gone);
  });

  it('a ping that is answered keeps the connection', async () => {
    const clock = new VirtualClock();
    await start(({ tls, stream: id }) => tls.write(Buffer.concat([ok(id), data(id, '', true)])), { clock });
    await stream();
    clock.advance(10_000);
    // The server answers the ping first, then this.
    await stream();
    expect(server.pings).toBe(1);
    clock.advance(10_000);
    expect(await stream()).toMatchObject({ end: 'complete' });
    expect(server.connections).toBe(1);
  });
});
