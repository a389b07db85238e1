import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Two clips of 0.4 MB, pictures of 0.2, and the code: a fixture or a report that slips in is larger than what is left. */
const MAX_PACKED_BYTES = 1_700_000;
/** A machine that is busy with something else may spoil a run; a user would make it again. */
const MAX_ATTEMPTS = 3;
const INVALID = 111;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(cwd: string, program: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: 150_000 });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
  });
}

/** Every file below a folder with its size and time, to see whether anything was touched. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path} ${statSync(path).size} ${statSync(path).mtimeMs}`)
    .sort();
}

describe('the package, installed into an empty folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dorami-load package '));
  const home = join(folder, 'an empty folder');
  const npx = (...args: string[]): Promise<Ended> =>
    run(home, 'npx', ['--no-install', 'dorami-load', ...args]);
  let packed: { readonly files: readonly { readonly path: string }[]; readonly size: number };
  let installed: readonly string[];

  beforeAll(async () => {
    const pack = await run(ROOT, 'npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]);
    expect(pack.code, pack.stderr).toBe(0);
    const [first] = JSON.parse(pack.stdout) as [typeof packed & { readonly filename: string }];
    packed = first;
    mkdirSync(home);
    // As `npm init` leaves it; without one npm looks for a project in the folders above.
    writeFileSync(join(home, 'package.json'), '{ "private": true }');
    const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, first.filename)];
    const done = await run(home, 'npm', install);
    expect(done.code, done.stderr).toBe(0);
    installed = filesBelow(join(home, 'node_modules', 'dorami-load'));
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('holds what a run needs and a user reads, and nothing else', () => {
    const paths = packed.files.map(({ path }) => path);
    const tops = new Set(paths.map((path) => path.split('/')[0]));
    const wanted = [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'assets',
      'bench',
      'bin',
      'dist',
      'docs',
      'package.json',
    ];
    expect([...tops].sort()).toEqual([...wanted, 'schema']);
    expect(paths.filter((path) => path.startsWith('bench/'))).toEqual(['bench/README.md']);
    expect(paths.filter((path) => /\.test\.|\.d\.ts$|\.map$|\.tsx?$|fixtures/.test(path))).toEqual([]);
    expect(packed.size).toBeLessThan(MAX_PACKED_BYTES);
  });

  test('says its version', async () => {
    const { code, stdout } = await npx('--version');
    expect(code).toBe(0);
    expect(stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test('runs a smoke test there, passes, and judges the folder of it again', async () => {
    const load = ['--vus', '5', '--profile', 'smoke', '--duration', '15s'];
    let result = await npx(...load);
    for (let attempt = 1; result.code === INVALID && attempt < MAX_ATTEMPTS; attempt++)
      result = await npx(...load);
    expect(result.code, result.stderr).toBe(0);
    const [newest = ''] = readdirSync(join(home, 'runs')).sort().reverse();
    const again = await npx('judge', join('runs', newest));
    expect(again.code, again.stderr).toBe(0);
    expect(again.stdout).toBe(result.stdout);
  });

  test('follows a viewer there, and draws its timeline again from the lines', async () => {
    const followed = await npx('trace', '--duration', '4s', '--no-preflight', '--out', 'followed');
    expect(followed.code, followed.stderr).toBe(0);
    const [run = ''] = readdirSync(join(home, 'followed'));
    const page = join(home, 'followed', run, 'trace', 'vu-0.timeline.html');
    rmSync(page);
    const drawn = await npx('timeline', join('followed', run));
    expect(drawn.code, drawn.stderr).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('"kind":"head"');
  });

  test('says there that nobody takes what would be published', async () => {
    // Nobody listens at port 1; without ffmpeg that is said instead.
    const published = await npx('publish', '--to', 'rtmp://127.0.0.1:1/live', '--stream-key', 'k');
    expect(published.code, published.stderr).toBe(113);
  });

  test('serves the stage until it is stopped', async () => {
    const bin = join(home, 'node_modules', '.bin', 'dorami-load');
    const child = spawn(bin, ['stage', '--port', '0', '--ready', 'json'], { cwd: home, stdio: 'pipe' });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const line = await new Promise<string>((resolve) =>
      child.stdout.once('data', (text) => resolve(String(text))),
    );
    const { urls } = JSON.parse(line) as { urls: { hlsUrl: string } };
    expect((await fetch(`${urls.hlsUrl}/hls/demo.m3u8`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  test('writes nothing into its own folder, which may belong to somebody else', () => {
    expect(filesBelow(join(home, 'node_modules', 'dorami-load'))).toEqual(installed);
  });
});
