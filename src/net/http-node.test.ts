import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainResponse, type RawRequest, RawServer } from '../../test/support/raw-server.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import type { Http, StreamEnd, StreamOptions, StreamSink } from '../seams.js';
import { createClock } from '../seams-node.js';
import { createAllowList } from './allow-list.js';
import type { Resolve } from './connect.js';
import { createHttpFactory, type HttpFactory } from './http-node.js';

const clock = createClock(performance.timeOrigin);
const MAX = { maxBytes: 100_000 };

/** Names of the tests: `local.test` is loopback, `mixed.test` only half, `outside.test` not at all. */
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  'local.test': ['127.0.0.1'],
  'mixed.test': ['127.0.0.1', '192.0.2.1'],
  'outside.test': ['192.0.2.1'],
  localhost: ['192.0.2.1'],
};
const resolve: Resolve = (host, _, done) => {
  const addresses = ADDRESSES[host];
  if (addresses)
    done(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  else done(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), []);
};

let act: (request: RawRequest) => void;
let server: RawServer;
let factory: HttpFactory;
let http: Http;
let thrown: unknown[];

beforeEach(async () => {
  thrown = [];
  server = await RawServer.listen((request) => act(request));
  const onInternalError = (error: unknown): void => void thrown.push(error);
  factory = createHttpFactory({ clock, allowList: createAllowList([]), resolve, onInternalError });
  http = factory.forViewer();
});
afterEach(async () => {
  http.close();
  await server.close();
});

interface Log {
  calls: string[];
  end: StreamEnd;
}

