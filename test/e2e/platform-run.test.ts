import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunSystemLine } from '../../src/collect/line.js';
import type { Parity } from '../../src/parity/parity-schema.js';
import { needs } from '../services/available.js';
import { freePort } from '../services/child.js';
import { startNginxProxy } from '../services/nginx-proxy.js';
import { startPostgres } from '../services/postgres.js';
import { startRedis } from '../services/redis.js';
import { kpi, runCli, startLoad, temporaryOut } from './cli.js';
import { startStage } from './stage.js';

/** What the dashboard says, as its page takes it: the first event of the stream. */
async function firstEvent(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/events`);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const piece = await reader?.read();
    text += piece?.value ?? '';
    const whole = /\ndata: (.*)\n\n/.exec(`\n${text}`);
    if (whole !== null || piece?.done !== false) {
      await reader?.cancel();
      return whole?.[1] ?? '';
    }
  }
}

test('a ramp behind a real nginx, with a real Redis and PostgreSQL: both sides on one dashboard and in one report, and a store that dies is a gap', async (context) => {
  needs(context, 'nginx', 'redis', 'postgres');
  const [stage, redis, postgres] = await Promise.all([startStage(), startRedis(), startPostgres()]);
  context.onTestFinished(() => Promise.all([stage.stop(), redis.stop(), postgres.stop()]).then(() => {}));
  const proxy = await startNginxProxy({ apiOrigin: stage.origin });
  context.onTestFinished(() => proxy.stop());
  const sources = join(temporaryOut(), 'sources.yaml');
  writeFileSync(
    sources,
    `interval: 1s
processes:
  - { name: stage, match: "dorami-load.js stage --port 0" }
nginx: { access-log: ${proxy.timedLog}, format: timed, status: ${proxy.origin}/nginx_status }
redis: { url: ${redis.url} }
postgres: { url: ${postgres.url} }
host: true
`,
  );
  // How like production it is, by what both stores say of themselves.
  const here = dirname(sources);
  const compose =
    'services: { redis: { image: "redis:7-alpine" }, postgres: { image: "postgres:9-alpine" } }';
  writeFileSync(join(here, 'compose.yml'), compose);
  const sides = 'production: { compose: compose.yml }\nstaging: { collect: sources.yaml }\n';
  writeFileSync(join(here, 'parity.yaml'), sides);
  const compared = await runCli(['parity', '--config', 'parity.yaml', '--json'], { cwd: here });
  expect(compared.code, compared.stderr).toBe(118);
  const rowOf = (id: string): object | undefined =>
    (JSON.parse(compared.stdout) as Parity).rows.find((row) => row.id === id);
  const version = { value: expect.stringMatching(/^\d+\.\d+/) };
  expect(rowOf('redis-version')).toMatchObject({ staging: { ...version, from: 'redis' }, state: 'same' });
  expect(rowOf('redis-maxmemory-policy')).toMatchObject({ staging: { value: 'noeviction', from: 'redis' } });
  expect(rowOf('postgres-version')).toMatchObject({ staging: { ...version, from: 'postgres' } });
  expect(rowOf('postgres-max-connections')).toMatchObject({ staging: { value: '100', from: 'postgres' } });
  expect(rowOf('srs-version')).toMatchObject({ state: 'open' });

  const port = await freePort();
  const load = ['--profile', 'ramp', '--vus', '10', '--time-scale', '0.01'];
  const parity = ['--parity', join(here, 'parity.json')];
  const watching = ['--collect', sources, '--dashboard', String(port), ...parity];
  const run = startLoad([...stage.flags(proxy.origin), ...load, ...watching]);

  await run.says(/hold 0:1\d/);
  const seen = JSON.parse(await firstEvent(port)) as unknown;
  const shown = JSON.stringify(seen);
  redis.signal('SIGKILL');
  const result = await run.done;

  // Both sides are on the dashboard.
  for (const words of ['redis', 'postgres', 'nginx', '"watching"']) expect(shown).toContain(words);
  // And in the folder: the platform went on without one of its parts, and so did the run.
  const folder = result.runDir ?? '';
  const text = readFileSync(join(folder, 'system.ndjson'), 'utf8').trimEnd();
  const lines = text.split('\n').map((line) => JSON.parse(line) as RunSystemLine);
  const dead = lines.filter(({ gaps }) => 'redis' in gaps);
  expect(dead.length).toBeGreaterThan(2);
  expect(dead.every((line) => line.redis === undefined)).toBe(true);
  // On a busy machine the other one may be late for once, and says so.
  expect(dead.filter((line) => line.postgres !== undefined).length).toBeGreaterThan(2);
  expect(dead.every((line) => 'postgres' in line.gaps || line.postgres !== undefined)).toBe(true);
  expect(lines.some(({ redis: values }) => (values?.connected_clients ?? 0) >= 1)).toBe(true);
  expect(lines.some(({ nginx }) => (nginx?.media_requests ?? 0) > 0 && (nginx?.requests ?? 0) > 0)).toBe(
    true,
  );
  expect(result.summary?.vus.joined).toBe(10);
  expect(result.summary?.gate).toBe('full');
  expect(kpi(result, 'redis_evictions')).toMatchObject({ status: 'no_data' });
  expect(['pass', 'fail']).toContain(kpi(result, 'memory_used').status);
  expect(result.summary?.notes.join('\n')).toMatch(
    /not as production is \(strategy 4\.1\): .*postgres-version/,
  );
  const html = readFileSync(join(folder, 'report.html'), 'utf8');
  expect(html).toMatch(/postgres:9-alpine/);
  const charts = ['cpu', 'nginx-rate', 'nginx-times', 'redis', 'postgres'].map(
    (id) => `chart-platform-${id}`,
  );
  for (const chart of [...charts, 'chart-viewers']) expect(html).toContain(`id="${chart}"`);
}, 120_000);
