import { beforeEach, describe, expect, it } from 'vitest';
import { ScriptedHttp } from '../../test/support/scripted-http.js';
import { TokenPlatform } from '../../test/support/token-platform.js';
import { EventLog, ViewerWorld } from '../../test/support/viewer-harness.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { createRng } from '../rng.js';
import type { ViewerIdentity } from '../target.js';
import { createCookieJar } from './cookie-jar.js';
import { createRestClient, type RestClient } from './rest-client.js';
import {
  createTokenSession,
  REFRESH_EVERY,
  type TokenSession,
  type TokenSessionDeps,
} from './token-session.js';

const API = 'http://127.0.0.1:4000';
const MINUTE_MS = 60_000;

let clock: VirtualClock;
let http: ScriptedHttp;
let platform: TokenPlatform;
let log: EventLog;
let rest: RestClient;
let session: TokenSession;
let signedOut: number;
let kept: ViewerIdentity[];
let faults: unknown[];

beforeEach(() => {
  clock = new VirtualClock();
  http = new ScriptedHttp(clock);
  platform = new TokenPlatform(clock, http);
  log = new EventLog();
  signedOut = 0;
  kept = [];
  faults = [];
});

function signIn(identity: ViewerIdentity, overrides: Partial<TokenSessionDeps> = {}): void {
  const jar = createCookieJar(identity, [API]);
  const emit = (event: Parameters<EventLog['add']>[0]): void => log.add(event);
  rest = createRestClient({
    ...{ clock, http, jar, apiUrl: API, pageUrl: `${API}/live/x`, userAgent: 'test', emit },
    renewToken: () => session.renew('unauthorized'),
  });
  session = createTokenSession({
    ...{ clock, jar, identity, apiUrl: API, emit, rng: createRng(1, 'timer') },
    refresh: () =>
      rest.call({
        call: 'refresh',
        method: 'POST',
        path: '/api/auth/refresh',
        dueMs: 0,
        accepts: () => true,
      }),
    onTokens: (tokens) => kept.push(tokens),
    onSignedOut: () => signedOut++,
    onFault: (error) => faults.push(error),
    ...overrides,
  });
}

function look(): Promise<unknown> {
  return rest.call({
    call: 'products',
    method: 'GET',
    path: '/api/products',
    dueMs: clock.nowMs(),
    accepts: Array.isArray,
  });
}

function outcomes(): string[] {
  return log.of('api_call').map(({ call, outcome }) => `${call} ${outcome}`);
}

function renewals(): string[] {
  return log.of('token_refresh').map(({ cause, outcome }) => `${cause} ${outcome}`);
}

describe('the timer of the page', () => {
  it('renews every 8 to 10 minutes, each wait drawn anew', async () => {
    signIn(platform.issue());
    session.start();
    await clock.run(120 * MINUTE_MS);
    const times = log.of('token_refresh').map(({ atMs, durationMs }) => atMs - durationMs);
    const waits = times.map((atMs, index) => atMs - (times[index - 1] ?? 0));
    expect(waits.length).toBeGreaterThanOrEqual(12);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(REFRESH_EVERY.atLeastMs);
    expect(Math.max(...waits)).toBeLessThanOrEqual(REFRESH_EVERY.atLeastMs + REFRESH_EVERY.jitterMs);
    expect(new Set(waits).size).toBeGreaterThan(5);
    expect(new Set(renewals())).toEqual(new Set(['timer ok']));
  });

  it('does not run for a guest or for an account that has nothing to ask with', async () => {
    for (const identity of [{}, { userId: 'u', accessToken: 'opaque' }]) {
      signIn(identity);
      session.start();
    }
    await clock.run(60 * MINUTE_MS);
    expect([clock.pending, http.requests.length, renewals()]).toEqual([0, 0, []]);
  });

  it('ends with the viewer', async () => {
    signIn(platform.issue());
    session.start();
    session.close();
    await clock.run(60 * MINUTE_MS);
    expect([clock.pending, renewals()]).toEqual([0, []]);
  });
});

