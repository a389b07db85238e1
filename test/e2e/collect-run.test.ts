import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RunSystemLine } from '../../src/collect/line.js';
import { runCli, type Summary, startLoad, temporaryOut } from './cli.js';

const MARK = 'a-part-of-the-platform-that-will-die';

function victim(): ChildProcess {
  return spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', MARK], { stdio: 'ignore' });
}

/** The collector's process of a run. */
function collectorOf(pid: number): number | undefined {
  const list = execFileSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' }).split('\n');
  const found = list.find(
    (line) => line.includes('collect/child-main.js') && line.trim().split(/\s+/)[1] === String(pid),
  );
  return found === undefined ? undefined : Number(found.trim().split(/\s+/)[0]);
}

async function until<T>(look: () => T | undefined, what: string): Promise<T> {
  for (let i = 0; i < 200; i++) {
    const found = look();
    if (found !== undefined) return found;
    await sleep(200);
  }
  throw new Error(`${what}: not within 40 s`);
}

function linesOf(folder: string | undefined): RunSystemLine[] {
  const path = join(folder ?? '', 'system.ndjson');
  if (!existsSync(path)) return [];
  const whole = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return whole.map((text) => JSON.parse(text) as RunSystemLine);
}

test('a source and the collector itself are killed: gaps that are told of, and the run comes to its end', async () => {
  const out = temporaryOut();
  const sources = join(out, 'sources.yaml');
  writeFileSync(
    sources,
    `interval: 1s\nprocesses:\n  - { name: stage, match: "dorami-load.js stage" }\n  - { name: victim, match: "${MARK}" }\n`,
  );
  const part = victim();
  try {
    const run = startLoad(['--profile', 'smoke', '--vus', '5', '--duration', '16s', '--collect', sources], {
      outDir: out,
    });
    const folder = await until(() => {
      const name = readdirSync(out).find((entry) => entry.includes('-smoke-'));
      return name !== undefined && linesOf(join(out, name)).length >= 4 ? join(out, name) : undefined;
    }, 'lines of the platform');
    part.kill('SIGKILL');
    await until(() => linesOf(folder).find(({ gaps }) => 'process.victim' in gaps), 'the gap of the source');
    const collector = await until(() => collectorOf(run.pid), 'the collector');
    process.kill(collector, 'SIGKILL');
    await run.done;
    const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as Summary;

    expect(summary.vus.joined).toBe(5);
    expect(summary.gate).toBe('full');
    expect(summary.notes.join('\n')).toContain("the collector of the platform's metrics ended by SIGKILL");
    const lines = linesOf(folder);
    expect(lines[0]?.atMs).toBeLessThan(0);
    const killed = lines.findIndex(({ gaps }) => 'process.victim' in gaps);
    expect(lines[killed - 1]?.process?.victim?.mem_mb).toBeGreaterThan(1);
    // The run went on with a collector that was begun anew, and took a last line at its end.
    const last = lines.at(-1);
    expect(last?.atMs).toBeGreaterThan(15_000);
    expect(last?.process?.stage?.mem_mb).toBeGreaterThan(1);
    // Our own box stands beside them although the file does not name it, with what only the run knows.
    const own = lines.filter(({ generator }) => (generator?.viewers ?? 0) === 5);
    expect(own.length).toBeGreaterThan(4);
    for (const { generator } of own) expect(generator).toHaveProperty('loop_p99_ms');
    expect(own.some(({ generator }) => (generator?.run_cpu_cores ?? 0) > 0)).toBe(true);
    expect(own.some(({ generator }) => (generator?.cpu_pct ?? 0) > 0)).toBe(true);
    expect(own.at(-1)?.generator?.run_rss_mb).toBeGreaterThan(50);
    const html = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(html).toContain('id="chart-platform-cpu"');
    expect(html).toContain('process.victim');
    const again = await runCli(['judge', folder, '--json']);
    expect(JSON.parse(again.stdout)).toEqual(JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')));
  } finally {
    part.kill('SIGKILL');
  }
}, 120_000);
