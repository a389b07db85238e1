import { describe, expect, it } from 'vitest';
import { connectionFinding, probeConnections } from './connection-probe.js';
import type { HeldConnection } from './held-connection.js';
import { readAnswer } from './held-connection.js';
import { limiterOf, type ProbeAnswer } from './limiter.js';
import { probeRate, rateFinding } from './rate-probe.js';

const NGINX_503: ProbeAnswer = {
  status: 503,
  headers: { server: 'nginx' },
  body: '<html><center>nginx</center></html>',
};
const APP_429: ProbeAnswer = {
  status: 429,
  headers: { 'retry-after-short': '1' },
  body: '{"success":false,"message":"ThrottlerException"}',
};
const OK: ProbeAnswer = { status: 200, headers: {}, body: '' };

/** A server that holds at most `cap` connections; `open` tells how many it holds. */
function server(cap: number, refusal: ProbeAnswer) {
  let now = 0;
  let most = 0;
  return {
    open: async (): Promise<HeldConnection> => {
      if (now >= cap) return { answer: refusal, isHeld: false, close: () => {} };
      most = Math.max(most, ++now);
      return { answer: { ...OK, status: 101 }, isHeld: true, close: () => void now-- };
    },
    get now() {
      return now;
    },
    get most() {
      return most;
    },
  };
}

const ABOUT = { id: 'sockets_held', what: 'WebSockets', most: 64, wanted: 130 };