/** Streams to the end and writes down every call. */
function watch(url: string, more: Partial<StreamSink> = {}, options?: StreamOptions): Promise<Log> {
  const calls: string[] = [];
  return new Promise((done) => {
    const sink: StreamSink = {
      onResponse: (status, _, atMs, finalUrl) => {
        calls.push(`${status} ${finalUrl.replace(server.origin, '')}`);
        more.onResponse?.(status, _, atMs, finalUrl);
      },
      onBytes: (chunk, atMs) => {
        calls.push(Buffer.from(chunk).toString('latin1'));
        more.onBytes?.(chunk, atMs);
      },
      onEnd: (end) => {
        calls.push(end.kind);
        done({ calls, end });
        more.onEnd?.(end);
      },
    };
    http.stream({ method: 'GET', url }, sink, options);
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !condition(); i++) await new Promise<void>((done) => clock.after(1, done));
  expect(condition()).toBe(true);
}

const answer =
  (body: string | Buffer, headers: string[] = [], status?: string) =>
  ({ socket }: RawRequest): void =>
    void socket.write(plainResponse(body, headers, status));

describe('stream', () => {
  it('calls response, bytes and end in order, never before it has returned, with stamps that do not go back', async () => {
    act = ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      socket.write('2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n');
    };
    const stamps: number[] = [clock.nowMs()];
    let returned = false;
    const stamp = (atMs: number): void => {
      expect(returned).toBe(true);
      stamps.push(atMs);
    };
    const log = watch(`${server.origin}/a`, {
      onResponse: (_status, _headers, atMs) => stamp(atMs),
      onBytes: (_, atMs) => stamp(atMs),
      onEnd: ({ atMs }) => stamp(atMs),
    });
    returned = true;
    expect((await log).calls).toEqual(['200 /a', 'ab', 'cd', 'complete']);
    expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
    expect(stamps.at(-1)).toBeLessThanOrEqual(clock.nowMs());
  });

  it('hands out views, not copies: the memory of one read is the memory of the next', async () => {
    let more: () => void = () => undefined;
    act = ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nfirst');
      more = () => socket.end('second');
    };
    const buffers = new Set<ArrayBufferLike>();
    await watch(server.origin, {
      onBytes: (chunk) => {
        buffers.add(chunk.buffer);
        more();
      },
    });
    expect(buffers.size).toBe(1);
  });

  it('tells a limit on the headers from a limit on the whole', async () => {
    const time = new VirtualClock();
    http = createHttpFactory({ clock: time, allowList: createAllowList([]) }).forViewer();
    act = () => undefined;
    const silent = watch(server.origin, {}, { headersTimeoutMs: 5, totalTimeoutMs: 60_000 });
    await until(() => server.requests.length === 1);
    time.advance(5);
    expect(await silent).toMatchObject({ calls: ['timeout'], end: { atMs: 5 } });

    act = ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\n\r\nbytes');
    let arrived = false;
    const onBytes = (): void => {
      arrived = true;
    };
    const endless = watch(server.origin, { onBytes }, { headersTimeoutMs: 5, totalTimeoutMs: 300 });
    await until(() => arrived);
    time.advance(299);
    expect(server.open).toBe(1);
    time.advance(1);
    expect((await endless).calls).toEqual(['200 /', 'bytes', 'timeout']);
    expect(time.pending).toBe(0);
    await until(() => server.open === 0);
  });

  it('ends with aborted when it is cancelled, once, and before the cancel returns', async () => {
    act = ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\n\r\nbytes');
    const calls: string[] = [];
    const sink: StreamSink = {
      onResponse: () => calls.push('response'),
      onBytes: () => {
        calls.push('bytes');
        cancel();
        calls.push('cancelled');
      },
      onEnd: ({ kind }) => calls.push(kind),
    };
    const cancel = http.stream({ method: 'GET', url: server.origin }, sink);
    await until(() => calls.length > 0 && server.open === 0);
    cancel();
    expect(calls).toEqual(['response', 'bytes', 'aborted', 'cancelled']);
  });

  it.each(['onResponse', 'onBytes', 'onEnd'] as const)(
    'reports what %s throws as our own fault and still ends once',
    async (name) => {
      act = answer('body');
      const fault = new Error('reader broke');
      const broken = (): void => {
        throw fault;
      };
      const { calls } = await watch(server.origin, { [name]: broken });
      await until(() => thrown.length > 0);
      expect(thrown).toEqual([fault]);
      const ends = calls.filter((call) => call === 'aborted' || call === 'complete');
      expect(ends).toEqual([name === 'onEnd' ? 'complete' : 'aborted']);
    },
  );

  it('ends with network, not a throw, for a URL or header that cannot be sent', async () => {
    expect((await watch('ftp://127.0.0.1/x')).end.kind).toBe('network');
    expect((await watch('not a url')).end.kind).toBe('network');
    const end = await new Promise<StreamEnd>((done) => {
      const sink = { onResponse: () => undefined, onBytes: () => undefined, onEnd: done };
      http.stream({ method: 'GET', url: server.origin, headers: { cookie: 'a=1\r\nx: y' } }, sink);
    });
    expect(end).toMatchObject({ kind: 'network', detail: 'header cookie has characters that HTTP forbids' });
    expect(server.requests).toHaveLength(0);
  });

  it('ends everything that runs with aborted when the viewer closes, and refuses what comes after', async () => {
    act = ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\n\r\nbytes');
    const streaming = watch(server.origin);
    const asking = http.text({ method: 'GET', url: `${server.origin}/text` }, MAX);
    await until(() => server.requests.length === 2);
    http.close();
    expect((await streaming).end.kind).toBe('aborted');
    expect(await asking).toMatchObject({ kind: 'failure', end: { kind: 'aborted' } });
    expect((await watch(server.origin)).calls).toEqual(['aborted']);
    await until(() => server.open === 0 && factory.stats().openCount === 0);
  });

  it('lets a server that closes close first, so that no port of ours has to rest', async () => {
    let finish: () => void = () => undefined;
    act = ({ socket }) => {
      socket.write(plainResponse('ok', ['Connection: Close']));
      finish = () => void socket.end();
    };
    expect((await watch(server.origin)).calls).toEqual(['200 /', 'ok', 'complete']);
    expect(server.open).toBe(1);
    finish();
    await until(() => server.open === 0);
  });

  it('closes by itself when a server promised to close and does not', async () => {
    const time = new VirtualClock();
    http = createHttpFactory({ clock: time, allowList: createAllowList([]) }).forViewer();
    act = answer('ok', ['Connection: Close']);
    expect((await watch(server.origin)).end.kind).toBe('complete');
    expect(server.open).toBe(1);
    time.advance(1000);
    await until(() => server.open === 0);
    expect(time.pending).toBe(0);
  });
});