describe('a call that is answered 401', () => {
  it('is repeated once with a new token, and only the repetition counts', async () => {
    signIn(platform.issue());
    await clock.run(16 * MINUTE_MS);
    const done = look();
    await clock.run(1000);
    expect(await done).toMatchObject({ outcome: 'ok' });
    expect(outcomes()).toEqual(['refresh ok', 'products renewed', 'products ok']);
    expect(renewals()).toEqual(['unauthorized ok']);
    // From when it was due: 10 ms to the 401, 20 to the token, 10 to the answer.
    expect(log.of('api_call').at(-1)).toMatchObject({ durationMs: 10, sinceDueMs: 40 });
    expect(kept.map(({ refreshToken }) => refreshToken)).toEqual(['refresh-1']);
  });

  it('shares one renewal with all others', async () => {
    signIn(platform.issue());
    await clock.run(16 * MINUTE_MS);
    const calls = [look(), look(), look()];
    await clock.run(1000);
    await Promise.all(calls);
    expect(platform.refreshes).toBe(1);
    expect(outcomes().filter((text) => text === 'products ok')).toHaveLength(3);
    expect(renewals()).toEqual(['unauthorized ok']);
  });

  it('is unauthorized when the new token is refused too: no third try', async () => {
    signIn(platform.issue());
    platform.accepts = () => false;
    const done = look();
    await clock.run(1000);
    expect(await done).toMatchObject({ outcome: 'unauthorized' });
    expect(outcomes()).toEqual(['refresh ok', 'products renewed', 'products unauthorized']);
  });

  it('is unauthorized when the renewal is refused: counted as that, the viewer is signed out and asks no more', async () => {
    signIn(platform.issue());
    session.start();
    platform.refreshStatus = 401;
    await clock.run(15 * MINUTE_MS);
    for (let i = 0; i < 3; i++) {
      void look();
      await clock.run(1000);
    }
    expect(renewals()).toEqual(['timer refused']);
    expect(platform.refreshes).toBe(1);
    expect(outcomes()).toEqual([
      'refresh unauthorized',
      'products unauthorized',
      'products unauthorized',
      'products unauthorized',
    ]);
    expect([signedOut, clock.pending]).toEqual([1, 0]);
  });

  it('tries again later when the renewal failed for another reason', async () => {
    signIn(platform.issue());
    await clock.run(16 * MINUTE_MS);
    platform.refreshStatus = 500;
    void look();
    await clock.run(1000);
    platform.refreshStatus = 201;
    void look();
    await clock.run(1000);
    expect(renewals()).toEqual(['unauthorized failed', 'unauthorized ok']);
    expect(outcomes()).toEqual([
      'refresh server_fault',
      'products unauthorized',
      'refresh ok',
      'products renewed',
      'products ok',
    ]);
    expect(signedOut).toBe(0);
  });

  it('signs out an account without a refresh token, without a request', async () => {
    const { userId, accessToken } = platform.issue();
    signIn({ userId, accessToken });
    await clock.run(16 * MINUTE_MS);
    for (let i = 0; i < 2; i++) {
      void look();
      await clock.run(1000);
    }
    expect(renewals()).toEqual(['unauthorized no_token']);
    expect([platform.refreshes, signedOut]).toEqual([0, 1]);
    expect(outcomes()).toEqual(['products unauthorized', 'products unauthorized']);
  });

  it('says nothing more when the viewer leaves meanwhile', async () => {
    signIn(platform.issue());
    await clock.run(16 * MINUTE_MS);
    platform.refreshDelayMs = 3000;
    const done = look();
    await clock.run(1000);
    session.close();
    rest.close();
    http.close();
    await clock.run(10_000);
    expect(await done).toBeUndefined();
    expect(log.events).toEqual([]);
  });
});

describe('a renewal', () => {
  it('that brings no token of use has failed, whatever it says', async () => {
    signIn(platform.issue());
    await clock.run(16 * MINUTE_MS);
    http.route('POST /api/auth/refresh', { status: 201, body: '{"success":true,"data":{},"timestamp":"t"}' });
    const renewed = session.renew('timer');
    await clock.run(100);
    expect(await renewed).toBe(false);
    expect(renewals()).toEqual(['timer failed']);
  });

  it('mints where it is told how to, without a request', async () => {
    const identity = platform.issue();
    const fresh = platform.issue().accessToken;
    signIn(identity, { mint: async ({ userId }) => (userId === 'u0' ? fresh : 'wrong') });
    const renewed = session.renew('timer');
    await clock.run(1);
    expect(await renewed).toBe(true);
    expect(renewals()).toEqual(['timer minted']);
    expect([http.requests.length, kept[0]?.accessToken]).toEqual([0, fresh]);
    void look();
    await clock.run(100);
    expect(http.requests[0]?.headers?.cookie).toContain(fresh);
  });

  it('that fails in our own code is a fault of ours, and no token', async () => {
    signIn(platform.issue(), { mint: () => Promise.reject(new Error('broken')) });
    const renewed = session.renew('timer');
    await clock.run(1);
    expect(await renewed).toBe(false);
    expect(faults.map(String)).toEqual(['Error: broken']);
  });
});