describe('connections, more and more of them', () => {
  it('end at a cap of 20: it is named with its number, and all are closed again', async () => {
    const one = server(20, NGINX_503);
    const result = await probeConnections({ ...ABOUT, open: one.open }, () => 0);
    expect([result.held, one.now]).toEqual([20, 0]);
    const { severity, text, fix } = connectionFinding(ABOUT, result);
    expect(severity).toBe('error');
    expect(text).toMatch(/at most 20 at a time from one address, then nginx, limit_conn refuses \(HTTP 503/);
    expect(fix).toMatch(/limit_conn .*--local-ips/);
    expect(connectionFinding({ ...ABOUT, wanted: 8 }, result).severity).toBe('warning');
  });

  it('never are more than were announced', async () => {
    const one = server(1000, NGINX_503);
    const result = await probeConnections({ ...ABOUT, open: one.open }, () => 0);
    expect([one.most, one.now]).toEqual([64, 0]);
    expect(connectionFinding(ABOUT, result)).toMatchObject({
      severity: 'ok',
      text: expect.stringMatching(/64 at a time .*all taken; the run holds 130, more than 64 were not tried/),
    });
  });

  it('of which not even the first is taken tell nothing of a limit', async () => {
    const result = await probeConnections({ ...ABOUT, open: server(0, NGINX_503).open }, () => 0);
    expect(connectionFinding(ABOUT, result)).toMatchObject({ severity: 'unknown' });
  });

  it.each<[string, ProbeAnswer, object]>([
    [
      'silence, as of a firewall that drops',
      { headers: {}, body: '', failure: 'timeout' },
      { severity: 'error', text: expect.stringMatching(/at most 20 .* says nothing refuses \(timeout\)/) },
    ],
    [
      'an answer that no limiter gives',
      { status: 404, headers: {}, body: '' },
      {
        severity: 'unknown',
        text: expect.stringMatching(/^WebSockets: 20 .* the next one was answered HTTP 404/),
      },
    ],
  ])('that end in %s are not said to be all taken', async (_, refusal, wanted) => {
    const result = await probeConnections({ ...ABOUT, open: server(20, refusal).open }, () => 0);
    expect(connectionFinding(ABOUT, result)).toMatchObject(wanted);
  });

  it('stop when their time is over', async () => {
    let nowMs = 0;
    const one = server(1000, NGINX_503);
    const result = await probeConnections({ ...ABOUT, open: one.open }, () => (nowMs += 5000));
    expect(result.held).toBeLessThan(64);
    expect(one.now).toBe(0);
  });
});

/** A clock that goes on as it is waited for, and a limiter that lets `perS` a second through. */
function limited(perS: number, refusal: ProbeAnswer, tookMs: (index: number) => number = () => 1) {
  let nowMs = 0;
  let nextMs = 0;
  let index = 0;
  return {
    nowMs: () => nowMs,
    wait: async (ms: number) => {
      nowMs += ms;
    },
    ask: async (): Promise<ProbeAnswer> => {
      nowMs += tookMs(index++);
      if (nowMs < nextMs) return refusal;
      nextMs = nowMs + 1000 / perS;
      return OK;
    },
  };
}

describe('requests at a steady rate', () => {
  const probe = { perS: 60, durationMs: 2000, wantedPerS: 25 };

  it('meet a limit of 10 a second: it is named, with what gets through', async () => {
    const result = await probeRate({ ...probe, ...limited(10, NGINX_503) });
    expect(result.asked).toBe(120);
    expect(result.firstRefused).toBe(2);
    expect(result.allowedPerS).toBeGreaterThan(7);
    expect(result.allowedPerS).toBeLessThan(12);
    const { severity, text } = rateFinding(probe, result);
    expect(severity).toBe('error');
    expect(text).toMatch(
      /from number 2 on, about \d+(\.\d)? a second got through: nginx, limit_req \(HTTP 503/,
    );
    expect(rateFinding({ ...probe, wantedPerS: 2 }, result).severity).toBe('warning');
  });

  it('that all pass are fine', async () => {
    const result = await probeRate({ ...probe, ...limited(1e6, NGINX_503) });
    expect(rateFinding(probe, result)).toMatchObject({ id: 'request_rate', severity: 'ok' });
  });

  it('that are not answered at all are no success', async () => {
    const silent = {
      ...limited(1e6, NGINX_503),
      ask: async () => ({ headers: {}, body: '', failure: 'timeout' }),
    };
    const result = await probeRate({ ...probe, ...silent });
    expect(rateFinding(probe, result)).toMatchObject({
      severity: 'warning',
      text: expect.stringMatching(/of 120 requests at 60 a second 120 were not answered/),
    });
  });

  it('that are answered ever later meet a queue', () => {
    const result = { asked: 120, refused: 0, unanswered: 0, firstMs: 4, lastMs: 900 };
    expect(rateFinding(probe, result)).toMatchObject({
      severity: 'warning',
      text: expect.stringMatching(/ever later \(4 ms, then 900 ms\): a limit_req without nodelay/),
    });
  });
});

describe('the limiter', () => {
  it.each<[string, ProbeAnswer, RegExp]>([
    ['nginx by its page', NGINX_503, /^nginx, limit_req$/],
    ['nginx that was told to say 429', { ...NGINX_503, status: 429 }, /^nginx, limit_req$/],
    ['the application by its throttle headers', APP_429, /NestJS ThrottlerGuard/],
    [
      'the application by its envelope',
      { status: 503, headers: { server: 'nginx' }, body: '{"success":false,"message":"x"}' },
      /^the application$/,
    ],
    ['a CDN', { status: 429, headers: { 'cf-ray': '1' }, body: '' }, /^Cloudflare$/],
    [
      'a server behind that is full',
      { status: 502, headers: { server: 'nginx' }, body: 'nginx' },
      /server behind/,
    ],
    ['nobody, where there is no answer', { headers: {}, body: '', failure: 'econnreset' }, /hangs up/],
    [
      'nobody, where the answer shows nothing',
      { status: 503, headers: {}, body: '' },
      /^a proxy or the application$/,
    ],
  ])('is named: %s', (_, answer, who) => {
    expect(limiterOf(answer, 'requests').who).toMatch(who);
  });

  it('is read from the bytes of an answer, whatever they are', () => {
    const text =
      'HTTP/1.1 503 Service Temporarily Unavailable\r\nServer: nginx\r\nContent-Length: 5\r\n\r\nnginx';
    expect(readAnswer(text)).toEqual({
      ...{ status: 503, headers: { server: 'nginx', 'content-length': '5' }, body: 'nginx' },
    });
    expect(readAnswer('SSH-2.0-x\r\n')).toMatchObject({ failure: 'no HTTP' });
    expect(readAnswer('')).toMatchObject({ failure: 'no answer' });
  });
});
