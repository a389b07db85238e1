import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CliResult, kpisWith, measured, NODE, runCli, runLoad, temporaryOut, total } from './cli.js';
import { type StageCounts, startStage } from './stage.js';

/** Another Node than that of the tests: the same claims on a run as short as a run with data in each row can be. */
const SHORT = process.env.DORAMI_TEST_NODE !== undefined;
const VUS = SHORT ? 10 : 20;
const DURATION_S = SHORT ? 15 : 30;

describe('a smoke run against a platform without faults', () => {
  let counts: StageCounts;
  let result: CliResult;
  beforeAll(async () => {
    result = await measured(async () => {
      const stage = await startStage();
      try {
        // The counts below are of the run alone.
        const run = ['--vus', String(VUS), '--duration', `${DURATION_S}s`, '--json', '--no-preflight'];
        const done = await runLoad([...stage.flags(), ...run]);
        counts = await stage.counts();
        return done;
      } finally {
        await stage.stop();
      }
    });
  }, 150_000);

  test('ran on the Node that was meant', () => {
    const { stdout } = spawnSync(NODE, ['--version'], { encoding: 'utf8' });
    expect(result.summary?.run.nodeVersion).toBe(stdout.trim());
  });

  test('passes, with no KPI left without data', () => {
    expect(kpisWith(result, 'fail'), result.stderr).toEqual([]);
    expect(kpisWith(result, 'no_data')).toEqual([]);
    expect(result.code, result.stderr).toBe(0);
    expect(result.summary).toMatchObject({ verdict: 'pass', gate: 'viewer', exitCode: 0 });
    expect(result.summary?.vus).toEqual({ planned: VUS, joined: VUS, maxConcurrent: VUS, lost: 0 });
  });

  test('has counted what the platform says it sent, within 1 %', () => {
    expect(counts.sockets.connectionsTotal).toBe(VUS);
    expect(counts.viewers.joins).toBe(VUS);
    expectWithin(total(result, 'chat_sent_count'), counts.chat.accepted);
    expectWithin(total(result, 'segment_count', 'hls'), counts.hls.segments);
    expectWithin(total(result, 'received_bytes', 'hls'), counts.hls.segmentBodyBytes);
    expectWithin(total(result, 'tag_count', 'flv'), counts.flv.tags);
    expectWithin(total(result, 'received_bytes', 'flv'), counts.flv.bodyBytes);
    expectWithin(
      total(result, 'chat_delivered_count') + total(result, 'chat_echo_count'),
      counts.chat.deliveries,
    );
  });

  test('leaves reports in its folder, and the same can be made again from it', async () => {
    const runDir = result.runDir ?? '';
    const out = temporaryOut();
    const again = await runCli(['report', runDir, '--out', out]);
    expect(again.code, again.stderr).toBe(0);
    for (const name of ['report.html', 'summary.md', 'junit.xml', 'series.csv']) {
      const written = readFileSync(join(runDir, name), 'utf8');
      expect(written.length, name).toBeGreaterThan(1000);
      expect(readFileSync(join(out, name), 'utf8'), name).toBe(written);
    }
    expect(readFileSync(join(runDir, 'summary.md'), 'utf8')).toContain('PASS');
  });

  test('prints the summary of the run folder, and it has the shape of the schema in the package', () => {
    const printed = JSON.parse(result.stdout) as object;
    expect(printed).toEqual(result.summary);
    const schema = readFileSync(new URL('../../schema/summary.schema.json', import.meta.url), 'utf8');
    const ajv = new Ajv2020({ allErrors: true, strict: false });
    const fits = ajv.validate(JSON.parse(schema) as object, printed);
    expect(ajv.errors ?? []).toEqual([]);
    expect(fits).toBe(true);
  });

  test('is judged again from its folder with the same summary and the same exit code', async () => {
    const again = await runCli(['judge', '--json', result.runDir as string]);
    expect(again.code, again.stderr).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual(result.summary);
  });

  test('wrote at most one tick of at most 8 KB per worker and second', () => {
    const lines = readFileSync(join(result.runDir as string, 'ticks.ndjson'), 'utf8')
      .trimEnd()
      .split('\n');
    const perSecond = new Map<string, number>();
    for (const line of lines) {
      expect(line.length).toBeLessThanOrEqual(8192);
      const tick = JSON.parse(line) as { worker?: number; toMs?: number };
      if (tick.worker === undefined || tick.toMs === undefined) continue;
      const key = `${tick.worker} ${Math.round(tick.toMs / 1000)}`;
      perSecond.set(key, (perSecond.get(key) ?? 0) + 1);
    }
    expect(perSecond.size).toBeGreaterThan(DURATION_S - 5);
    expect([...perSecond.values()].filter((count) => count > 2)).toEqual([]);
  });
});

test('--print-plan says what would be run, and runs nothing', async () => {
  const outDir = temporaryOut();
  const result = await runLoad(['--print-plan', '--vus', '7'], { outDir });
  expect(result.code, result.stderr).toBe(0);
  expect(result.stdout).toMatch(/7/);
  expect(result.runDir).toBeUndefined();
});

function expectWithin(seen: number, sent: number): void {
  expect(sent).toBeGreaterThan(0);
  expect(Math.abs(seen - sent) / sent, `seen ${seen}, sent ${sent}`).toBeLessThanOrEqual(0.01);
}