describe('a viewer', () => {
  /** A viewer in front of a platform whose sockets take the same tokens as its API. */
  function arrive(world: ViewerWorld, identity?: ViewerIdentity): TokenPlatform {
    const scripted = new ScriptedHttp(world.clock);
    const tokens = new TokenPlatform(world.clock, scripted);
    world.hub.platform.identify = (cookie) => (tokens.accepts(cookie) ? 'u0' : undefined);
    world
      .add({
        identity: identity ?? tokens.issue(),
        rates: { productsEveryMs: 60_000, chatEveryMs: 300_000 },
        overrides: { http: scripted },
      })
      .start();
    return tokens;
  }

  it('with tokens of 15 minutes lives through six hours, and is back after every break', async () => {
    const world = new ViewerWorld();
    const tokens = arrive(world);
    for (let hour = 0; hour < 6; hour++) {
      await world.run(59 * MINUTE_MS);
      world.hub.dropAll();
      await world.run(MINUTE_MS);
    }
    const calls = world.log.of('api_call');
    expect(new Set(calls.map(({ outcome }) => outcome))).toEqual(new Set(['ok']));
    expect(calls.filter(({ call }) => call === 'products').length).toBeGreaterThan(300);
    expect(tokens.refreshes).toBeGreaterThanOrEqual(35);
    expect(world.log.of('socket_reconnected')).toHaveLength(6);
    expect(new Set(world.hub.connections[0]?.handshakeCookies).size).toBe(7);
    expect(world.log.of('socket_failed')).toEqual([]);
    expect(world.log.of('vu_lost')).toEqual([]);
    expect(world.viewers[0]?.state).toBe('watching');
    expect(world.log.of('chat_echo').length).toBeGreaterThan(60);
    expect(world.errors).toEqual([]);
  });

  it('that comes with an expired token renews it before it opens its sockets', async () => {
    const world = new ViewerWorld();
    const scripted = new ScriptedHttp(world.clock);
    const tokens = new TokenPlatform(world.clock, scripted);
    const identity = tokens.issue();
    await world.run(20 * MINUTE_MS);
    world.hub.platform.identify = (cookie) => (tokens.accepts(cookie) ? 'u0' : undefined);
    world.add({ identity, overrides: { http: scripted } }).start();
    await world.run(1000);
    const events = world.log.of('token_refresh').map(({ cause, outcome }) => `${cause} ${outcome}`);
    expect([events, world.viewers[0]?.state]).toEqual([['start ok'], 'watching']);
  });

  it('whose renewal is refused is lost for its sign-in; the picture goes on', async () => {
    const world = new ViewerWorld();
    const tokens = arrive(world);
    tokens.refreshStatus = 401;
    await world.run(20 * MINUTE_MS);
    expect(world.log.of('vu_lost').map(({ reason }) => reason)).toEqual(['auth']);
    expect(world.players[0]?.stopped).toBe(false);
    expect(tokens.refreshes).toBe(1);
  });

  it('whose chat is refused asks for one token and opens it once more', async () => {
    const world = new ViewerWorld();
    let takesChat = false;
    const tokens = arrive(world);
    world.hub.platform.identify = (cookie) => (tokens.accepts(cookie) && takesChat ? 'u0' : undefined);
    await world.clock.run(25);
    takesChat = true;
    await world.run(2000);
    const events = world.log.of('token_refresh').map(({ cause, outcome }) => `${cause} ${outcome}`);
    expect(events).toEqual(['socket ok']);
    expect(world.log.of('socket_failed')).toEqual([]);
    expect(world.log.of('join_confirmed').map(({ namespace }) => namespace)).toContain('/chat');
    expect(world.viewers[0]?.state).toBe('watching');
  });

  it('whose chat is refused with the new token too is refused, once', async () => {
    const world = new ViewerWorld();
    const tokens = arrive(world);
    world.hub.platform.identify = () => undefined;
    await world.run(30_000);
    expect(tokens.refreshes).toBe(1);
    expect(world.log.of('socket_failed').map(({ namespace, reason }) => [namespace, reason])).toEqual([
      ['/chat', 'auth_refused'],
    ]);
    expect(world.log.of('vu_lost').map(({ reason }) => reason)).toEqual(['auth']);
  });
});
