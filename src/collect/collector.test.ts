import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { Collector } from './collector.js';
import { Deltas } from './deltas.js';
import type { SystemLine } from './line.js';
import { systemLineSchema } from './line-schema.js';
import type { Reading, Source } from './reading.js';

const health = (read: Source['read']): Source => ({ name: 'backend.health', section: 'backend', read });
const nginx = (read: Source['read']): Source => ({ name: 'nginx.log', section: 'nginx', read });

function collect(sources: readonly Source[]) {
  const clock = new VirtualClock();
  const lines: SystemLine[] = [];
  const turns: string[] = [];
  const collector = new Collector({
    ...{ clock, sources, intervalMs: 5000, deadlineMs: 4000, absent: { redis: 'not collected' } },
    onLine: (line) => lines.push(line),
    onTurn: (name, gap) => turns.push(`${name} ${gap ?? 'back'}`),
  });
  const to = async (atMs: number): Promise<void> => {
    while (clock.nowMs() < atMs) {
      clock.advance(500);
      for (let i = 0; i < 20; i++) await Promise.resolve();
    }
  };
  return { clock, lines, turns, collector, to };
}

describe('Collector', () => {
  it('writes a line at once and one every interval, each of the documented shape', async () => {
    let count = 0;
    const { lines, collector, to } = collect([
      nginx(async () => ({ values: { requests: ++count }, spanMs: 5000, absent: { rt: 'not logged' } })),
    ]);
    collector.start();
    await to(10_500);
    expect(lines.map((line) => line.nginx?.requests)).toEqual([1, 2, 3]);
    expect(lines.map((line) => line.interval_ms)).toEqual([undefined, 5000, 5000]);
    expect(lines[1]?.absent).toEqual({ redis: 'not collected', 'nginx.rt': 'not logged' });
    for (const line of lines) expect(systemLineSchema.parse(line)).toEqual(line);
  });

  it('a source of several is told of by part: each has its gap, its span and its return', async () => {
    const looks: Reading['parts'][] = [
      [{ key: 'srs', reading: { values: { cpu_pct: 5 }, spanMs: 5000, absent: { healthy: 'no check' } } }],
      [
        { key: 'srs', gap: 'exited' },
        { key: 'redis', reading: { values: { cpu_pct: 7 }, restarted: true } },
      ],
      [{ key: 'redis', gap: 'exited' }],
      [{ key: 'srs', reading: { values: { cpu_pct: 6 } } }],
    ];
    const { lines, turns, collector, to } = collect([
      {
        ...{ name: 'docker', section: 'docker' },
        read: async () => ({ values: {}, parts: looks.shift() ?? [] }),
      },
    ]);
    collector.start();
    await to(15_500);
    expect(lines.map(({ docker }) => docker)).toEqual([
      { srs: { cpu_pct: 5 } },
      { redis: { cpu_pct: 7 } },
      undefined,
      { srs: { cpu_pct: 6 } },
    ]);
    expect(lines.map(({ gaps }) => gaps)).toEqual([
      {},
      { 'docker.srs': 'exited' },
      { 'docker.redis': 'exited' },
      {},
    ]);
    expect(lines[0]?.spans_ms).toEqual({ 'docker.srs': 5000 });
    expect(lines[0]?.absent['docker.srs.healthy']).toBe('no check');
    expect(lines[1]?.restarted).toEqual(['docker.redis']);
    // One that is not spoken of any more is not back.
    expect(turns).toEqual(['docker.srs exited', 'docker.redis exited']);
    for (const line of lines) expect(systemLineSchema.parse(line)).toEqual(line);
  });

  it('a source that fails, throws at once or hangs is a gap, and the others stand in the same line', async () => {
    const never = new Promise<Reading>(() => {});
    let asked = 0;
    const { lines, turns, collector, to } = collect([
      health(async () => ({ values: { health_status: 200 } })),
      nginx(() => {
        throw new Error('broken\nat a line of code');
      }),
      {
        ...{ name: 'srs.api', section: 'srs' },
        read: () => {
          asked++;
          return never;
        },
      },
    ]);
    collector.start();
    await to(11_000);
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      expect(line.backend).toEqual({ health_status: 200 });
      expect(line.gaps['nginx.log']).toBe('broken');
      expect(line).not.toHaveProperty('srs');
      expect(line).not.toHaveProperty('nginx');
    }
    expect(lines[0]?.gaps['srs.api']).toBe('no answer within 4000 ms');
    expect(lines[1]?.gaps['srs.api']).toBe('still busy with the question of 5 s ago');
    expect(asked).toBe(1);
    expect(turns).toEqual(['nginx.log broken', 'srs.api no answer within 4000 ms']);
  });

  it('says when a source is back', async () => {
    let isDown = true;
    const { turns, collector, to } = collect([
      health(async () => {
        if (isDown) throw new Error('refused');
        return { values: { health_status: 200 } };
      }),
    ]);
    collector.start();
    await to(1000);
    isDown = false;
    await to(6000);
    expect(turns).toEqual(['backend.health refused', 'backend.health back']);
  });

  it('ends with a last line and closes its sources', async () => {
    let closed = 0;
    const source = nginx(async () => ({ values: { requests: 7 }, spanMs: 1500 }));
    const { lines, collector, to } = collect([{ ...source, close: async () => void closed++ }]);
    collector.start();
    await to(1500);
    await collector.stop();
    await collector.stop();
    expect(lines.map((line) => line.interval_ms)).toEqual([undefined, 1500]);
    expect(closed).toBe(1);
    await to(20_000);
    expect(lines).toHaveLength(2);
  });
});

describe('Deltas', () => {
  it('tells growth and its span, and no growth at all after a restart', () => {
    const deltas = new Deltas();
    expect(deltas.take({ a: 5, b: 9 }, 0)).toEqual({ restarted: false });
    expect(deltas.take({ a: 8, b: 9 }, 15_000)).toEqual({
      by: { a: 3, b: 0 },
      spanMs: 15_000,
      restarted: false,
    });
    expect(deltas.take({ a: 2, b: 10 }, 20_000)).toEqual({ restarted: true, spanMs: 5000 });
    expect(deltas.take({ a: 3, b: 10 }, 25_000)).toEqual({
      by: { a: 1, b: 0 },
      spanMs: 5000,
      restarted: false,
    });
  });
});
