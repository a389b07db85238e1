import { describe, expect, it } from 'vitest';
import type { PreflightCheck } from '../preflight/report.js';
import { reachFinding } from './reach.js';
import { intersect, rangeOf } from './server-date.js';
import { offsetFindings, serverClockFinding, targetFindings, tokenFindings } from './target-findings.js';

const warning = (part: PreflightCheck['part'], text: string): PreflightCheck => ({
  part,
  status: 'warning',
  text,
});

describe('what the preflight saw', () => {
  it.each<[PreflightCheck, string, RegExp | undefined]>([
    [warning('rest', 'the platform says the stream is OFFLINE: not on air'), 'rest error', /publish/],
    [warning('rest', 'no product is on sale: nobody can fill a cart'), 'rest error', /product/],
    [warning('sockets', '/chat did not get ready: the token was refused'), 'sockets error', /--users/],
    [warning('stamps', 'FLV without capture times'), 'stamps error', /dorami-load publish/],
    [warning('stamps', 'pictures seem to come 1900 ms from the future'), 'stamps error', /time server/],
    [warning('clock', 'nobody named it'), 'capture_clock error', /--capture-clock/],
    [warning('stamps', 'not looked for: no picture came'), 'stamps unknown', undefined],
    [{ part: 'flv', status: 'ok', text: 'first byte 3 ms' }, 'flv ok', undefined],
  ])('%j is %s', (check, words, fix) => {
    const [one] = targetFindings([check]);
    expect(`${one?.id} ${one?.severity}`).toBe(words);
    if (fix === undefined) expect(one).not.toHaveProperty('fix');
    else expect(one?.fix).toMatch(fix);
  });

  it('tokens that cannot last are an error, those that can are not', () => {
    expect(tokenFindings({ refusal: '4 of 4 end before the run' })[0]).toMatchObject({ severity: 'error' });
    expect(tokenFindings({})).toEqual([]);
  });
});

describe('clocks', () => {
  it('of a publisher that is 2 s ahead or behind is named, one that fits is not', () => {
    expect(offsetFindings({ kind: 'measured', offsetMs: 2000, uncertaintyMs: 3 })[0]?.text).toMatch(
      /2\.0 s ahead of ours/,
    );
    expect(offsetFindings({ kind: 'measured', offsetMs: -2000, uncertaintyMs: 3 })[0]?.text).toMatch(
      /2\.0 s behind ours/,
    );
    expect(offsetFindings({ kind: 'measured', offsetMs: 40, uncertaintyMs: 3 })).toEqual([]);
    expect(offsetFindings({ kind: 'unknown' })).toEqual([]);
  });

  it('of a server are told from Date headers, although those have whole seconds only', () => {
    // The server is 2 s ahead; a question every 150 ms, answered 10 ms later.
    const ranges = [0, 150, 300, 450, 600, 750, 900, 1050].map((atMs) => {
      const serverMs = 1_000_000_400 + atMs + 2005;
      return rangeOf(Math.floor(serverMs / 1000) * 1000, 1_000_000_400 + atMs, 1_000_000_410 + atMs);
    });
    const range = intersect(ranges);
    expect(range?.fromMs).toBeLessThanOrEqual(2000);
    expect(range?.toMs).toBeGreaterThanOrEqual(2000);
    expect((range?.toMs ?? 0) - (range?.fromMs ?? 0)).toBeLessThan(250);
    expect(serverClockFinding('api', range)).toMatchObject({
      severity: 'warning',
      text: expect.stringMatching(/2\.\d s ahead/),
    });
    expect(serverClockFinding('api', { fromMs: -80, toMs: 120 }).severity).toBe('ok');
    // Nobody measures a clock that was said to be ours.
    const said = serverClockFinding('api', range, true);
    expect(said.text).toContain(
      '--capture-clock says same: if the publisher goes by that clock, every latency is wrong',
    );
    expect(said.fix).toContain('--capture-clock URL');
    expect(serverClockFinding('api', { fromMs: -2200, toMs: -1900 }).text).toMatch(/behind/);
    expect(serverClockFinding('api', undefined).severity).toBe('unknown');
    expect(
      intersect([
        { fromMs: 0, toMs: 1 },
        { fromMs: 5, toMs: 6 },
      ]),
    ).toBeUndefined();
  });
});

describe('how the platform is reached', () => {
  it.each<[string, Parameters<typeof reachFinding>[1], boolean, string, RegExp]>([
    ['apart and near', { connectMs: 0.4, onThisMachine: false }, false, 'ok', /another machine, .* 0\.4 ms/],
    ['apart and far', { connectMs: 40, onThisMachine: false }, false, 'warning', /far away/],
    ['here', { connectMs: 0.1, onThisMachine: true }, false, 'warning', /on this machine/],
    ["the run's own stage", { connectMs: 0.1, onThisMachine: true }, true, 'warning', /own stage/],
    ['not at all', undefined, false, 'unknown', /no connection/],
  ])('%s', (_, reach, isStage, severity, words) => {
    expect(reachFinding('http://api', reach, isStage)).toMatchObject({
      severity,
      text: expect.stringMatching(words),
    });
  });
});
