import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Measure, THRESHOLDS, type Threshold } from '../alerts/thresholds.js';
import { overridesOf } from './alert-config.js';
import { ALERT_FILE, AlertLog } from './alert-log.js';
import { alertLineSchema } from './alert-schema.js';
import { FIELDS } from './fields.js';
import type { SystemLine } from './line.js';

const EPOCH_MS = Date.parse('2026-02-28T10:00:00.000Z');

function line(second: number, evicted_keys: number, own: Partial<SystemLine> = {}): SystemLine {
  const timestamp = new Date(EPOCH_MS + second * 1000).toISOString();
  return { timestamp, redis: { evicted_keys }, spans_ms: {}, gaps: {}, restarted: [], absent: {}, ...own };
}

async function opened(overrides = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'dorami-alerts-'));
  const said: string[] = [];
  const path = join(folder, ALERT_FILE);
  const redact = (text: string): string => text.replaceAll('s3cret', '[hidden]');
  const log = new AlertLog({ path, intervalMs: 5000, overrides, redact, say: (text) => said.push(text) });
  const read = async (): Promise<string> => {
    await log.flush();
    return readFile(path, 'utf8');
  };
  return { log, said, read };
}

describe('the log of alerts', () => {
  it('has a line of its schema for each raise and each clear, and tells both', async () => {
    const { log, said, read } = await opened();
    for (const [second, keys] of [
      [0, 2],
      [5, 0],
      [10, 0],
      [15, 0],
      [20, 0],
    ] as const)
      log.take(line(second, keys));
    const lines = (await read())
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    for (const each of lines) expect(alertLineSchema.parse(each)).toEqual(each);
    expect(lines).toEqual([
      {
        timestamp: '2026-02-28T10:00:00.000Z',
        ...{ kind: 'raised', id: 'redis-evicted', severity: 'warning' },
        ...{ words: 'evicted keys 2 (> 0)', value: 2 },
      },
      {
        timestamp: '2026-02-28T10:00:20.000Z',
        ...{ kind: 'cleared', id: 'redis-evicted', severity: 'warning' },
        ...{ words: 'evicted keys 2 (> 0)', value: 0, heldMs: 20_000 },
      },
    ]);
    expect(said).toEqual([
      'alert warning: evicted keys 2 (> 0)',
      'alert over after 20 s: evicted keys 2 (> 0)',
    ]);
    expect(log.summary()).toBe('1 alerts (0 critical), 0 hold still');
  });

  it('is on the axis of the run within one, and hides what is secret', async () => {
    const { log, read } = await opened();
    log.take(line(0, 0, { atMs: -2500, docker: { s3cret: { mem_pct: 99 } } } as Partial<SystemLine>));
    const [first] = (await read()).trimEnd().split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({
      atMs: -2500,
      name: 'docker.[hidden]',
      severity: 'critical',
    });
  });

  it('says at the end of what nothing is known', async () => {
    const { log } = await opened();
    expect(log.summary()).toBe('no alert was raised');
    log.take(line(0, 1));
    log.take({
      timestamp: new Date(EPOCH_MS + 5000).toISOString(),
      spans_ms: {},
      gaps: { redis: 'x' },
      restarted: [],
      absent: {},
    });
    expect(log.summary()).toBe('1 alerts (0 critical), 0 hold still, of 1 it is not known');
  });

  it('raises nothing that the configuration has off', async () => {
    const { log, said } = await opened(overridesOf({ 'redis-evicted': 'off' }));
    log.take(line(0, 5));
    expect(said).toEqual([]);
  });
});

describe('alerts of a file of sources', () => {
  it('are off, or have a bound and a time of their own', () => {
    expect(
      overridesOf({ 'redis-hits': 'off', 'redis-ops': false, 'container-cpu': { bound: 70, for: '30s' } }),
    ).toEqual({ 'redis-hits': false, 'redis-ops': false, 'container-cpu': { bound: 70, forMs: 30_000 } });
    expect(overridesOf(undefined)).toEqual({});
  });
});

describe('the table of thresholds', () => {
  const pathsOf = (measure: Measure): readonly string[] => {
    if (measure.kind === 'per_minute') return [measure.path];
    if (measure.kind !== 'share') return measure.paths;
    return Object.values(measure.of).flatMap(({ part, whole }) => [...part, ...whole]);
  };

  it('names only fields that a line can have', () => {
    const thresholds: Threshold[] = Object.values(THRESHOLDS);
    const paths = thresholds.flatMap(({ measure, from }) => [
      ...pathsOf(measure),
      ...(from ? [from.path] : []),
    ]);
    expect(paths.length).toBeGreaterThan(40);
    const unknown = paths.filter((path) => {
      const parts = path.split('.');
      const table = FIELDS[parts[0] as keyof typeof FIELDS];
      return table?.[parts.at(-1) ?? ''] === undefined;
    });
    expect(unknown).toEqual([]);
  });
});
