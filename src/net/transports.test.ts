import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainResponse, type RawRequest, RawServer } from '../../test/support/raw-server.js';
import { createClock } from '../seams-node.js';
import { createAllowList } from './allow-list.js';
import { createConnector, type Resolve } from './connect.js';
import { Http1Transport } from './http1-transport.js';
import type { Transport, TransportRequest } from './transport.js';
import { UndiciTransport } from './undici-transport.js';

/** Both ways of talking HTTP must say the same of the same bytes; each row is one thing a server may do. */

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const CHUNKED_CLOSE = 'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';

type Act = (request: RawRequest) => void;
const say =
  (text: string): Act =>
  ({ socket }) =>
    void socket.write(text);
const sayAndEnd =
  (text: string): Act =>
  ({ socket }) =>
    void socket.end(text);
/** The client must have read the bytes before the reset, or the kernel drops them. */
const sayAndReset =
  (text: string): Act =>
  ({ socket }) => {
    if (text === '') socket.resetAndDestroy();
    else socket.write(text, () => setTimeout(() => socket.resetAndDestroy(), 50));
  };

interface Outcome {
  status: number | undefined;
  body: string;
  end: string;
}

const clock = createClock(performance.timeOrigin);
const resolve: Resolve = (host, _options, done) => {
  if (host === 'elsewhere.test') done(null, [{ address: '192.0.2.1', family: 4 }]);
  else done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }), []);
};
const connector = () => createConnector({ allowList: createAllowList([]), resolve });

function get(transport: Transport, url: string, more: Partial<TransportRequest> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    let status: number | undefined;
    let body = '';
    transport.start(
      { method: 'GET', url: new URL(url), headers: {}, ...more },
      {
        onHead: (code) => {
          status = code;
        },
        onBody: (chunk) => {
          body += Buffer.from(chunk).toString('latin1');
        },
        onDone: (kind) => resolve({ status, body, end: kind }),
      },
    );
  });
}

