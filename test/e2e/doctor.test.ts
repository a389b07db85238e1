import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clockAnswer } from '../../src/clock/clock-answer.js';
import { readCollectConfig } from '../../src/collect/config.js';
import type { DoctorReport } from '../../src/doctor/doctor-report.js';
import type { Finding } from '../../src/doctor/finding.js';
import { needs } from '../services/available.js';
import { freePort, temporaryFolder } from '../services/child.js';
import { startNginxProxy } from '../services/nginx-proxy.js';
import { runCli } from './cli.js';
import { runShell } from './hard-shell.js';
import { startStage } from './stage.js';

const PATIENCE_MS = 120_000;

/** Each finding as `id severity`. */
function brief({ findings }: DoctorReport): readonly string[] {
  return findings.map(({ id, severity }) => `${id} ${severity}`);
}

function find({ findings }: DoctorReport, id: string): Finding | undefined {
  return findings.find((one) => one.id === id);
}

function reportOf(stdout: string): DoctorReport {
  return JSON.parse(stdout) as DoctorReport;
}

/** A clock that is wrong by so much. */
async function startClock(offsetMs: number): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(clockAnswer(Date.now() + offsetMs)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

describe.concurrent('doctor', () => {
  test('finds nothing that would spoil a run on a healthy platform, leaves it as it was, and writes what it could ask', async ({
    onTestFinished,
  }) => {
    const stage = await startStage();
    onTestFinished(() => stage.stop());
    const sources = join(temporaryFolder('doctor'), 'sources.yaml');
    const flags = [...stage.flags(), '--vus', '4', '--write-collect', sources];
    const result = await runCli(['doctor', ...flags, '--json'], { timeoutMs: PATIENCE_MS });
    const report = reportOf(result.stdout);
    expect([result.code, report.counts.error], result.stdout).toEqual([0, 0]);
    expect(brief(report)).toEqual(
      expect.arrayContaining(
        [
          'rest',
          'sockets',
          'flv',
          'hls',
          'stamps',
          'capture_clock',
          'tokens',
          'sockets_held',
          'flv_held',
        ].map((id) => `${id} ok`),
      ),
    );
    expect(report.probes).toHaveLength(3);
    expect(result.stderr).toMatch(/probing limits: at most \d+ WebSockets/);
    expect(result.stdout + result.stderr).not.toMatch(/eyJ/);
    expect(readCollectConfig(sources, [], [])).toMatchObject({ backend: {}, srs: { api: stage.origin } });
    const { viewers, sockets } = await stage.counts();
    expect([viewers.now, sockets.connectionsNow]).toEqual([0, 0]);
  }, 150_000);

  test("names the limits of a real nginx with their numbers, and the traps of the platform's files", async (context) => {
    needs(context, 'nginx');
    const stage = await startStage();
    context.onTestFinished(() => stage.stop());
    const proxy = await startNginxProxy({
      apiOrigin: stage.origin,
      connectionLimit: 20,
      // Refused with 429, as nginx is often told to, and as the application's own throttle answers.
      apiLimit: { perS: 10, burst: 5, status: 429 },
    });
    context.onTestFinished(() => proxy.stop());
    const folder = temporaryFolder('doctor-files');
    const srs = join(folder, 'srs.conf');
    writeFileSync(srs, 'vhost x {\n play {\n  gop_cache_max_frames 30;\n  mw_latency 0;\n }\n}\n');
    const nginx = join(folder, 'nginx.conf');
    writeFileSync(nginx, 'events { worker_connections 128; }\n');
    const flags = [...stage.flags(proxy.origin), '--vus', '100'];
    const files = ['--srs-config', srs, '--nginx-config', nginx];
    const result = await runCli(['doctor', ...flags, ...files, '--json'], { timeoutMs: PATIENCE_MS });
    const report = reportOf(result.stdout);
    expect(result.code, result.stderr).toBe(113);
    expect(result.reason).toMatch(/^exit 113: doctor: \d+ findings would spoil the run/);
    const [held, rate] = [find(report, 'sockets_held'), find(report, 'request_rate')];
    expect([held?.severity, rate?.severity]).toEqual(['error', 'error']);
    expect(held?.text).toMatch(
      /at most (19|20) at a time from one address, then nginx, limit_conn refuses \(HTTP 503/,
    );
    const said = /about ([\d.]+) a second got through: nginx, limit_req \(HTTP 429, server: nginx/;
    const [, perS] = said.exec(rate?.text ?? '') ?? [];
    expect(Number(perS), rate?.text).toBeGreaterThan(5);
    expect(Number(perS)).toBeLessThan(16);
    expect(find(report, 'mw_latency')?.where).toBe(`${srs}:4`);
    expect(find(report, 'gop_cache_max_frames')?.where).toBe(`${srs}:3`);
    expect(brief(report)).toContain('worker_connections error');
    // What was announced is what was sent.
    const reads = proxy.requests().filter(({ path }) => path.endsWith('/status'));
    expect(reads.length).toBeLessThanOrEqual(122);
    const sockets = proxy.requests().filter(({ path }) => path.includes('transport=websocket'));
    expect(sockets.length).toBeLessThanOrEqual(66);
  }, 150_000);

  test('names nofile 256, missing stamps, a clock off by 2 s, tokens that end within the run, and a source that is silent', async ({
    onTestFinished,
  }) => {
    const stage = await startStage(['--token-ttl', '90s', '--users-count', '100', '--fault', 'no-stamps']);
    const clock = await startClock(2000);
    onTestFinished(async () => {
      clock.close();
      await stage.stop();
    });
    const folder = temporaryFolder('doctor-planted');
    const users = join(folder, 'access-only.csv');
    const rows = readFileSync(stage.usersFile, 'utf8').trim().split('\n');
    writeFileSync(users, rows.map((row) => row.split(',').slice(0, 2).join(',')).join('\n'));
    const sources = join(folder, 'sources.yaml');
    const silent = `http://127.0.0.1:${await freePort()}`;
    writeFileSync(
      sources,
      `backend: { health: "${stage.origin}/api/health/ready" }\nsrs: { api: "${silent}" }\n`,
    );
    const target = ['--target', stage.origin, '--stream-key', stage.streamKey, '--users', users];
    const load = ['--vus', '100', '--duration', '5m', '--capture-clock', clock.url, '--collect', sources];
    const args = [...target, ...load, '--no-probes', '--json'].map((word) => `'${word}'`).join(' ');
    const result = await runShell(`ulimit -n 256; dorami_load doctor ${args}`);
    expect(result.code, result.stderr).toBe(113);
    const report = reportOf(result.stdout);
    expect(brief(report)).toEqual(
      expect.arrayContaining([
        ...['nofile error', 'stamps error', 'tokens error', 'publisher_clock warning', 'source error'],
        ...['rest ok', 'flv ok', 'hls ok', 'sources ok', 'limits unknown'],
      ]),
    );
    expect(find(report, 'nofile')?.text).toMatch(/^nofile 256 /);
    expect(find(report, 'publisher_clock')?.text).toMatch(/^the publisher's clock is 2\.0 s ahead of ours/);
    expect(find(report, 'tokens')?.text).toMatch(/100 of 100 users end before the run/);
    expect(find(report, 'sources')?.text).toMatch(/^1 of 2 sources/);
    expect(find(report, 'source')?.text).toMatch(/^srs\.api does not answer: the connection is refused/);
    expect(report.toChange.every(({ fix }) => fix !== undefined)).toBe(true);
    expect(result.stdout + result.stderr).not.toMatch(/eyJ/);
  }, 100_000);

  test('names a stream that is not live, and a platform that is not there', async ({ onTestFinished }) => {
    const stage = await startStage();
    onTestFinished(() => stage.stop());
    await stage.plant({ kind: 'short-grace', ms: 1 });
    await stage.plant({ kind: 'drop-publisher' });
    const dead = ['--target', `http://127.0.0.1:${await freePort()}`];
    const [offline, silent] = await Promise.all(
      [stage.flags(), dead].map((target) =>
        runCli(['doctor', ...target, '--vus', '4', '--no-probes'], { timeoutMs: PATIENCE_MS }),
      ),
    );
    expect([offline?.code, silent?.code]).toEqual([113, 113]);
    expect(offline?.stdout).toMatch(/✗ rest +the platform says the stream is OFFLINE/);
    expect(offline?.stdout).toMatch(/What to change, in this order\n +1\. ✗ rest: put the stream on air/);
    expect(silent?.stdout).toMatch(/✗ platform .*ECONNREFUSED/);
    expect(silent?.stdout).toMatch(/\? limits +not looked for: the platform does not answer/);
  }, 150_000);
});
