import { fork } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FromCollector } from '../src/collect/child-protocol.js';
import type { CollectConfig } from '../src/collect/config.js';
import type { SystemLine } from '../src/collect/line.js';
import { startCollector } from '../src/run/collector-process.js';
import { freePort } from '../test/services/child.js';
import { DockerEngineDouble } from '../test/services/docker-engine.js';
import { startNginx } from '../test/services/nginx.js';
import { PlatformHttp } from '../test/services/platform-http.js';
import { startPostgres } from '../test/services/postgres.js';
import { startRedis } from '../test/services/redis.js';
import { container, statsV2 } from '../test/support/docker-bodies.js';

/**
 * What the collector costs with every source at once: CPU of its process, as a run starts it, as a share of one core.
 * The platform is a real nginx, Redis and PostgreSQL, a Docker Engine double with eight containers that sends a line of
 * stats a second for each, SRS's recorded answers with as many clients as are asked for, and an access log that grows.
 *
 * `node dist-bench/bench/collect.js [--seconds 65] [--clients 500] [--log-lines-per-s 200]`, from the repository's root
 */
const flag = (name: string, fallback: string): number => {
  const at = process.argv.indexOf(`--${name}`);
  return Number(at < 0 ? fallback : (process.argv[at + 1] ?? fallback));
};
const seconds = flag('seconds', '65');
const clients = flag('clients', '500');
const linesPerS = flag('log-lines-per-s', '200');
const WARM_UP_S = 10;
const NAMES = ['backend', 'frontend', 'srs', 'nginx', 'redis', 'postgres', 'prometheus', 'grafana'];

const recorded = (name: string): string => readFileSync(`test/fixtures/srs/api/${name}.json`, 'utf8');
const listed = JSON.parse(recorded('clients')) as { clients: object[] };
const many = Array.from({ length: clients }, (_, index) => ({
  ...listed.clients[index % listed.clients.length],
  id: `client-${index}`,
}));
/** In pages, as SRS lists them. */
function clientsBody(query: URLSearchParams): string {
  const start = Number(query.get('start') ?? 0);
  return JSON.stringify({ ...listed, clients: many.slice(start, start + Number(query.get('count') ?? 10)) });
}
const page = Array.from(
  { length: 300 },
  (_, index) => `node_thing_${index}{device="d${index}"} ${index}`,
).join('\n');
const folder = mkdtempSync(join(tmpdir(), 'dorami-bench-'));
const [accessLog, srsLog] = [join(folder, 'access.log'), join(folder, 'srs.log')];
for (const path of [accessLog, srsLog]) writeFileSync(path, '');
const port = await freePort();
const [docker, http, redis, postgres, nginx] = await Promise.all([
  DockerEngineDouble.start(
    NAMES.map((name) => container(name, { stats: statsNow() })),
    1000,
  ),
  PlatformHttp.start({
    '/api/v1/summaries': () => recorded('summaries'),
    '/api/v1/streams': () => recorded('streams'),
    '/api/v1/clients': clientsBody,
    '/health': () => '{"status":"ok"}',
    '/monitoring': () => '{"heap":50000000}',
    '/metrics': () => page,
  }),
  startRedis(),
  startPostgres(),
  startNginx({
    folder: mkdtempSync(join(tmpdir(), 'dorami-bench-nginx-')),
    port,
    http: `server { listen 127.0.0.1:${port}; access_log off; location = /nginx_status { stub_status; } }`,
  }),
]);

const config: CollectConfig = {
  docker: { host: `unix://${docker.path}`, containers: [{ match: '.' }] },
  ...{ host: true, generator: true },
  processes: [{ name: 'node', match: 'node' }],
  nginx: { 'access-log': accessLog, format: 'timed', status: `http://127.0.0.1:${port}/nginx_status` },
  srs: { api: http.origin, log: srsLog },
  backend: {
    health: `${http.origin}/health`,
    monitoring: {
      url: `${http.origin}/monitoring`,
      fields: { heap_used_mb: { at: 'heap', unit: 'bytes' } },
    },
  },
  redis: { url: redis.url, stream: 'key', live: 'id' },
  postgres: { url: postgres.url },
  prometheus: [{ name: 'node', url: `${http.origin}/metrics`, metrics: ['node_thing_1*'] }],
};

function statsNow(): () => string {
  const begunEpochMs = Date.now();
  return () => {
    const epochMs = Date.now();
    return statsV2({ read: new Date(epochMs).toISOString(), cpuNs: (epochMs - begunEpochMs) * 5e5 });
  };
}

/** What nginx would write. */
function grow(): void {
  const line =
    '127.0.0.1 - - [23/Nov/2026:05:00:00 +0000] "GET /api/products?page=1 HTTP/1.1" 200 512 "http://x/" "Mozilla/5.0 (X11; Linux x86_64)" "-" rt=0.012 uct="0.001" uht="0.010" urt="0.011"\n';
  appendFileSync(accessLog, line.repeat(Math.round(linesPerS / 5)));
}

/** CPU that a process has used, ms; the kernel counts it in steps of 10. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const lines: SystemLine[] = [];
const main = fileURLToPath(new URL('../src/collect/child-main.js', import.meta.url));
let pid = 0;
const collector = startCollector(
  { config, intervalMs: 5000, allowTargets: [], insecure: false },
  (message: FromCollector) => {
    if (message.kind === 'line') lines.push(message.line);
  },
  () => {
    const child = fork(main, [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: ['--max-old-space-size=128'],
    });
    pid = child.pid ?? 0;
    return child;
  },
);
const growing = setInterval(grow, 200);
const wait = (s: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, s * 1000));
try {
  await wait(WARM_UP_S);
  const [beforeMs, atMs, from] = [cpuMsOf(pid), performance.now(), lines.length];
  await wait(seconds);
  const [cpuMs, wallMs] = [cpuMsOf(pid) - beforeMs, performance.now() - atMs];
  const measured = lines.slice(from);
  const gaps = [...new Set(measured.flatMap((line) => Object.keys(line.gaps)))];
  const bytes = measured.map((line) => Buffer.byteLength(JSON.stringify(line)));
  console.log(`${measured.length} lines, gaps: ${gaps.join(', ') || 'none'}`);
  console.log(`of nginx's log ${measured.reduce((sum, { nginx }) => sum + (nginx?.requests ?? 0), 0)} lines`);
  console.log(`SRS clients ${measured.at(-1)?.srs?.clients}, a line has ${Math.max(...bytes)} bytes at most`);
  console.log(
    `CPU ${cpuMs} ms in ${(wallMs / 1000).toFixed(1)} s: ${((cpuMs / wallMs) * 100).toFixed(2)} % of a core`,
  );
} finally {
  clearInterval(growing);
  await collector.stop();
  await Promise.all([docker.stop(), http.stop(), redis.stop(), postgres.stop(), nginx.stop()]);
  rmSync(folder, { recursive: true, force: true });
}
