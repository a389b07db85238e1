import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parseLine } from '../../src/trace/line.js';
import { runCli, runLoad, startLoad, temporaryOut } from './cli.js';
import { startStage } from './stage.js';

const SCHEMA = new URL('../../schema/trace.schema.json', import.meta.url);
const KEY = 'planted-stream-key-4711';

/** Every file below a folder, as text. */
function filesBelow(folder: string): Map<string, string> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    found.map(({ parentPath, name }) => [
      join(parentPath, name),
      readFileSync(join(parentPath, name), 'utf8'),
    ]),
  );
}

describe('viewers that are followed', () => {
  test('leave three files each, in which no key, token or cookie stands', async () => {
    const stage = await startStage(['--stream-key', KEY]);
    try {
      const users = join(temporaryOut(), 'users.csv');
      writeFileSync(users, readFileSync(stage.usersFile, 'utf8'));
      const secrets = readFileSync(users, 'utf8')
        .split('\n')
        .slice(1)
        .flatMap((row) => row.split(',').slice(1))
        .filter((cell) => cell.length > 8);
      expect(secrets.length).toBeGreaterThan(5);
      const run = [
        '--vus',
        '4',
        '--duration',
        '12s',
        '--no-preflight',
        '--trace-vu',
        '1,3',
        '--mix',
        'hls=50,flv=50',
      ];
      const result = await runLoad([
        ...stage.flags(),
        ...run,
        '--behaviour',
        'page',
        '--rate',
        'cart-add=100%',
      ]);
      const trace = join(result.runDir ?? '', 'trace');
      expect(readdirSync(trace).sort()).toEqual(
        [1, 3].flatMap((vu) => [`vu-${vu}.chrome.json`, `vu-${vu}.ndjson`, `vu-${vu}.timeline.html`]),
      );
      for (const [path, text] of filesBelow(result.runDir ?? '')) {
        for (const secret of [KEY, ...secrets])
          expect(text.includes(secret), `${path} has ${secret}`).toBe(false);
        expect(text, path).not.toMatch(/eyJ[\w-]{10,}\.eyJ/);
        expect(text, path).not.toMatch(/csrf-token=(?!\*)/);
        expect(text, path).not.toMatch(/hls_ctx=(?!\*)/);
      }
      const texts = readFileSync(join(trace, 'vu-1.ndjson'), 'utf8').trimEnd().split('\n');
      const schema = JSON.parse(readFileSync(SCHEMA, 'utf8')) as object;
      const fits = new Ajv2020({ allowUnionTypes: true }).compile(schema);
      for (const text of texts) expect(fits(JSON.parse(text)), text).toBe(true);
      const lines = texts.map(parseLine);
      const kinds = new Set(lines.map((line) => line?.kind));
      for (const kind of [
        'head',
        'state',
        'level',
        'second',
        'arrival',
        'keyframe',
        'request',
        'socket',
        'packet',
        'action',
        'event',
      ])
        expect(kinds, kind).toContain(kind);
      expect(result.stderr).toContain(join(trace, 'vu-1.timeline.html'));
    } finally {
      await stage.stop();
    }
  });

  test('that were killed with their run can still be drawn', async () => {
    const outDir = temporaryOut();
    const run = startLoad(['--vus', '2', '--duration', '60s', '--no-preflight', '--trace-vu', '0'], {
      outDir,
    });
    await run.says(/run folder/);
    const folder = (): string => join(outDir, readdirSync(outDir)[0] ?? '', 'trace');
    for (let i = 0; i < 200 && !existsSync(join(folder(), 'vu-0.ndjson')); i++) await sleep(100);
    await sleep(1500);
    run.signal('SIGKILL');
    await run.done;
    expect(existsSync(join(folder(), 'vu-0.timeline.html'))).toBe(false);
    const drawn = await runCli(['timeline', join(outDir, readdirSync(outDir)[0] ?? '')]);
    expect(drawn.code, drawn.stderr).toBe(0);
    expect(readFileSync(join(folder(), 'vu-0.timeline.html'), 'utf8')).toContain('"kind":"level"');
  });

  test('are named when they never came, and a run without any has no folder for them', async () => {
    const early = await runLoad([
      '--vus',
      '50',
      '--duration',
      '4s',
      '--no-preflight',
      '--trace-vu',
      '49',
      '--profile',
      'smoke',
    ]);
    expect(early.stderr).toMatch(/trace of viewer 49: it never came|vu-49\.timeline\.html/);
    const none = await runLoad(['--vus', '1', '--duration', '2s', '--no-preflight', '--profile', 'baseline']);
    expect(existsSync(join(none.runDir ?? '', 'trace'))).toBe(false);
  });

  test.each([
    { args: ['run', '--vus', '5', '--trace-vu', '5'], words: 'no such viewer (seen 5, wanted 0 to 4' },
    { args: ['run', '--trace-vu', 'three'], words: 'not the number of a viewer' },
    { args: ['trace', '--vus', '5'], words: '--vus: no such flag' },
    { args: ['trace', '--protocol', 'rtmp'], words: 'no such protocol' },
    { args: ['timeline'], words: 'DIR is missing' },
    { args: ['timeline', '/nowhere'], words: 'no trace in /nowhere' },
  ])('$args is answered with $words', async ({ args, words }) => {
    const result = await runCli(args);
    expect(result.code).toBe(104);
    expect(result.stderr).toContain(words);
  });
});
