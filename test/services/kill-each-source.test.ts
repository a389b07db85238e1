import { type ChildProcess, fork, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import type { FromCollector } from '../../src/collect/child-protocol.js';
import type { CollectConfig } from '../../src/collect/config.js';
import type { SystemLine } from '../../src/collect/line.js';
import { systemLineSchema } from '../../src/collect/line-schema.js';
import { type CollectorProcess, startCollector } from '../../src/run/collector-process.js';
import { container, statsV2 } from '../support/docker-bodies.js';
import { needs } from './available.js';
import { freePort, type Service, temporaryFolder } from './child.js';
import { DockerEngineDouble } from './docker-engine.js';
import { startNginx } from './nginx.js';
import { PlatformHttp } from './platform-http.js';
import { startPostgres } from './postgres.js';
import { startRedis } from './redis.js';

/** Over less than 0.5 s nothing is told per time. */
const INTERVAL_MS = 600;
const PATIENCE_MS = 15_000;
const VICTIM = 'a-process-of-the-platform-that-will-be-killed';

const lines: SystemLine[] = [];
const turns: string[] = [];
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** The collector of a run, as a run starts it: a process of its own. */
function collect(config: CollectConfig): CollectorProcess {
  const main = fileURLToPath(new URL('../../dist/collect/child-main.js', import.meta.url));
  const order = { config, intervalMs: INTERVAL_MS, allowTargets: [], insecure: false };
  const take = (message: FromCollector): void => {
    if (message.kind === 'line') lines.push(message.line);
    else if (message.kind === 'turn') turns.push(`${message.source}: ${message.gap ?? 'back'}`);
  };
  const options = { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] as ('ignore' | 'pipe' | 'ipc')[] };
  const collector = startCollector(order, take, (): ChildProcess => fork(main, [], options));
  ends.push(() => collector.stop());
  return collector;
}

