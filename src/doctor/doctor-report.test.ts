import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_PROFILE } from '../scenarios/profiles.js';
import { configFindings } from './config-files.js';
import { doctorReport, doctorText } from './doctor-report.js';
import type { Finding } from './finding.js';
import { loadNeed } from './load-need.js';

const ABOUT = {
  ...{ version: '0', atEpochMs: 0, probes: [] },
  load: { profile: 'smoke', vus: 50, durationMs: 60_000 },
};

function one(id: string, area: Finding['area'], severity: Finding['severity']): Finding {
  return { id, area, severity, text: `text of ${id}`, ...(severity === 'ok' ? {} : { fix: `fix of ${id}` }) };
}

describe('the report', () => {
  const findings = [
    one('memory', 'machine', 'warning'),
    one('nofile', 'machine', 'error'),
    one('rest', 'target', 'error'),
    one('flv', 'target', 'ok'),
    { ...one('mw_latency', 'configuration', 'warning'), where: 'srs.conf:4' },
  ];

  it('ends with what to change: what spoils the run first, the platform before the machine', () => {
    const report = doctorReport(ABOUT, findings);
    expect(report.exitCode).toBe(113);
    expect(report.toChange.map(({ id }) => id)).toEqual(['rest', 'nofile', 'memory', 'mw_latency']);
    const text = doctorText(report, false);
    expect(text).toMatch(/✓ flv +text of flv/);
    expect(text).toMatch(/! mw_latency +srs\.conf:4: text of mw_latency/);
    expect(text).toMatch(/in this order\n {2}1\. ✗ rest: fix of rest\n {2}2\. ✗ nofile/);
    expect(text).toMatch(/2 findings would spoil the run, 2 warnings: see above what to change$/);
  });

  it('with warnings alone ends well', () => {
    const report = doctorReport(
      ABOUT,
      findings.filter(({ severity }) => severity !== 'error'),
    );
    expect(report.exitCode).toBe(0);
    expect(doctorText(report, false)).toMatch(
      /no findings would spoil the run, 2 warnings: nothing stands in the way/,
    );
  });
});

describe('a configuration file', () => {
  const need = loadNeed({ maxVus: 100, mix: { hls: 70, flv: 30 }, profile: DEFAULT_PROFILE, localIps: [] });
  const write = (text: string): string => {
    const folder = mkdtempSync(join(tmpdir(), 'dorami-load-doctor-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'x.conf');
    writeFileSync(path, text);
    return path;
  };
  const brief = async (kind: 'nginx' | 'srs', path: string) =>
    (await configFindings(kind, path, need)).map(({ id, severity }) => `${id} ${severity}`);

  it('that is not there, is empty or has a slip is told of', async () => {
    expect(await brief('srs', '/no/such/file')).toEqual(['srs_config error']);
    expect(await brief('srs', write(''))).toEqual(['srs_config error']);
    expect(await brief('srs', write('vhost x { play { mw_latency 0; }'))).toEqual([
      'srs_syntax warning',
      'mw_latency warning',
    ]);
  });

  it('without a trap is fine, and says so', async () => {
    expect(await brief('srs', write('max_connections 5000;'))).toEqual(['srs_config ok']);
  });

  it('that is longer than any real one is not read', async () => {
    expect(await brief('nginx', write(`${'# x\n'.repeat(1_100_000)}`))).toEqual(['nginx_config error']);
  });
});

describe('what a run asks', () => {
  it('is counted from one address', () => {
    const profile = { ...DEFAULT_PROFILE, rates: { productsEveryMs: 5000, statusEveryMs: 20_000 } };
    const need = { maxVus: 100, mix: { hls: 70, flv: 30 }, profile };
    expect(loadNeed({ ...need, localIps: [] })).toMatchObject({
      ...{ vus: 100, addresses: 1, heldPerAddress: 130, mediaHeld: 30, callsPerS: 25, hls: true, flv: true },
    });
    expect(loadNeed({ ...need, localIps: ['127.0.0.1', '127.0.0.2'] })).toMatchObject({
      ...{ heldPerAddress: 65, callsPerS: 12.5 },
    });
  });
});
