import { describe, expect, it } from 'vitest';
import { LiveHlsOrigin, recordedFlv } from '../../test/support/live-origin.js';
import { MemoryHub } from '../../test/support/memory-hub.js';
import { type Answer, ScriptedHttp } from '../../test/support/scripted-http.js';
import { STREAM_KEY, TARGET } from '../../test/support/viewer-harness.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { findProfile } from '../scenarios/profiles.js';
import type { PublisherClock } from '../seams.js';
import type { ViewerIdentity } from '../target.js';
import { createLook, type Look } from './look.js';
import { preflightLines, preflightNotes } from './report.js';

const NEVER = new Promise<never>(() => {});
const USER: ViewerIdentity = { userId: 'u0', accessToken: 'u0' };
const FLV = `GET /live/live/${STREAM_KEY}.flv`;
const MASTER = `GET /hls/${STREAM_KEY}.m3u8`;
const PRODUCTS = 'GET /api/products';
const STATUS = `GET /api/streaming/key/${STREAM_KEY}/status`;

function envelope(data: unknown): Answer {
  return { body: JSON.stringify({ success: true, data }) };
}

const SAME_CLOCK: PublisherClock = { offsetMs: () => 0, uncertaintyMs: () => 0, coversServers: true };

/** A platform where all is well, one part of which a test can change. */
class World {
  readonly clock = new VirtualClock();
  readonly hub = new MemoryHub(this.clock);
  readonly https: ScriptedHttp[] = [];
  readonly routes: [string, Answer][] = [];
  identity: ViewerIdentity = USER;
  mix = { hls: 70, flv: 30 };
  publisherClock: PublisherClock = SAME_CLOCK;

  async look(giveUp: Promise<unknown> = NEVER): Promise<Look & { readonly tookMs: number }> {
    const profile = findProfile('smoke');
    if (!profile) throw new Error('no smoke profile');
    const { clock, hub, identity, mix } = this;
    const startedAtMs = clock.nowMs();
    let tookMs = 0;
    const looking = createLook({
      ...{ clock, hub, identity, target: TARGET, stop: NEVER, endAtMs: 7000 },
      config: { mix, profile, writes: true },
      newHttp: () => this.newHttp(),
      publisherClock: this.publisherClock,
    })(giveUp).then((look) => {
      tookMs = clock.nowMs() - startedAtMs;
      return look;
    });
    await clock.run(12_000);
    return { ...(await looking), tookMs };
  }

  newHttp(): ScriptedHttp {
    const origin = new LiveHlsOrigin('plain', 12);
    const http = new ScriptedHttp(this.clock)
      .route(PRODUCTS, envelope([{ id: 'p1' }]))
      .route(STATUS, envelope({ status: 'LIVE' }))
      .route(FLV, { body: recordedFlv('plain'), end: 'never' })
      .route(MASTER, origin.master())
      .route('GET /live/plain.m3u8', () => origin.list(this.clock.nowMs()))
      .route(/\.ts/, (request) => origin.segment(request.url, this.clock.nowMs()));
    for (const [key, answer] of this.routes) http.route(key, answer);
    this.https.push(http);
    return http;
  }
}

function textOf({ checks }: Look, part: string): string {
  const check = checks.find((one) => one.part === part);
  return check ? `${check.status}: ${check.text}` : 'no check';
}

const warnings = ({ checks }: Look): string[] =>
  checks.filter(({ status }) => status === 'warning').map(({ part }) => part);

