import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunSystemLine } from '../collect/line.js';
import type { RunConfig } from '../config.js';
import type { AlertEntry } from '../dashboard/state.js';
import { readAlerts } from './read-alerts.js';
import { openRunAlerts } from './run-alerts.js';

const SECRET = 'open-sesame';
const COLLECT = {
  intervalMs: 5000,
  secrets: [{ reveal: () => SECRET }],
  config: {},
} as unknown as NonNullable<RunConfig['collect']>;

let folder = '';
let said: string[] = [];
let shown: AlertEntry[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorami-alerts-'));
  said = [];
  shown = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const openHere = (collect: RunConfig['collect'] = COLLECT, where = folder) =>
  openRunAlerts(
    collect === undefined ? {} : { collect },
    where,
    (text) => said.push(text),
    (entry) => shown.push(entry),
  );

function line(atMs: number, evicted: number): RunSystemLine {
  const timestamp = new Date(1_770_000_000_000 + atMs).toISOString();
  return {
    timestamp,
    atMs,
    redis: { evicted_keys: evicted },
    spans_ms: {},
    gaps: {},
    restarted: [],
    absent: {},
  };
}

describe('the alerts of a run', () => {
  it('have a log from the start, so that an empty one says that none was raised', async () => {
    expect(await readAlerts(folder)).toBeUndefined();
    const alerts = await openHere();
    expect(await readAlerts(folder)).toEqual({ list: [], raised: 0, critical: 0, open: [], openCount: 0 });
    await alerts?.end();
    expect(said).toEqual(['platform: no alert was raised']);
  });

  it('are none where nothing is collected, and no file is made', async () => {
    expect(
      await openRunAlerts(
        {},
        folder,
        () => {},
        () => {},
      ),
    ).toBeUndefined();
    expect(existsSync(join(folder, 'alerts.ndjson'))).toBe(false);
  });

  it('go to the log, the terminal and the dashboard, and are read back from the folder', async () => {
    const alerts = await openHere();
    for (const [atMs, evicted] of [
      [0, 0],
      [5000, 3],
      [10_000, 0],
      [15_000, 0],
      [20_000, 0],
      [25_000, 0],
    ] as const)
      alerts?.take(line(atMs, evicted));
    await alerts?.end();
    appendFileSync(join(folder, 'alerts.ndjson'), '{"cut');
    const stories = await readAlerts(folder);
    expect(stories?.raised).toBe(1);
    expect(stories?.list[0]).toMatchObject({ raisedAtMs: 5000 });
    expect(stories?.list[0]?.clearedAtMs).toBeGreaterThanOrEqual(20_000);
    expect(said.filter((text) => text.includes('alert'))).toHaveLength(3);
    expect(shown.map(({ clearedAtMs }) => clearedAtMs === undefined)).toEqual([true, false]);
    expect(readFileSync(join(folder, 'alerts.ndjson'), 'utf8')).not.toContain(SECRET);
  });

  it('of a folder that cannot be written are told, and the run goes on', async () => {
    const alerts = await openHere(COLLECT, join(folder, 'gone'));
    alerts?.take(line(0, 5));
    await alerts?.end();
    expect(said[0]).toContain('cannot be written');
    expect(said.at(-1)).toContain('could not be written');
    expect(shown).toHaveLength(1);
  });
});