/** The first line from now on whose gaps are these and no others. */
async function lineWithout(...silent: readonly string[]): Promise<SystemLine> {
  const wanted = [...silent].sort().join(' ');
  const from = lines.length;
  for (let waited = 0; waited < PATIENCE_MS; waited += 20) {
    const found = lines.slice(from).find(({ gaps }) => Object.keys(gaps).sort().join(' ') === wanted);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const seen = lines.slice(-8).map(({ gaps }) => JSON.stringify(gaps));
  throw new Error(`no line whose gaps are "${wanted}", but ${seen.join('\n')}`);
}

function signalGroup({ pid }: Pick<Service, 'pid'>, name: NodeJS.Signals): void {
  process.kill(-pid, name);
}

function busy(): () => string {
  const begunEpochMs = Date.now();
  return () => {
    const epochMs = Date.now();
    return statsV2({ read: new Date(epochMs).toISOString(), cpuNs: (epochMs - begunEpochMs) * 5e5 });
  };
}

/** Everything that can be asked, each by itself: it can hang, go on, and be killed for good. */
async function platform() {
  const folder = temporaryFolder('kill-each');
  const [nginxLog, srsLog] = [join(folder, 'access.log'), join(folder, 'srs.log')];
  for (const path of [nginxLog, srsLog]) writeFileSync(path, '');
  const port = await freePort();
  const status = `location = /nginx_status { stub_status; access_log off; } location / { return 200; }`;
  const server = `server { listen 127.0.0.1:${port}; access_log ${nginxLog}; ${status} }`;
  const nginxFolder = temporaryFolder('kill-nginx');
  const [docker, srs, backend, redis, postgres, nginx] = await Promise.all([
    DockerEngineDouble.start([container('srs', { stats: busy() })]),
    PlatformHttp.start(),
    PlatformHttp.start(),
    startRedis(),
    startPostgres(),
    startNginx({ folder: nginxFolder, port, http: server }),
  ]);
  const victim = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', VICTIM], { stdio: 'ignore' });
  ends.push(
    () => rmSync(folder, { recursive: true, force: true }),
    () => docker.stop(),
    () => srs.stop(),
    () => backend.stop(),
    () => redis.stop(),
    () => postgres.stop(),
    () => nginx.stop(),
    () => victim.kill('SIGKILL'),
  );
  const config: CollectConfig = {
    docker: { host: `unix://${docker.path}`, containers: [{ match: '.' }] },
    host: true,
    generator: true,
    processes: [{ name: 'victim', match: VICTIM }],
    nginx: { 'access-log': nginxLog, status: `http://127.0.0.1:${port}/nginx_status` },
    srs: { api: srs.origin, log: srsLog },
    backend: {
      health: `${backend.origin}/health`,
      monitoring: {
        url: `${backend.origin}/monitoring`,
        fields: { heap_used_mb: { at: 'heap', unit: 'bytes' } },
      },
    },
    redis: { url: redis.url },
    postgres: { url: postgres.url },
    json: [{ name: 'queue', url: `${backend.origin}/monitoring`, values: { heap: 'heap' } }],
    prometheus: [{ name: 'node', url: `${backend.origin}/metrics`, metrics: ['load'] }],
  };
  const store = (each: typeof redis) => ({
    hang: () => each.signal('SIGSTOP'),
    resume: () => each.signal('SIGCONT'),
    kill: () => each.signal('SIGKILL'),
  });
  const http = (each: PlatformHttp) => ({
    hang: () => each.hang(true),
    resume: () => each.hang(false),
    kill: () => each.stop(),
  });
  /** By the sources that go with it. */
  const parts: Readonly<Record<string, { hang(): void; resume(): void; kill(): unknown }>> = {
    docker: {
      hang: () => {
        docker.hangs = true;
      },
      resume: () => {
        docker.hangs = false;
      },
      kill: () => docker.stop(),
    },
    'nginx.status': {
      hang: () => signalGroup(nginx, 'SIGSTOP'),
      resume: () => signalGroup(nginx, 'SIGCONT'),
      kill: () => signalGroup(nginx, 'SIGKILL'),
    },
    'srs.api': http(srs),
    'backend.health backend.monitoring metrics.node metrics.queue': http(backend),
    redis: store(redis),
    postgres: store(postgres),
  };
  return { config, parts, victim, nginxLog, srsLog };
}

it('every source hangs and is killed, one after another: a gap of its own with the reason, and all others stand in the same line', async (context) => {
  needs(context, 'nginx', 'redis', 'postgres');
  const { config, parts, victim, nginxLog, srsLog } = await platform();
  const collector = collect(config);
  await lineWithout();
  const { process: running, docker } = await lineWithout();
  expect(running?.victim?.pids).toBe(1);
  expect(docker?.srs?.mem_mb).toBe(200);

  for (const [names, part] of Object.entries(parts)) {
    part.hang();
    const { gaps } = await lineWithout(...names.split(' '));
    for (const why of Object.values(gaps)) expect(why).toMatch(/answer|still busy/);
    part.resume();
    await lineWithout();
  }
  // A process that is stopped is still there: it uses nothing, and that is measured.
  victim.kill('SIGSTOP');
  await lineWithout();
  expect((await lineWithout()).process?.victim?.cpu_pct).toBe(0);

  const dead: string[] = [];
  for (const [names, part] of Object.entries(parts)) {
    await part.kill();
    dead.push(...names.split(' '));
    const { gaps } = await lineWithout(...dead);
    for (const name of names.split(' ')) expect(gaps[name]).toMatch(/refused|no socket|reset|closed/);
  }
  victim.kill('SIGKILL');
  await lineWithout(...dead, 'process.victim');
  dead.push('process.victim');
  // Logs are files: what was written last can be read although its server is dead, and what is no log is a gap.
  appendFileSync(nginxLog, '127.0.0.1 - - [23/Nov/2026:05:00:00 +0000] "GET /a HTTP/1.1" 200 1 "-" "-"\n');
  const from = lines.length;
  await lineWithout(...dead);
  rmSync(srsLog);
  mkdirSync(srsLog);
  dead.push('srs.log');
  const last = await lineWithout(...dead);
  expect(last.gaps['srs.log']).toMatch(/EISDIR|directory/);
  expect(lines.slice(from).reduce((sum, { nginx }) => sum + (nginx?.requests ?? 0), 0)).toBe(1);
  expect(last).not.toHaveProperty('redis');
  expect(last).not.toHaveProperty('docker');
  expect(last.host?.mem_mb).toBeGreaterThan(0);
  expect(last.generator?.cores).toBeGreaterThan(0);
  expect(last.nginx).not.toHaveProperty('connections_active');
  await collector.stop();
  for (const line of lines) expect(systemLineSchema.safeParse(line).error).toBeUndefined();
  const told = new Set(turns.map((turn) => turn.split(': ')[0]));
  for (const name of dead) expect(told).toContain(name);
}, 90_000);
