import { describe, expect, it } from 'vitest';
import type { StreamEnd } from '../../src/seams.js';
import { ScriptedHttp, spread } from './scripted-http.js';
import { VirtualClock } from './virtual-clock.js';

const URL_FLV = 'http://origin.test/live/key.flv?a=1';

function record(log: string[], kept: Uint8Array[] = []) {
  return {
    onResponse: (status: number, _: unknown, atMs: number, url: string) =>
      log.push(`${status}@${atMs} ${url}`),
    onBytes: (chunk: Uint8Array, atMs: number) => {
      log.push(`${Buffer.from(chunk).toString()}@${atMs}`);
      kept.push(chunk);
    },
    onEnd: (end: StreamEnd) => log.push(`${end.kind}@${end.atMs}`),
  };
}

describe('ScriptedHttp', () => {
  it('plays pieces at their times after the request and then the end', () => {
    const clock = new VirtualClock({ startMs: 1000 });
    const http = new ScriptedHttp(clock).route('/live/key.flv', {
      headersAtMs: 5,
      body: [
        { atMs: 10, bytes: 'ab' },
        { atMs: 20, bytes: 'cd' },
      ],
      end: { kind: 'cut', atMs: 30 },
    });
    const log: string[] = [];
    http.stream({ method: 'GET', url: URL_FLV }, record(log));
    expect(log).toEqual([]);
    clock.advance(100);
    expect(log).toEqual([`200@1005 ${URL_FLV}`, 'ab@1010', 'cd@1020', 'cut@1030']);
    expect(http.requests).toMatchObject([{ url: URL_FLV, atMs: 1000, via: 'stream', nth: 0 }]);
    expect(http.open).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('overwrites a piece after the call, so that keeping a view shows', () => {
    const clock = new VirtualClock();
    const http = new ScriptedHttp(clock).route(/flv/, { body: 'ab' });
    const kept: Uint8Array[] = [];
    http.stream({ method: 'GET', url: URL_FLV }, record([], kept));
    clock.advance(0);
    expect(kept[0]?.byteOffset).toBeGreaterThan(0);
    expect([...(kept[0] ?? [])]).toEqual([0xa5, 0xa5]);
  });

  it('answers from a list in order and repeats the last, and lets a later route take over', async () => {
    const clock = new VirtualClock();
    const http = new ScriptedHttp(clock).route('/a', [{ body: '1' }, { body: '2' }]);
    const ask = async (): Promise<string> => {
      const answer = http.text({ method: 'GET', url: 'http://o/a' }, { maxBytes: 10 });
      await clock.run(0);
      const got = await answer;
      return got.kind === 'response' ? got.body : got.end.kind;
    };
    expect([await ask(), await ask(), await ask()]).toEqual(['1', '2', '2']);
    http.route('GET /a', { fail: { kind: 'refused', atMs: 0 } });
    expect(await ask()).toBe('refused');
    http.route('POST /a', { body: 'other' });
    expect(await ask()).toBe('refused');
  });

  it('ends with timeout, too_large and aborted as the real client does', async () => {
    const clock = new VirtualClock();
    const http = new ScriptedHttp(clock)
      .route('/slow', { headersAtMs: 500, body: 'x' })
      .route('/big', { body: 'xyz' });
    const slow = http.text({ method: 'GET', url: 'http://o/slow' }, { maxBytes: 1, headersTimeoutMs: 100 });
    const big = http.text({ method: 'GET', url: 'http://o/big' }, { maxBytes: 2 });
    const log: string[] = [];
    http.route('/open', { body: 'x', end: 'never' });
    const cancel = http.stream({ method: 'GET', url: 'http://o/open' }, record(log));
    await clock.run(200);
    expect(await slow).toMatchObject({ kind: 'failure', end: { kind: 'timeout', atMs: 100 } });
    expect(await big).toMatchObject({ kind: 'failure', end: { kind: 'too_large' } });
    expect(http.open).toBe(1);
    cancel();
    cancel();
    expect(log).toEqual(['200@0 http://o/open', 'x@0', 'aborted@200']);
  });

  it('gives a 404 page where no route is, and spreads bytes over time', () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    new ScriptedHttp(clock).stream({ method: 'GET', url: 'http://o/none' }, record(log));
    clock.advance(1);
    expect(log[0]).toContain('404@0');
    const pieces = spread(new Uint8Array(100), 10, 50, 40);
    expect(pieces.map((piece) => [piece.atMs, piece.bytes.length])).toEqual([
      [10, 40],
      [30, 40],
      [50, 20],
    ]);
  });
});
