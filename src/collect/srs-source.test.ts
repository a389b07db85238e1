import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FetchText } from './fetch-text.js';
import { FIELDS } from './fields.js';
import { createSrsSource, SrsLogCounter } from './srs-source.js';

const SIGNAL = new AbortController().signal;

/** Recorded from SRS 6.0.157: one publisher, FLV and HLS viewers. */
const recorded = (name: string): string =>
  readFileSync(new URL(`../../test/fixtures/srs/api/${name}.json`, import.meta.url), 'utf8');

function server(change: (name: string, body: string) => string = (_, body) => body): FetchText {
  return async (url) => {
    const { pathname, searchParams } = new URL(url);
    const name = pathname.split('/').at(-1) ?? '';
    const tree = JSON.parse(change(name, recorded(name))) as Record<string, unknown[]>;
    // Without a count SRS answers ten.
    const start = Number(searchParams.get('start') ?? 0);
    const count = Number(searchParams.get('count') ?? 10);
    if (name !== 'summaries') tree[name] = tree[name]?.slice(start, start + count) ?? [];
    return { status: 200, body: JSON.stringify(tree), tookMs: 1 };
  };
}

describe('createSrsSource', () => {
  it('reads the answers of a real SRS', async () => {
    const { values } = await createSrsSource('http://127.0.0.1:1985', server(), () => 0).read(SIGNAL);
    const { clients } = JSON.parse(recorded('clients')) as { clients: { type: string }[] };
    expect(values).toMatchObject({
      clients: clients.length,
      clients_flv: clients.filter(({ type }) => type === 'flv-play').length,
      clients_hls: clients.filter(({ type }) => type === 'hls-play').length,
      ...{ streams: 1, streams_active: 1, publishers: 1, publisher_uptime_s: 57.05 },
      ...{ recv_kbps: 2633, send_kbps: 224, frames: 1201, uptime_s: 72, connections: 6, cpu_pct: 1 },
    });
    expect(values.clients_flv).toBeGreaterThan(0);
    expect(values.mem_mb).toBeCloseTo(15.995, 2);
    expect(Object.keys(FIELDS.srs)).toEqual(expect.arrayContaining(Object.keys(values)));
  });

  it('asks for all pages of clients', async () => {
    const many = server((name, body) => {
      if (name !== 'clients') return body;
      const tree = JSON.parse(body) as { clients: object[] };
      const clients = Array.from({ length: 2345 }, (_, id) => ({ ...tree.clients[0], id: `c${id}` }));
      return JSON.stringify({ ...tree, clients });
    });
    const { values } = await createSrsSource('http://127.0.0.1:1985', many, () => 0).read(SIGNAL);
    expect(values.clients).toBe(2345);
  });

  it('tells rates since the last look, and none over a restart', async () => {
    let nowMs = 0;
    let bytes = 1_000_000;

    const growing = server((name, body) => {
      if (name !== 'summaries') return body;
      return body.replace(/"srs_recv_bytes": \d+/, `"srs_recv_bytes": ${bytes}`);
    });
    const source = createSrsSource('http://127.0.0.1:1985', growing, () => nowMs);
    expect((await source.read(SIGNAL)).values).not.toHaveProperty('recv_now_kbps');
    nowMs = 5000;
    bytes += 1_250_000;
    expect((await source.read(SIGNAL)).values.recv_now_kbps).toBe(2000);
    nowMs = 10_000;
    bytes = 10;
    const restarted = await source.read(SIGNAL);
    expect(restarted.restarted).toBe(true);
    expect(restarted.values).not.toHaveProperty('recv_now_kbps');
    expect(restarted.values.clients).toBeGreaterThan(0);
  });

  it.each([
    [{ minKbps: 500, maxKbps: 6000 }, 1],
    [{ minKbps: 3000, maxKbps: 6000 }, 0],
    [{ minKbps: 500, maxKbps: 2000 }, 0],
  ])('the bitrate of a published stream is within the band %j: %s', async (band, isIn) => {
    const { values } = await createSrsSource('http://x', server(), () => 0, band).read(SIGNAL);
    expect(values).toMatchObject({
      ...{ bitrate_low_kbps: 2633, bitrate_high_kbps: 2633, bitrate_in_band: isIn },
    });
  });

  it.each([
    ['"active": true', '"active": false', 'nothing is being published'],
    ['"recv_30s": 2633', '"recv_99s": 1', 'a stream does not tell its bitrate'],
    ['"alive": 57.05', '"alive": 12.5', 'a publisher is connected for less than 30 s'],
  ])('is in no band and out of none with %s as %s', async (from, to, why) => {
    const changed = server((_, body) => {
      const text = JSON.stringify(JSON.parse(body), null, 1);
      return text.replace(from, to);
    });
    const { values, absent } = await createSrsSource('http://x', changed, () => 0).read(SIGNAL);
    expect(values).not.toHaveProperty('bitrate_in_band');
    expect(absent?.bitrate_in_band).toContain(why);
  });

  it('a rate that a stream does not tell is absent and no zero', async () => {
    const changed = server((_, body) =>
      JSON.stringify(JSON.parse(body), null, 1).replace('"recv_30s": 2633', '"recv_99s": 1'),
    );
    const { values, absent } = await createSrsSource('http://x', changed, () => 0).read(SIGNAL);
    expect(values).not.toHaveProperty('recv_kbps');
    expect(values.send_kbps).toBe(224);
    expect(absent?.recv_kbps).toBe('a stream does not tell it');
  });

  it('is a gap for an answer that is none of SRS', async () => {
    const broken = server((name, body) => (name === 'streams' ? '{"code":100}' : body));
    await expect(createSrsSource('http://x', broken, () => 0).read(SIGNAL)).rejects.toThrow(
      'streams is no answer of SRS',
    );
    const failing: FetchText = async () => ({ status: 404, body: '', tookMs: 1 });
    await expect(createSrsSource('http://x', failing, () => 0).read(SIGNAL)).rejects.toThrow('answered 404');
  });
});

// Lines written by hand after SRS's two ways to write a level.
describe('SrsLogCounter', () => {
  it('is silent about lines that the level may hide', () => {
    const counter = new SrsLogCounter();
    counter.add('[2026-11-22 09:06:05.123][WARN][17847][abc] something else');
    const { values, absent } = counter.take();
    expect(values).toEqual({});
    expect(Object.keys(absent ?? {})).toEqual(['dropped_frame_lines', 'disconnect_lines']);
  });

  it('counts a kind once it was seen, and all of them once the level is known to show them', () => {
    const counter = new SrsLogCounter();
    counter.add('[2026-11-22 09:06:05.123][WARN][17847][abc][104] client disconnect peer. ret=1007');
    expect(counter.take()).toMatchObject({ values: { disconnect_lines: 1 } });
    expect(counter.take().values).toEqual({ disconnect_lines: 0 });
    counter.add('[2026-11-22 09:06:06.123][INFO][17847][abc] anything');
    expect(counter.take()).toEqual({ values: { dropped_frame_lines: 0, disconnect_lines: 0 }, absent: {} });
  });
});
