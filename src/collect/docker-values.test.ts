import { describe, expect, it } from 'vitest';
import { container, inspectBody, type StatsChange, statsV2 } from '../../test/support/docker-bodies.js';
import { parseInspect, parseStats } from './docker-api.js';
import { ContainerMemory } from './docker-values.js';
import { FIELDS } from './fields.js';

function inspected(change: Parameters<typeof container>[1] = {}) {
  const parsed = parseInspect(inspectBody(container('srs', change)));
  if (parsed === undefined) throw new Error('no inspection');
  return parsed;
}

function sample(second: number, change: StatsChange = {}) {
  const read = new Date(Date.UTC(2026, 10, 23, 3, 0, second)).toISOString();
  const parsed = parseStats(statsV2({ read, ...change }));
  if (parsed === undefined) throw new Error('no sample');
  return parsed;
}

describe('values of a container', () => {
  it('CPU is of what its quota lets it use, over the span that the engine tells', () => {
    const quota = inspected({ host: { NanoCpus: 500_000_000 }, health: 'healthy' });
    const memory = new ContainerMemory();
    memory.note('a', quota);
    expect(memory.reading(quota, sample(0), 0).values).not.toHaveProperty('cpu_pct');
    memory.note('a', quota);
    const grown = {
      ...{ cpuNs: 6e9, rxBytes: 625_000, txBytes: 1_250_000, writeBytes: 10e6 },
      ...{ periods: 50, throttled: 10 },
    };
    // The line came 200 ms late: that is no part of the span.
    const { values, spanMs } = memory.reading(quota, sample(5, grown), 5200);
    expect(spanMs).toBe(5000);
    expect(values).toMatchObject({
      ...{ cpu_cores: 0.2, cpu_pct: 40, cpu_limit_cores: 0.5, cpu_throttled_pct: 20 },
      ...{ mem_mb: 200, mem_pct: 20, mem_limit_mb: 1000, pids: 17, healthy: 1, oom_killed: 0, restarts: 0 },
      ...{ net_rx_kbps: 1000, net_tx_kbps: 2000, net_drops: 0, net_rx_mb: 0.626 },
      ...{ block_write_mb_per_s: 2, block_read_mb_per_s: 0 },
    });
    expect(Object.keys(FIELDS.docker)).toEqual(expect.arrayContaining(Object.keys(values)));
  });

  it.each([
    [{}, 2, 50],
    [{ CpusetCpus: '0' }, 1, 100],
    [{ CpusetCpus: '0', NanoCpus: 4e9 }, 1, 100],
  ])('one core for 5 s with %j', (host, cores, percent) => {
    const limits = inspected({ host });
    const memory = new ContainerMemory();
    memory.reading(limits, sample(0), 0);
    const { values } = memory.reading(limits, sample(5, { cpuNs: 10e9 }), 5000);
    expect(values).toMatchObject({ cpu_limit_cores: cores, cpu_pct: percent });
  });

  it('the same line twice has gauges and no rates', () => {
    const memory = new ContainerMemory();
    memory.reading(inspected(), sample(0), 0);
    const { values, spanMs } = memory.reading(inspected(), sample(0), 1000);
    expect(spanMs).toBeUndefined();
    expect(values.mem_mb).toBe(200);
    expect(values).not.toHaveProperty('cpu_cores');
  });

  it("a step of the engine's clock does not change the span", () => {
    const memory = new ContainerMemory();
    memory.reading(inspected(), sample(0), 0);
    expect(memory.reading(inspected(), sample(3600, { cpuNs: 10e9 }), 5000).values.cpu_cores).toBe(1);
  });

  it.each([
    ['by its policy', 'a', { restartCount: 3, startedAt: '2026-11-23T03:00:02Z' }, 3],
    ['by hand, which the engine does not count', 'a', { startedAt: '2026-11-23T03:00:02Z' }, 1],
    ['as a new container of the same name', 'b', { startedAt: '2026-11-23T03:00:02Z' }, 1],
  ])('a restart %s is counted once, and nothing is told over it', (_, id, change, restarts) => {
    const memory = new ContainerMemory();
    memory.note('a', inspected());
    expect(memory.reading(inspected(), sample(0, { cpuNs: 90e9 }), 0).values).not.toHaveProperty('restarts');
    memory.note(id, inspected(change));
    const after = memory.reading(inspected(change), sample(5, { cpuNs: 95e9 }), 5000);
    expect(after.values.restarts).toBe(restarts);
    expect(after.restarted).toBe(true);
    expect(after.values).not.toHaveProperty('cpu_cores');
    memory.note(id, inspected(change));
    const next = memory.reading(inspected(change), sample(10, { cpuNs: 100e9 }), 10_000);
    expect(next.values).toMatchObject({ restarts: 0, cpu_cores: 1 });
    expect(next.restarted).toBeUndefined();
  });
});