describe('the steps of a request', () => {
  it('are told to whoever asks: out of the line, then on an open connection, before the response', async () => {
    const steps: string[] = [];
    act = (request) => request.socket.end(plainResponse('x'));
    const onResponse = (): void => void steps.push('response');
    const options = { onStep: (step: string) => void steps.push(step) };
    await watch(`${server.origin}/a`, { onResponse }, options);
    expect(steps).toEqual(['begun', 'sent', 'response']);
    await http.text({ method: 'GET', url: `${server.origin}/b` }, { ...MAX, ...options });
    expect(steps.slice(3)).toEqual(['begun', 'sent']);
  });

  it('let a seventh request to one origin wait in line', async () => {
    const begun: number[] = [];
    act = () => undefined;
    const cancels = Array.from({ length: 7 }, (_, i) =>
      http.stream(
        { method: 'GET', url: `${server.origin}/${i}` },
        { onResponse: () => undefined, onBytes: () => undefined, onEnd: () => undefined },
        { onStep: (step) => step === 'begun' && begun.push(i) },
      ),
    );
    expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
    cancels[2]?.();
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});

describe('redirects', () => {
  it('follows a GET up to five times and tells the final URL', async () => {
    act = ({ socket, path }) => {
      const n = Number(path.slice(1));
      if (n === 0) socket.write(plainResponse('there'));
      else socket.write(plainResponse('moved', [`Location: /${n - 1}`], '302 Found'));
    };
    expect((await watch(`${server.origin}/5`)).calls).toEqual(['200 /0', 'there', 'complete']);
    const tooMany = await watch(`${server.origin}/6`);
    expect(tooMany.calls).toEqual(['network']);
    expect(tooMany.end.detail).toBe('more than 5 redirects');
    expect(await http.text({ method: 'GET', url: `${server.origin}/2` }, MAX)).toMatchObject({
      body: 'there',
      url: `${server.origin}/0`,
    });
  });

  it('does not follow a POST', async () => {
    act = answer('moved', ['Location: /x'], '307 Temporary Redirect');
    const response = await http.text({ method: 'POST', url: server.origin, body: '{}' }, MAX);
    expect(response).toMatchObject({ kind: 'response', status: 307 });
    expect(server.requests).toHaveLength(1);
  });

  it('takes no cookie or token along to another origin', async () => {
    act = ({ socket, path, head }) => {
      const other = `http://local.test:${server.port}/there`;
      if (path === '/there') socket.write(plainResponse(head.toLowerCase()));
      else socket.write(plainResponse('', [`Location: ${other}`], '301 Moved'));
    };
    const headers = { cookie: 'accessToken=secret', authorization: 'Bearer secret', 'user-agent': 'browser' };
    const response = await http.text({ method: 'GET', url: server.origin, headers }, MAX);
    expect(response).toMatchObject({ kind: 'response', status: 200 });
    const seen = response.kind === 'response' ? response.body : '';
    expect(seen).toContain('user-agent: browser');
    expect(seen).not.toContain('secret');
  });

  it.each([
    'http://192.0.2.1/x',
    'http://outside.test/x',
    'http://127.0.0.1@outside.test/x',
    '//192.0.2.1/x',
  ])('does not follow to %s', async (location) => {
    act = answer('', [`Location: ${location}`], '302 Found');
    expect((await watch(server.origin)).calls).toEqual(['not_allowed']);
    expect(await http.text({ method: 'GET', url: server.origin }, MAX)).toMatchObject({
      end: { kind: 'not_allowed' },
    });
    expect(factory.stats().notAllowedCount).toBe(2);
  });

  it.each(['javascript:alert(1)', 'file:///etc/passwd', 'http://[broken/'])(
    'does not follow to %s',
    async (location) => {
      act = answer('', [`Location: ${location}`], '302 Found');
      expect((await watch(server.origin)).calls).toEqual(['network']);
    },
  );
});

describe('the allow list at the socket', () => {
  it('judges a name by every address it resolves to', async () => {
    act = answer('ok');
    const end = async (host: string): Promise<string> =>
      (await watch(`http://${host}:${server.port}/`)).end.kind;
    expect(await end('local.test')).toBe('complete');
    expect(await end('outside.test')).toBe('not_allowed');
    expect(await end('mixed.test')).toBe('not_allowed');
    expect(await end('localhost')).toBe('not_allowed');
    expect(await end('0.0.0.0')).toBe('not_allowed');
    expect(await end('unknown.test')).toBe('dns');
    expect(factory.stats().notAllowedCount).toBe(4);
    expect(server.connections).toBe(1);
  });

  it('judges each connection anew, so that a name cannot change its mind later', async () => {
    act = answer('ok', ['Connection: close']);
    let address = '127.0.0.1';
    const time = new VirtualClock();
    const rebound = createHttpFactory({
      clock: time,
      allowList: createAllowList([]),
      resolve: (_host, _options, done) => done(null, [{ address, family: 4 }]),
    }).forViewer();
    const url = `http://rebinding.test:${server.port}/`;
    expect(await rebound.text({ method: 'GET', url }, MAX)).toMatchObject({ kind: 'response' });
    address = '192.0.2.1';
    time.advance(60_000); // names are kept for a minute
    expect(await rebound.text({ method: 'GET', url }, MAX)).toMatchObject({ end: { kind: 'not_allowed' } });
    rebound.close();
  });
});

describe('text', () => {
  it('asks for gzip, decodes it, and counts the bytes of the wire', async () => {
    const text = JSON.stringify({ data: '안녕'.repeat(500) });
    const zipped = gzipSync(text);
    act = answer(zipped, ['Content-Encoding: gzip', 'Set-Cookie: a=1', 'Set-Cookie: b=2']);
    const response = await http.text({ method: 'GET', url: server.origin }, MAX);
    expect(response).toMatchObject({ status: 200, body: text, bodyBytes: zipped.byteLength });
    expect(response).toMatchObject({ headers: { 'set-cookie': ['a=1', 'b=2'] } });
    expect(server.requests[0]?.head.toLowerCase()).toContain('accept-encoding: gzip\r\n');
    if (response.kind !== 'response') return;
    expect(response.startedAtMs).toBeLessThanOrEqual(response.firstByteAtMs);
    expect(response.firstByteAtMs).toBeLessThanOrEqual(response.endedAtMs);
  });

  it('drops a byte order mark and bends broken UTF-8, as a browser does', async () => {
    act = answer(Buffer.from([0xef, 0xbb, 0xbf, 0x41, 0xff]));
    expect(await http.text({ method: 'GET', url: server.origin }, MAX)).toMatchObject({ body: 'A\ufffd' });
  });

  it.each([
    ['a body that is too long', Buffer.alloc(200), [], 'too_large'],
    [
      'a small body that unpacks to a huge one',
      gzipSync(Buffer.alloc(10_000_000)).subarray(0),
      ['Content-Encoding: gzip'],
      'too_large',
    ],
    ['a body that is not gzip', Buffer.from('plain'), ['Content-Encoding: gzip'], 'network'],
    [
      'a gzip body that lacks its end',
      gzipSync('x'.repeat(50)).subarray(0, 20),
      ['Content-Encoding: gzip'],
      'network',
    ],
    ['an unknown encoding', Buffer.from('plain'), ['Content-Encoding: zstd'], 'network'],
  ])('fails on %s', async (_, body, headers, kind) => {
    act = answer(body, headers);
    const maxBytes = body.byteLength === 200 ? 199 : 50_000;
    const got = await http.text({ method: 'GET', url: server.origin }, { maxBytes });
    expect(got).toMatchObject({ kind: 'failure', end: { kind } });
  });

  it('stops reading a body without end at its limit', async () => {
    act = ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const pour = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
        if (!socket.destroyed) socket.once('drain', pour);
      };
      pour();
    };
    const got = await http.text({ method: 'GET', url: server.origin }, { maxBytes: 1_000_000 });
    expect(got).toMatchObject({ kind: 'failure', end: { kind: 'too_large' } });
    await until(() => server.open === 0);
  });

  it('says the same of a server that closes, which it asks over bare sockets from the second time on', async () => {
    const zipped = gzipSync('#EXTM3U');
    act = ({ socket }) => socket.end(plainResponse(zipped, ['Connection: Close', 'Content-Encoding: gzip']));
    for (let i = 0; i < 3; i++) {
      const got = await http.text({ method: 'GET', url: server.origin }, MAX);
      expect(got).toMatchObject({ kind: 'response', body: '#EXTM3U', bodyBytes: zipped.byteLength });
    }
    act = ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n#EXTM3U');
    expect(await http.text({ method: 'GET', url: server.origin }, MAX)).toMatchObject({
      end: { kind: 'cut' },
    });
  });

  it('never names the URL in a failure', async () => {
    const { port } = server;
    await server.close();
    const url = `http://127.0.0.1:${port}/live/secretkey.flv?token=secret`;
    const failures = [
      await http.text({ method: 'GET', url }, MAX),
      await http.text({ method: 'GET', url: url.replace('127.0.0.1', '192.0.2.1') }, MAX),
      await http.text({ method: 'GET', url: url.replace('127.0.0.1', 'outside.test') }, MAX),
      await http.text({ method: 'GET', url: url.replace('http:', 'ftp:') }, MAX),
    ];
    for (const failure of failures) expect(JSON.stringify(failure)).not.toContain('secret');
    expect(failures.map((failure) => (failure.kind === 'failure' ? failure.end.kind : 'response'))).toEqual([
      'refused',
      'not_allowed',
      'not_allowed',
      'network',
    ]);
  });

  it('gives each viewer connections of its own', async () => {
    act = answer('ok');
    const other = factory.forViewer();
    await http.text({ method: 'GET', url: server.origin }, MAX);
    await other.text({ method: 'GET', url: server.origin }, MAX);
    expect(server.connections).toBe(2);
    other.close();
  });
});
