import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { PreflightError, TargetNotAllowedError } from '../errors.js';
import type { Connector } from '../net/connect.js';
import type { Http, TextFailure, TextResponse } from '../seams.js';
import type { Target, ViewerIdentity } from '../target.js';
import { preflight } from './preflight.js';

const target: Target = {
  apiUrl: 'http://127.0.0.1:4000',
  socketUrl: 'http://127.0.0.1:4000',
  flvUrl: 'http://127.0.0.1:8080',
  hlsUrl: 'http://127.0.0.1:8080/cdn',
  streamKey: 'key',
};
const identity: ViewerIdentity = { userId: 'u1', accessToken: 'token' };

/** Connects to every port but those with an error. */
function connectorOf(
  errors: Readonly<Record<number, Error>> = {},
): Connector & { readonly opened: number[] } {
  const opened: number[] = [];
  return {
    opened,
    open({ port }) {
      opened.push(port);
      const socket = new Socket();
      const error = errors[port];
      queueMicrotask(() => (error ? socket.destroy(error) : socket.emit('connect')));
      return socket;
    },
    stats: () => ({ openedCount: 0, openCount: 0, notAllowedCount: 0, localFailureCount: 0 }),
  };
}

function httpOf(answer: Partial<TextResponse> | TextFailure): Http & { readonly urls: string[] } {
  const urls: string[] = [];
  return {
    urls,
    stream: () => () => {},
    text: async ({ url }) => {
      urls.push(url);
      return { kind: 'response', status: 200, headers: {}, body: '', ...answer } as TextResponse;
    },
    close: () => {},
  };
}

const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });

describe('preflight', () => {
  it('asks each origin once, and the token of the first user', async () => {
    const connector = connectorOf();
    const http = httpOf({});
    await preflight({ connector, http, target, identity });
    expect(connector.opened.sort()).toEqual([4000, 8080]);
    expect(http.urls).toEqual(['http://127.0.0.1:4000/api/users/me']);
  });

  it('names every part that is dead', async () => {
    const connector = connectorOf({ 4000: refused, 8080: refused });
    const failure = await preflight({ connector, http: httpOf({}), target }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PreflightError);
    expect(String(failure)).toContain('http://127.0.0.1:4000 (API, sockets) does not answer: ECONNREFUSED');
    expect(String(failure)).toContain('http://127.0.0.1:8080 (FLV, HLS) does not answer: ECONNREFUSED');
  });

  it('names the local addresses from which no viewer would get there: that is no fault of the platform', async () => {
    const unreachable = Object.assign(new Error('connect'), { code: 'EHOSTUNREACH' });
    const routes = [
      { localAddress: '10.0.0.6', connector: connectorOf() },
      { localAddress: '172.17.0.1', connector: connectorOf({ 8080: unreachable }) },
    ];
    const run = preflight({ connector: connectorOf(), http: httpOf({}), target, routes });
    await expect(run).rejects.toThrow(
      /^from 172\.17\.0\.1 \(--local-ips\): http:\/\/127\.0\.0\.1:8080 .* does not answer: EHOSTUNREACH$/,
    );
    expect(routes[0]?.connector.opened.sort()).toEqual([4000, 8080]);
  });

  it('says that an https: address leads to plain http:', async () => {
    const plain = Object.assign(new Error('ssl'), { code: 'ERR_SSL_WRONG_VERSION_NUMBER' });
    const run = preflight({ connector: connectorOf({ 4000: plain }), http: httpOf({}), target });
    await expect(run).rejects.toThrow(/4000 \(API, sockets\) speaks no TLS: .*http:, not https:/);
  });

  it('is no preflight failure when a name leads to where the run may not go', async () => {
    const connector = connectorOf({ 8080: new TargetNotAllowedError('cdn', 'elsewhere') });
    await expect(preflight({ connector, http: httpOf({}), target })).rejects.toBeInstanceOf(
      TargetNotAllowedError,
    );
  });

  it.each([401, 403])('refuses a token that the platform answers with %i', async (status) => {
    const run = preflight({ connector: connectorOf(), http: httpOf({ status }), target, identity });
    await expect(run).rejects.toThrow(/token of the first user \(HTTP/);
  });

  it('lets a user with a refresh token help itself', async () => {
    const refreshing = { ...identity, refreshToken: 'again' };
    await preflight({
      connector: connectorOf(),
      http: httpOf({ status: 401 }),
      target,
      identity: refreshing,
    });
  });

  it.each([{ status: 502, body: '<html>' }, { status: 500 }, { status: 429 }, { status: 404 }])(
    'leaves $status to be measured: it is the platform that is broken',
    async (answer) => {
      await preflight({ connector: connectorOf(), http: httpOf(answer), target, identity });
    },
  );

  it('refuses a platform that takes connections and says nothing at all', async () => {
    const look = async () => ({ checks: [], silent: true });
    const run = preflight({ connector: connectorOf(), http: httpOf({}), target, look });
    await expect(run).rejects.toThrow(/127\.0\.0\.1:4000, .*takes connections and answers nothing/);
  });

  it('ends the look when the token is refused, and waits until it has left', async () => {
    let left = false;
    const look = async (giveUp: Promise<unknown>) => {
      await giveUp;
      left = true;
      return { checks: [], silent: true };
    };
    const http = httpOf({ status: 401 });
    const run = preflight({ connector: connectorOf(), http, target, identity, look });
    await expect(run).rejects.toThrow(/token/);
    expect(left).toBe(true);
  });

  it('asks for no token when everybody is a guest', async () => {
    const http = httpOf({});
    await preflight({ connector: connectorOf(), http, target });
    expect(http.urls).toEqual([]);
  });
});