describe('the look before a run', () => {
  it('finds nothing to warn of on a platform that works, and sees it in under three seconds', async () => {
    const world = new World();
    const look = await world.look();
    expect(warnings(look)).toEqual([]);
    expect(textOf(look, 'rest')).toMatch(/^ok: stream LIVE, 1 products in \d+ ms$/);
    expect(textOf(look, 'sockets')).toMatch(
      /^ok: ready and joined: \/ \d+ ms, \/chat \d+ ms, \/streaming \d+ ms$/,
    );
    expect(textOf(look, 'flv')).toMatch(/^ok: first byte \d+ ms, first picture \d+ ms/);
    expect(textOf(look, 'stamps')).toBe('ok: capture times: FLV capture stamp, HLS capture stamp');
    expect(look.tookMs).toBeLessThan(3000);
    expect(look.silent).toBe(false);
  });

  it('leaves the rooms and closes every connection before it is over', async () => {
    const world = new World();
    await world.look();
    const { platform } = world.hub;
    expect(platform.received.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['chat:leave-room', 'stream:viewer:leave']),
    );
    expect(platform.sockets.size).toBe(0);
    expect(world.https.map((http) => http.open)).toEqual(world.https.map(() => 0));
  });

  it('writes nothing: no message, no cart', async () => {
    const world = new World();
    await world.look();
    expect(world.hub.platform.received.map(({ event }) => event)).not.toContain('chat:send-message');
    const methods = world.https.flatMap((http) => http.requests.map(({ method }) => method));
    expect(new Set(methods)).toEqual(new Set(['GET']));
  });

  it('asks a guest for no /chat', async () => {
    const world = new World();
    world.identity = {};
    const look = await world.look();
    expect(warnings(look)).toEqual([]);
    expect(textOf(look, 'sockets')).not.toContain('/chat');
  });

  it('never renews a token: what has run out is left to the viewer that owns the refresh token', async () => {
    const claims = Buffer.from(JSON.stringify({ exp: 1 })).toString('base64url');
    const world = new World();
    world.identity = { userId: 'u0', accessToken: `h.${claims}.s`, refreshToken: 'once' };
    const look = await world.look();
    expect(world.https.flatMap((http) => http.paths).filter((path) => path.includes('refresh'))).toEqual([]);
    expect(warnings(look)).toEqual([]);
    expect(textOf(look, 'sockets')).not.toContain('/chat');
  });

  it('looks at the protocols of the mix only', async () => {
    const world = new World();
    world.mix = { hls: 1, flv: 0 };
    const look = await world.look();
    expect(look.checks.map(({ part }) => part)).toEqual(['rest', 'sockets', 'hls', 'stamps']);
    expect(world.https.flatMap((http) => http.paths).filter((path) => path.endsWith('.flv'))).toEqual([]);
  });

  it.each([
    [STATUS, envelope({ status: 'OFFLINE' }), 'rest', /says the stream is OFFLINE/],
    [STATUS, { status: 502, body: '<html>' }, 'rest', /stream status: HTTP 502, a server fault/],
    [PRODUCTS, envelope([]), 'rest', /no product is on sale/],
    [PRODUCTS, { body: '<html>' }, 'rest', /products: HTTP 200, not the agreed envelope/],
    [FLV, { status: 404, body: '' }, 'flv', /HTTP 404: refused/],
    [FLV, { body: 'no flv at all', end: 'never' }, 'flv', /not the promised media/],
    [MASTER, { body: '<html>502</html>' }, 'hls', /no playlist/],
    [MASTER, { status: 404, body: '' }, 'hls', /HTTP 404/],
  ] as const)('warns of %s answered with %j', async (key, answer, part, words) => {
    const world = new World();
    world.routes.push([key, answer]);
    const look = await world.look();
    expect(textOf(look, part)).toMatch(words);
    expect(textOf(look, part)).toMatch(/^warning/);
    expect(warnings(look)).toEqual([part]);
    expect(look.silent).toBe(false);
  });

  it('warns of media without capture times: its latency will have no data', async () => {
    const world = new World();
    const pieces = recordedFlv('plain').map(({ bytes }) => Buffer.from(bytes as Uint8Array));
    const unstamped = Buffer.concat(pieces);
    // NAL type SEI, user data unregistered: an empty payload is nobody's stamp.
    for (let at = 0; at + 2 < unstamped.length; at++) {
      if (unstamped[at] === 6 && unstamped[at + 1] === 5) unstamped[at + 2] = 0;
    }
    world.mix = { hls: 0, flv: 1 };
    world.routes.push([FLV, { body: [{ atMs: 10, bytes: unstamped }], end: 'never' }]);
    const look = await world.look();
    expect(textOf(look, 'flv')).toMatch(/^ok/);
    expect(textOf(look, 'stamps')).toMatch(/^warning: FLV without capture times .* no data$/);
  });

  it.each([
    [{ offsetMs: () => 0, uncertaintyMs: () => 0, coversServers: true }, 'same clock'],
    [{ offsetMs: () => 0, uncertaintyMs: () => 2.25, coversServers: false }, '±2.3 ms'],
    [{ offsetMs: () => 0, uncertaintyMs: () => undefined, coversServers: false }, 'clock unknown'],
  ])('says beside each delay how well its clocks are known: %#', async (publisherClock, words) => {
    const world = new World();
    world.publisherClock = publisherClock;
    const look = await world.look();
    expect(textOf(look, 'hls')).toContain(`s behind the encoder (${words})`);
    expect(textOf(look, 'flv')).toContain(`s behind the encoder (${words})`);
  });

  it('warns of a ready event that never comes, within the time of the look', async () => {
    const world = new World();
    world.hub.platform.ready = false;
    const look = await world.look();
    expect(textOf(look, 'sockets')).toContain('/chat connected, but its ready event never came');
    expect(look.tookMs).toBeLessThan(8000);
    expect(look.silent).toBe(false);
  });

  it('warns of a join that is never confirmed', async () => {
    const world = new World();
    world.hub.platform.confirmJoins = false;
    expect(textOf(await world.look(), 'sockets')).toContain(
      '/streaming is ready, but never confirmed the join',
    );
  });

  it('knows a platform that says nothing at all, and only that', async () => {
    const world = new World();
    const hang: Answer = { end: 'never', headersAtMs: 1e9 };
    for (const key of [PRODUCTS, STATUS, FLV, MASTER]) world.routes.push([key, hang]);
    expect((await world.look()).silent).toBe(false);

    const silent = new World();
    silent.hub.up = false;
    for (const key of [PRODUCTS, STATUS, FLV, MASTER]) silent.routes.push([key, hang]);
    expect((await silent.look()).silent).toBe(true);
  });

  it('ends early when nobody wants to know any more, and still leaves', async () => {
    const world = new World();
    world.hub.platform.ready = false;
    const look = await world.look(Promise.resolve());
    expect(look.tookMs).toBeLessThan(1000);
    expect(world.hub.platform.sockets.size).toBe(0);
  });
});

describe('its report', () => {
  const report = {
    tookMs: 1230,
    checks: [
      { part: 'rest', status: 'ok', text: 'stream LIVE' },
      { part: 'stamps', status: 'warning', text: 'none' },
    ],
  } as const;

  it('is one line per part, and one that sums up', () => {
    expect(preflightLines(report)).toEqual([
      'preflight  ✓ REST     stream LIVE',
      'preflight  ! stamps   none',
      'preflight  1 warning, 1.2 s',
    ]);
  });

  it('gives its warnings to the summary, and nothing else', () => {
    expect(preflightNotes(report)).toEqual(['before the run, stamps: none']);
  });
});
