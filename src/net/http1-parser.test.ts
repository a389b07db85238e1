import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResponseHeaders } from '../seams.js';
import { Http1Parser, MAX_HEAD_BYTES } from './http1-parser.js';

interface Read {
  heads: { status: number; headers: ResponseHeaders }[];
  body: string;
  state: string;
  reusable: boolean;
  problem: string | undefined;
}

/** Feeds `text` in pieces of the given sizes (the last size repeats). */
function read(text: string, sizes: readonly number[] = [text.length], ended = false): Read {
  const heads: Read['heads'] = [];
  let body = '';
  const parser = new Http1Parser({
    onHead: (status, headers) => heads.push({ status, headers: { ...headers } }),
    onBody: (chunk) => {
      body += Buffer.from(chunk).toString('latin1');
    },
  });
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[Math.min(i, sizes.length - 1)] ?? 1);
    // A buffer that is overwritten afterwards, as the shared read buffer is.
    const piece = Buffer.from(bytes.subarray(at, at + size));
    parser.push(piece);
    piece.fill(0xff);
    at += size;
  }
  const state = ended ? parser.finish() : parser.state;
  return { heads, body, state, reusable: parser.reusable, problem: parser.problem };
}

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('Http1Parser reads bodies to their end', () => {
  it.each([
    ['content-length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'hello', 'complete', true],
    ['an empty body', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', '', 'complete', true],
    ['no body by status', 'HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n', '', 'complete', true],
    ['not modified', 'HTTP/1.1 304 Not Modified\r\n\r\n', '', 'complete', true],
    ['chunks', `${CHUNKED}5\r\nhello\r\n1;x="y"\r\n!\r\n0\r\n\r\n`, 'hello!', 'complete', true],
    [
      'chunks with trailers',
      `${CHUNKED}A\r\n0123456789\r\n0\r\nX: y\r\n\r\n`,
      '0123456789',
      'complete',
      true,
    ],
    ['bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', 'ok', 'complete', true],
    ['an empty line first', '\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'ok', 'complete', true],
    [
      'interim responses',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      'ok',
      'complete',
      true,
    ],
    [
      'a closing server',
      'HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\nok',
      'ok',
      'complete',
      false,
    ],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', 'ok', 'complete', false],
    [
      'HTTP/1.0 keep-alive',
      'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok',
      'ok',
      'complete',
      true,
    ],
    [
      'the same length twice',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok',
      'ok',
      'complete',
      true,
    ],
    ['bytes after the end', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok-more', 'ok', 'complete', false],
    [
      'both lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      'ok',
      'complete',
      false,
    ],
    ['no reason phrase', 'HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n', '', 'complete', true],
  ])('%s', (_, text, body, state, reusable) => {
    for (const sizes of [[text.length], [1], [3, 1, 7]]) {
      expect(read(text, sizes)).toMatchObject({ body, state, reusable, problem: undefined });
    }
  });

  it.each([
    ['within the head', 'HTTP/1.1 200 OK\r\nContent-Le', 'cut'],
    ['before anything', '', 'cut'],
    ['within a body of known length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell', 'cut'],
    ['within a chunk', `${CHUNKED}5\r\nhel`, 'cut'],
    ['after a chunk, without the last one', `${CHUNKED}5\r\nhello\r\n`, 'cut'],
    ['within the last chunk', `${CHUNKED}5\r\nhello\r\n0\r\n`, 'cut'],
    ['of a body that lasts until then', 'HTTP/1.1 200 OK\r\n\r\nhello', 'complete'],
  ])('the end of the connection %s', (_, text, state) => {
    expect(read(text, [4], true).state).toBe(state);
  });
});

describe('Http1Parser refuses what is not HTTP', () => {
  it.each([
    ['<html>502 Bad Gateway</html>\r\n', 'not an HTTP/1.1 response'],
    ['HTTP/2 200 OK\r\n', 'not an HTTP/1.1 response'],
    ['HTTP/1.1 2x0 OK\r\n', 'not an HTTP/1.1 response'],
    ['HTTP/1.1 200 OK\r\nno colon\r\n\r\n', 'malformed header'],
    ['HTTP/1.1 200 OK\r\nbad name : x\r\n\r\n', 'malformed header'],
    ['HTTP/1.1 200 OK\r\n folded first\r\n\r\n', 'malformed header'],
    ['HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', 'malformed content-length'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0x10\r\n\r\n', 'malformed content-length'],
    [
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      'content-length contradicts itself',
    ],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n', 'unknown transfer-encoding'],
    ['HTTP/1.1 101 Switching Protocols\r\n\r\n', 'the connection was upgraded'],
    [`${CHUNKED}zz\r\n`, 'malformed chunk size'],
    [`${CHUNKED}\r\n`, 'malformed chunk size'],
    [`${CHUNKED}-5\r\n`, 'malformed chunk size'],
    [`${CHUNKED}fffffffffffffffff\r\n`, 'malformed chunk size'],
    [`${CHUNKED}2\r\nokk\r\n`, 'chunk longer than its size'],
    [`${CHUNKED}${'1'.repeat(5000)}`, 'chunk size line too long'],
    [`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(MAX_HEAD_BYTES)}`, 'headers too large'],
    [`${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(3000)}`, 'headers too large'],
    [`${CHUNKED}0\r\n${'X: y\r\n'.repeat(20_000)}`, 'headers too large'],
  ])('%.60j', (text, problem) => {
    for (const sizes of [[text.length], [1], [977]]) {
      expect(read(text, sizes)).toMatchObject({ state: 'bad', problem });
    }
  });
});

describe('Http1Parser', () => {
  it('gives headers with lower-case names, repeated ones as a list, folded ones joined', () => {
    const text =
      'HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX-Fold: one\r\n  two\r\nset-cookie:b=2\r\n__proto__: x\r\nContent-Length: 0\r\n\r\n';
    const { heads } = read(text);
    expect(heads).toHaveLength(1);
    expect(heads[0]?.headers).toEqual(
      Object.fromEntries([
        ['set-cookie', ['a=1', 'b=2']],
        ['x-fold', 'one two'],
        ['__proto__', 'x'],
        ['content-length', '0'],
      ]),
    );
  });

  it('calls nothing after it was stopped within a call', () => {
    const seen: string[] = [];
    const parser = new Http1Parser({
      onHead: () => seen.push('head'),
      onBody: () => {
        seen.push('body');
        parser.stop();
      },
    });
    parser.push(Buffer.from(`${CHUNKED}1\r\na\r\n1\r\nb\r\n0\r\n\r\n`));
    expect(seen).toEqual(['head', 'body']);
  });

  it('reads the same however the bytes are cut', () => {
    const chunk = fc.string({ minLength: 1, maxLength: 40, unit: 'binary-ascii' });
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 8 }), sizes, fc.boolean(), (chunks, cut, isChunked) => {
        const body = chunks.join('');
        const coded = chunks.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join('');
        const text = isChunked
          ? `${CHUNKED}${coded}0\r\n\r\n`
          : `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
        expect(read(text, cut)).toEqual(read(text));
        expect(read(text, cut)).toMatchObject({ body, state: 'complete', reusable: true });
        // Short of the last byte it is never complete.
        expect(read(text.slice(0, -1), cut, true).state).toBe('cut');
      }),
    );
  });

  it('takes any bytes without throwing, and says the same however they are cut', () => {
    const garbage = fc.string({ maxLength: 300, unit: 'binary-ascii' });
    const start = fc.constantFrom('', 'HTTP/1.1 200 OK\r\n', CHUNKED, `${CHUNKED}5\r\nhello`);
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(start, garbage, sizes, (head, tail, cut) => {
        expect(read(head + tail, cut)).toEqual(read(head + tail));
      }),
    );
  });
});
