import { describe, expect, it } from 'vitest';
import { NAMED_FORMATS, parseFormat } from './nginx-format.js';

// Lines written by hand, as nginx's documentation of ngx_http_log_module says they are.
const COMBINED =
  '127.0.0.1 - - [22/Nov/2026:09:06:05 +0000] "GET /api/products?page=1 HTTP/1.1" 200 512 "-" "curl/8 \\x22x\\x22"';
const TIMED = `${COMBINED} "10.0.0.1, 10.0.0.2" rt=0.105 uct="0.001, 0.002" uht="0.100" urt="0.050, 0.054 : 0.001"`;

describe('parseFormat', () => {
  it('takes a line of the stock format apart', () => {
    const values = parseFormat('combined').parse(COMBINED);
    expect(values).toMatchObject({ status: '200', request: 'GET /api/products?page=1 HTTP/1.1' });
    expect(values?.http_user_agent).toBe('curl/8 \\x22x\\x22');
  });

  it('reads lists of upstream times, quoted or not', () => {
    expect(parseFormat('timed').parse(TIMED)?.upstream_response_time).toBe('0.050, 0.054 : 0.001');
    const bare = parseFormat('$status $upstream_response_time "$request"');
    expect(bare.parse('200 0.050, 0.054 : - "GET / HTTP/1.1"')).toMatchObject({
      upstream_response_time: '0.050, 0.054 : -',
      request: 'GET / HTTP/1.1',
    });
  });

  it('takes the directive as it stands in a configuration', () => {
    const quoted = `log_format main '$remote_addr "$request" '\n  '$status';`;
    expect(parseFormat(quoted).parse('::1 "GET / HTTP/1.1" 304')).toEqual({
      remote_addr: '::1',
      request: 'GET / HTTP/1.1',
      status: '304',
    });
  });

  it('knows a line of another format as none', () => {
    expect(parseFormat('timed').parse(COMBINED)).toBeUndefined();
    expect(parseFormat('combined').parse('')).toBeUndefined();
    expect(parseFormat('combined').parse('garbage "')).toBeUndefined();
  });

  it('refuses formats that lines cannot be told apart by', () => {
    expect(() => parseFormat('$status$request')).toThrow('nothing stands between $status');
    expect(() => parseFormat('$request')).toThrow('no $status');
    expect(() => parseFormat('$status')).toThrow('no $request');
    expect(() => parseFormat('hello')).toThrow('no variable');
    expect(() => parseFormat("log_format j escape=json '{$status $request}';")).toThrow('escape=json');
    expect(Object.keys(NAMED_FORMATS)).toContain('main');
  });
});
