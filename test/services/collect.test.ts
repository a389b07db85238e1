import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SystemLine } from '../../src/collect/line.js';
import { systemLineSchema } from '../../src/collect/line-schema.js';
import { startCli } from '../e2e/cli.js';
import { type StageProcess, startStage } from '../e2e/stage.js';
import { needs } from './available.js';
import { freePort, temporaryFolder } from './child.js';
import { startNginx } from './nginx.js';

const REQUESTS = { ok: 25, missing: 7, dead: 4, media: 3 };

let stage: StageProcess;
let out = '';

beforeAll(async () => {
  stage = await startStage();
  out = mkdtempSync(join(tmpdir(), 'dorami-load-collect-'));
}, 30_000);

afterAll(async () => {
  await stage.stop();
  rmSync(out, { recursive: true, force: true });
});

it('counts what nginx answered, and nginx stopped midway is a gap while the others go on', async (context) => {
  needs(context, 'nginx');
  const port = await freePort();
  const closed = await freePort();
  const folder = temporaryFolder('nginx-collect');
  const log = join(folder, 'timed.log');
  const nginx = await startNginx({ folder, port, http: nginxHttp(port, closed, log) });
  const origin = `http://127.0.0.1:${port}`;
  const config = join(out, 'sources.yaml');
  writeFileSync(
    config,
    `interval: 1s
processes: [{ name: stage, match: "dorami-load.js stage.*${stage.usersFile}" }, { name: nginx, match: "^nginx: " }]
srs: { api: "${stage.origin}" }
nginx: { access-log: ${log}, format: timed, status: "${origin}/nginx_status" }
backend: { health: "${stage.origin}/api/health/ready" }
`,
  );
  const cli = startCli(['collect', '--config', config, '--out', out]);
  try {
    await cli.says(/6 sources/);
    await lines(out, (all) => all.length >= 2);
    for (const [path, times] of [
      ['/api/health/ready', REQUESTS.ok],
      ['/api/no-such-thing', REQUESTS.missing],
      ['/dead/x', REQUESTS.dead],
      ['/live/none.m3u8', REQUESTS.media],
    ] as const) {
      for (let i = 0; i < times; i++) await (await fetch(`${origin}${path}`)).arrayBuffer();
    }
    const wanted = REQUESTS.ok + REQUESTS.missing + REQUESTS.dead;
    const counted = await lines(out, (all) => sum(all, 'requests') >= wanted);
    expect(sum(counted, 'requests')).toBe(wanted);
    expect(sum(counted, 'media_requests')).toBe(REQUESTS.media);
    expect(sum(counted, 'error_4xx')).toBe(REQUESTS.missing);
    expect(sum(counted, 'error_502')).toBe(REQUESTS.dead);
    expect(sum(counted, 'error_5xx')).toBe(REQUESTS.dead);
    expect(sum(counted, 'unread_lines')).toBe(0);
    const timed = counted.filter((line) => (line.nginx?.requests ?? 0) > 0);
    expect(timed.length).toBeGreaterThan(0);
    for (const { nginx: values } of timed) expect(values).toHaveProperty('rt_p95_ms');
    expect(counted.some(({ nginx: values }) => (values?.connections_active ?? 0) >= 1)).toBe(true);

    await nginx.stop();
    // On a busy machine any other source may be late for once: one line of all that shows the gap and the others is enough.
    const isWanted = ({ gaps }: SystemLine): boolean =>
      gaps['nginx.status'] === 'the connection is refused' &&
      !('backend.health' in gaps) &&
      !('srs.api' in gaps);
    const last = (await lines(out, (all) => all.some(isWanted))).find(isWanted);
    expect(last?.nginx).not.toHaveProperty('connections_active');
    expect(last?.backend?.health_status).toBe(200);
    expect(last?.srs).toMatchObject({ streams_active: 1, publishers: 1 });
    expect(last?.process?.stage?.pids).toBe(1);
    expect(last?.process?.stage?.mem_mb).toBeGreaterThan(10);
    await cli.says(/nginx\.status: gap: /);

    cli.signal('SIGINT');
    const { code, stderr } = await cli.done;
    expect(code).toBe(0);
    expect(stderr).toMatch(/stopped by SIGINT: \d+ lines/);
    for (const line of readLines(out)) expect(systemLineSchema.safeParse(line).error).toBeUndefined();
  } finally {
    cli.signal('SIGKILL');
    await nginx.stop();
  }
}, 60_000);

function nginxHttp(port: number, closed: number, log: string): string {
  return `
  log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent" "$http_x_forwarded_for" rt=$request_time '
    'uct="$upstream_connect_time" uht="$upstream_header_time" urt="$upstream_response_time"';
  server {
    listen 127.0.0.1:${port};
    access_log ${log} timed;
    location = /nginx_status { access_log off; stub_status; }
    location /dead/ { proxy_pass http://127.0.0.1:${closed}; }
    location / { proxy_pass ${stage.origin}; }
  }`;
}

function readLines(folder: string): SystemLine[] {
  const text = readFileSync(join(folder, 'system.ndjson'), 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as SystemLine);
}

function sum(all: readonly SystemLine[], field: string): number {
  return all.reduce((total, { nginx }) => total + (nginx?.[field] ?? 0), 0);
}

/** All lines, as soon as they are as wanted. */
async function lines(folder: string, wanted: (all: readonly SystemLine[]) => boolean): Promise<SystemLine[]> {
  for (let waited = 0; waited < 20_000; waited += 100) {
    const all = readLines(folder);
    if (wanted(all)) return all;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const told = readLines(folder).map(({ nginx, gaps }) => JSON.stringify({ ...nginx, gaps }));
  throw new Error(`not seen: ${told.join('\n').slice(0, 4000)}`);
}
