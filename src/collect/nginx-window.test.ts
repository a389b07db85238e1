import { describe, expect, it } from 'vitest';
import { parseFormat } from './nginx-format.js';
import { classOf, LogWindow } from './nginx-window.js';

const line = (path: string, status: number, rt: string, urt = rt): string =>
  `127.0.0.1 - - [22/Nov/2026:09:06:05 +0000] "GET ${path} HTTP/1.1" ${status} 5 "-" "t" "-" rt=${rt} uct="0.001" uht="-" urt="${urt}"`;

describe('LogWindow', () => {
  it('keeps media and sockets out of the latency of the API', () => {
    const window = new LogWindow(parseFormat('timed'));
    for (let i = 0; i < 9; i++) window.add(line('/api/products', 200, '0.010'));
    window.add(line('/api/orders', 200, '0.200', '0.100, 0.050'));
    window.add(line('/live/live/key.flv', 499, '1800.000'));
    window.add(line('/hls/key.m3u8', 502, '60.000'));
    window.add(line('/socket.io/?EIO=4', 101, '900.000'));
    expect(window.take()).toMatchObject({
      requests: 10,
      media_requests: 2,
      socket_requests: 1,
      rt_p50_ms: expect.closeTo(10, 1),
      rt_p99_ms: 200,
      urt_p99_ms: 150,
      uct_p95_ms: 1,
      error_4xx: 0,
      error_499: 0,
      media_499: 1,
      media_4xx: 1,
      media_502: 1,
      media_5xx: 1,
    });
  });

  it('begins anew with each take: counts are zero and percentiles absent', () => {
    const window = new LogWindow(parseFormat('timed'));
    window.add(line('/api/a', 503, '0.001'));
    expect(window.take()).toMatchObject({ error_5xx: 1, error_503: 1 });
    const next = window.take();
    expect(next).toMatchObject({ requests: 0, error_5xx: 0, error_503: 0 });
    expect(next).not.toHaveProperty('rt_p50_ms');
  });

  it('counts lines it cannot read, and has no percentile of a time that nginx does not know', () => {
    const window = new LogWindow(parseFormat('timed'));
    window.add('garbage');
    window.add(line('/health', 200, '0.000', '-'));
    const values = window.take();
    expect(values).toMatchObject({ unread_lines: 1, requests: 1, rt_p50_ms: 0 });
    expect(values).not.toHaveProperty('urt_p50_ms');
  });

  it('tells the kinds of paths apart', () => {
    expect(['/live/a.m3u8', '/hls/k/1.ts', '/live/live/k.flv', '/x.ts'].map(classOf)).toEqual(
      Array(4).fill('media'),
    );
    expect(classOf('/socket.io/')).toBe('socket');
    expect(['/api/live/status', '/live', '/', ''].map(classOf)).toEqual(Array(4).fill('request'));
  });
});
