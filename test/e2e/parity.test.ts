import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from './cli.js';

const folder = mkdtempSync(join(tmpdir(), 'parity-'));
const api = createServer((_, answer) => answer.end('{"code":0,"data":{"version":"6.0.157"}}'));
const SRS = 'listen 1935;\nmax_connections 5000;\nvhost __defaultVhost__ { play { mw_latency 0; } }\n';

beforeAll(async () => {
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  const { port } = api.address() as AddressInfo;
  for (const side of ['production', 'staging']) {
    mkdirSync(join(folder, side, 'conf.d'), { recursive: true });
    writeFileSync(join(folder, side, 'srs.conf'), side === 'production' ? SRS : `# copy\n${SRS}`);
    const conf = 'events { worker_connections 1024; }\nhttp { include /etc/nginx/conf.d/*.conf; }\n';
    writeFileSync(join(folder, side, 'nginx.conf'), conf);
    const server = `server { listen 80; server_name ${side}.example.com; location /api/ { return 200; } }\n`;
    writeFileSync(join(folder, side, 'conf.d', 'a.conf'), server);
  }
  const compose = `services: { srs: { image: "ossrs/srs:6" }, redis: { image: "redis:7-alpine", command: redis-server --maxmemory 256mb } }`;
  writeFileSync(join(folder, 'compose.yml'), compose);
  const side = (name: string, more: string): string =>
    `${name}: { srs-conf: ${name}/srs.conf, nginx-conf: ${name}/nginx.conf, compose: compose.yml${more} }\n`;
  const sources = side('production', '') + side('staging', `, srs-api: "http://127.0.0.1:${port}"`);
  writeFileSync(join(folder, 'parity.yaml'), sources);
});

afterAll(() => {
  api.close();
  rmSync(folder, { recursive: true, force: true });
});

const parity = (...args: string[]) => runCli(['parity', '--config', 'parity.yaml', ...args], { cwd: folder });

test('asks for what it cannot read, takes the answers, and tells what differs by its exit code', async () => {
  const init = await parity('--init');
  expect([init.code, init.stdout.trim()]).toEqual([0, 'parity-answers.yaml']);
  const file = join(folder, 'parity-answers.yaml');
  const questions = readFileSync(file, 'utf8');
  expect(questions).toContain('docker exec BACKEND node -v');
  const answered = questions.replace(/^ {2}(production|staging):$/gm, '  $1: "as agreed 1"');
  writeFileSync(file, answered);
  const same = await parity('--answers', 'parity-answers.yaml');
  expect([same.code, same.stderr]).toEqual([0, '']);
  expect(same.stdout).toContain('staging: 6.0.157 (srs-api)');
  expect(same.stdout).toContain('16 of 16 rows the same');
  const { counts } = JSON.parse(readFileSync(join(folder, 'parity.json'), 'utf8'));
  expect(counts).toEqual({ same: 16, differs: 0, documented: 0, open: 0 });

  const open = await parity();
  expect(open.code).toBe(119);
  expect(open.reason).toMatch(/^exit 119: \d+ of 16 rows the same, \d+ open \(.*node-version/);

  writeFileSync(join(folder, 'staging', 'srs.conf'), SRS.replace('mw_latency 0', 'mw_latency 350'));
  const differs = await parity('--answers', 'parity-answers.yaml', '--json');
  expect(differs.code).toBe(118);
  expect(differs.reason).toBe('exit 118: 15 of 16 rows the same, 1 differs (srs-config)');
  const row = JSON.parse(differs.stdout).rows.find(({ id }: { id: string }) => id === 'srs-config');
  expect(row.differences[0]).toMatchObject({
    where: 'vhost __defaultVhost__ > play',
    staging: { text: 'mw_latency 350' },
  });
});

test('a file that is none ends before anything is compared', async () => {
  const { code, reason } = await runCli(['parity', '--config', 'nowhere.yaml'], { cwd: folder });
  expect([code, reason]).toEqual([104, expect.stringContaining('no such file')]);
  const own = await runCli(['--parity', 'parity.yaml', '--print-plan'], { cwd: folder });
  expect(own.code).toBe(104);
  expect(own.stderr).toMatch(/--parity: (goes with --target|not what dorami-load parity writes)/);
});