describe.each([
  ['bare sockets', () => new Http1Transport(connector(), clock)],
  ['undici', () => new UndiciTransport(connector())],
])('HTTP over %s', (_, create) => {
  let transport: Transport;
  let act: Act;
  let server: RawServer;

  beforeEach(async () => {
    transport = create();
    server = await RawServer.listen((request) => act(request));
  });
  afterEach(async () => {
    transport.close();
    await server.close();
  });

  it.each<[string, Act, Outcome]>([
    [
      'a body of known length',
      say(plainResponse('hello').toString()),
      { status: 200, body: 'hello', end: 'complete' },
    ],
    ['an empty body', say(plainResponse('').toString()), { status: 200, body: '', end: 'complete' }],
    ['chunks', say(`${CHUNKED}5\r\nhello\r\n0\r\n\r\n`), { status: 200, body: 'hello', end: 'complete' }],
    [
      'chunks and close',
      sayAndEnd(`${CHUNKED_CLOSE}5\r\nhello\r\n0\r\n\r\n`),
      { status: 200, body: 'hello', end: 'complete' },
    ],
    [
      'a body until close',
      sayAndEnd('HTTP/1.1 200 OK\r\n\r\nhello'),
      { status: 200, body: 'hello', end: 'complete' },
    ],
    [
      'interim responses first',
      say(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${plainResponse('hello').toString()}`),
      { status: 200, body: 'hello', end: 'complete' },
    ],
    [
      'an error page',
      say(plainResponse('<html>', [], '502 Bad Gateway').toString()),
      { status: 502, body: '<html>', end: 'complete' },
    ],
    ['no content', say('HTTP/1.1 204 No Content\r\n\r\n'), { status: 204, body: '', end: 'complete' }],
    ['chunks cut off', sayAndEnd(`${CHUNKED}5\r\nhello\r\n`), { status: 200, body: 'hello', end: 'cut' }],
    [
      'chunks of a closing server cut off',
      sayAndEnd(`${CHUNKED_CLOSE}5\r\nhello\r\n`),
      { status: 200, body: 'hello', end: 'cut' },
    ],
    [
      'a chunk cut off within',
      sayAndEnd(`${CHUNKED_CLOSE}5\r\nhel`),
      { status: 200, body: 'hel', end: 'cut' },
    ],
    [
      'a body of known length cut off',
      sayAndEnd('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello'),
      { status: 200, body: 'hello', end: 'cut' },
    ],
    [
      'a body of known length cut off by a closing server',
      sayAndEnd('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nhello'),
      { status: 200, body: 'hello', end: 'cut' },
    ],
    ['a close without a word', sayAndEnd(''), { status: undefined, body: '', end: 'cut' }],
    [
      'a close within the head',
      sayAndEnd('HTTP/1.1 200 OK\r\nConte'),
      { status: undefined, body: '', end: 'cut' },
    ],
    ['a reset without a word', sayAndReset(''), { status: undefined, body: '', end: 'reset' }],
    [
      'a reset within the body',
      sayAndReset(`${CHUNKED}5\r\nhello\r\n`),
      { status: 200, body: 'hello', end: 'reset' },
    ],
    [
      'garbage',
      sayAndEnd('<html>502 Bad Gateway</html>\r\n\r\n'),
      { status: undefined, body: '', end: 'network' },
    ],
    ['a garbled chunk', say(`${CHUNKED}zz\r\nhello\r\n`), { status: 200, body: '', end: 'network' }],
    [
      'headers without end',
      say(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(200_000)}`),
      { status: undefined, body: '', end: 'network' },
    ],
  ])('%s', async (_name, reaction, outcome) => {
    act = reaction;
    expect(await get(transport, `${server.origin}/x?y=1`)).toEqual(outcome);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.path).toBe('/x?y=1');
  });

  it('sends host, headers and a body in UTF-8', async () => {
    act = say(plainResponse('{}').toString());
    const headers = { cookie: 'a=1', 'content-type': 'application/json' };
    await get(transport, `${server.origin}/api`, { method: 'POST', headers, body: '{"m":"안녕"}' });
    const head = server.requests[0]?.head ?? '';
    const lower = head.toLowerCase();
    expect(head.startsWith('POST /api HTTP/1.1\r\n')).toBe(true);
    expect(lower).toContain(`\r\nhost: 127.0.0.1:${server.port}\r\n`);
    expect(lower).toContain('\r\ncookie: a=1\r\n');
    expect(lower).toContain('\r\nconnection: keep-alive\r\n');
    expect(lower).toContain(`\r\ncontent-length: ${Buffer.byteLength('{"m":"안녕"}')}\r\n`);
    await until(() =>
      server.requests
        .map(({ head: text }) => text)
        .join('')
        .includes('}'),
    );
    expect(
      Buffer.from(server.requests.map(({ head: text }) => text).join(''), 'latin1').toString(),
    ).toContain('안녕');
  });

  it('keeps the connection for the next request when the server does', async () => {
    act = say(plainResponse('ok').toString());
    for (let i = 0; i < 3; i++) {
      expect((await get(transport, server.origin)).body).toBe('ok');
      await nextTurn();
    }
    expect(server.connections).toBe(1);
  });

  it('opens a new connection after a server that closes', async () => {
    act = sayAndEnd(plainResponse('ok', ['Connection: close']).toString());
    for (let i = 0; i < 3; i++) expect((await get(transport, server.origin)).body).toBe('ok');
    expect(server.connections).toBe(3);
  });

  it('sends a GET again, once, when a kept connection turns out to be closed', async () => {
    // The second request on a connection is met by a close: what a server's idle limit looks like.
    const served = new Map<number, number>();
    act = (request) => {
      const nth = (served.get(request.connection) ?? 0) + 1;
      served.set(request.connection, nth);
      if (nth === 1) request.socket.write(plainResponse('ok'));
      else request.socket.end();
    };
    expect((await get(transport, server.origin)).end).toBe('complete');
    await nextTurn();
    expect((await get(transport, server.origin)).end).toBe('complete');
    expect(server.connections).toBe(2);
    expect(server.requests).toHaveLength(3);
  });

  it('never sends a POST again', async () => {
    const served = new Map<number, number>();
    act = (request) => {
      const nth = (served.get(request.connection) ?? 0) + 1;
      served.set(request.connection, nth);
      if (nth === 1 && request.method === 'GET') request.socket.write(plainResponse('ok'));
      else request.socket.end();
    };
    expect((await get(transport, server.origin)).end).toBe('complete');
    await nextTurn();
    expect((await get(transport, server.origin, { method: 'POST', body: '' })).end).toBe('cut');
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('does not call after an abort, and closes the connection', async () => {
    act = say(`${CHUNKED}5\r\nhello\r\n`);
    const seen: string[] = [];
    const abort = transport.start(
      { method: 'GET', url: new URL(server.origin), headers: {} },
      {
        onHead: () => seen.push('head'),
        onBody: () => {
          seen.push('body');
          abort();
        },
        onDone: () => seen.push('done'),
      },
    );
    await until(() => seen.includes('body') && server.open === 0);
    expect(seen).toEqual(['head', 'body']);
  });

  it('says refused, not allowed and unknown name', async () => {
    const { port } = server;
    await server.close();
    expect((await get(transport, `http://127.0.0.1:${port}/`)).end).toBe('refused');
    expect((await get(transport, 'http://192.0.2.1/')).end).toBe('not_allowed');
    expect((await get(transport, 'http://elsewhere.test/')).end).toBe('not_allowed');
    expect((await get(transport, 'http://no-such-host.invalid/')).end).toBe('dns');
  });
});

/** A connection becomes free only after the callback that brought the response's end. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !condition(); i++)
    await new Promise<void>((resolve) => clock.after(1, resolve));
  expect(condition()).toBe(true);
}
