import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatLine, type LineOf, parseLine, type TraceLine } from '../../src/trace/line.js';
import { type CliResult, runCli, temporaryOut } from '../e2e/cli.js';
import { chromeTraceProblems } from '../support/chrome-trace-format.js';
import { needs, serviceVersion } from './available.js';

/** Media held for 2 s; then the publisher goes and comes back with its numbers at 0. */
const FAULTS = ['--stage-fault', 'freeze:at=6,for=2', '--stage-fault', 'drop-publisher:at=12,for=6'];
const HOSTILE = '</script><img src="http://192.0.2.1/x" onerror="document.title = \'broken\'"><!-- <script>';
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** A page that takes its player away and makes a new one, whose stream then ends; of one stretch nothing was kept. */
const COMES_AND_GOES: readonly TraceLine[] = [
  { kind: 'head', atMs: 0, version: 1, vu: 7, run: 'made', startEpochMs: 0 },
  { kind: 'event', atMs: 0, name: 'vu_started', facts: {} },
  ...(
    [
      [0, 'starting'],
      [1000, 'running'],
      [4000, 'stalled'],
      [4050, 'running'],
      [5000, 'stopped'],
      [8000, 'starting'],
      [9000, 'running'],
      [15_000, 'ended'],
      [18_000, 'stopped'],
    ] as const
  ).map(([atMs, state]) => ({ kind: 'state', atMs, state }) as const),
  { kind: 'gap', atMs: 13_000, fromAtMs: 11_000, lines: 5 },
  { kind: 'latency', atMs: 2000, latencyMs: 900, source: 'stamp', clockUncertaintyMs: 3 },
  { kind: 'latency', atMs: 3000, latencyMs: 900, source: 'stamp' },
];

let result: CliResult;
let folder: string;
let lines: readonly TraceLine[];
let browser: Browser | undefined;

beforeAll(async () => {
  const outDir = temporaryOut();
  const own = ['--duration', '26s', '--no-preflight', '--out', outDir, ...FAULTS];
  result = await runCli(['trace', ...own], { outDir });
  folder = join(result.runDir ?? '', 'trace');
  // What another viewer wrote, put where it would stand.
  const chat = { namespace: '/chat', direction: 'in', name: HOSTILE, payload: HOSTILE } as const;
  appendFileSync(
    join(folder, 'vu-0.ndjson'),
    `${[
      formatLine({ kind: 'packet', atMs: 9000, ...chat }),
      formatLine({ kind: 'event', atMs: 9000, name: 'socket_error', facts: { code: HOSTILE } }),
      '{"kind":"packet","atMs":90',
    ].join('\n')}\n`,
  );
  writeFileSync(join(folder, 'vu-7.ndjson'), `${COMES_AND_GOES.map(formatLine).join('\n')}\n`);
  await runCli(['timeline', result.runDir ?? '']);
  lines = readFileSync(join(folder, 'vu-0.ndjson'), 'utf8')
    .split('\n')
    .flatMap((text) => parseLine(text) ?? []);
  if (serviceVersion('chromium') !== undefined)
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
}, 120_000);

afterAll(async () => {
  await browser?.close();
});

function events(name: string): LineOf<'event'>[] {
  return lines.filter((line): line is LineOf<'event'> => line.kind === 'event' && line.name === name);
}

/** Opens the page and notes whatever it asks the network for and complains of. */
async function opened(vu = 0): Promise<{ page: Page; asked: string[]; complaints: string[] }> {
  const page = await (browser as Browser).newPage({ viewport: { width: 1280, height: 800 } });
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(pathToFileURL(join(folder, `vu-${vu}.timeline.html`)).href);
  await page.waitForSelector('.chart[data-to]');
  return { page, asked, complaints };
}

/** The colour of one pixel of a lane, at an instant of the whole story; y as a share of its height. */
async function pixelAt(page: Page, lane: string, atMs: number, y: number): Promise<readonly number[]> {
  const { fromMs, toMs } = await shown(page);
  const share = (atMs - fromMs) / (toMs - fromMs);
  return (await page.evaluate(`(() => {
    const canvas = document.querySelector('canvas[data-lane="${lane}"]');
    const [x, y] = [Math.round(canvas.width * ${share}), Math.round(canvas.height * ${y})];
    return Array.from(canvas.getContext('2d').getImageData(x, y, 1, 1).data);
  })()`)) as readonly number[];
}

/** The part of the story that is on screen. */
async function shown(page: Page): Promise<{ fromMs: number; toMs: number }> {
  const [fromMs, toMs] = [
    await page.getAttribute('.chart', 'data-from'),
    await page.getAttribute('.chart', 'data-to'),
  ];
  return { fromMs: Number(fromMs), toMs: Number(toMs) };
}

const isRed = ([red = 0, green = 0, blue = 0]: readonly number[]): boolean =>
  red > green + 60 && red > blue + 60;

describe('the timeline of a viewer through a freeze and a restart of the publisher', () => {
  test('is told as it happens, and says at the end where its files are', () => {
    expect(result.code, result.stderr).toBe(0);
    expect(result.stdout).toMatch(/ s {2}event {4}first frame \(flv/);
    expect(result.stdout).toMatch(/ s {2}player {3}waits for media/);
    expect(result.stdout).toMatch(/ s {2}event {4}sequence reset \(hls/);
    expect(result.stderr).toContain('vu-0.timeline.html');
  });

  test('is a trace that Perfetto opens', () => {
    const trace: unknown = JSON.parse(readFileSync(join(folder, 'vu-0.chrome.json'), 'utf8'));
    expect(chromeTraceProblems(trace)).toEqual([]);
  });

  test('shows in a browser what the lines say, asks the network for nothing, and complains of nothing', async (context) => {
    needs(context, 'chromium');
    const { page, asked, complaints } = await opened();
    const rebuffers = events('rebuffer_ended');
    expect(rebuffers.length).toBeGreaterThanOrEqual(2);
    const fact = (name: string) => page.textContent(`[data-fact="${name}"] b`);
    expect(await fact('rebuffers')).toBe(String(rebuffers.length));
    const first = Math.round(Number(events('first_frame')[0]?.facts.sinceStartMs));
    expect(await fact('first-frame')).toBe(first < 995 ? `${first} ms` : `${(first / 1000).toFixed(2)} s`);
    expect(await fact('packets')).toBe(String(lines.filter(({ kind }) => kind === 'packet').length));
    const rows = await page.$$('.moments li[data-name="rebuffer_ended"]');
    const listed = await Promise.all(rows.map(async (row) => Number(await row.getAttribute('data-at'))));
    expect(listed).toEqual(rebuffers.map(({ facts }) => facts.startedAtMs));
    expect(await page.textContent('.moments li[data-name="sequence_reset"]')).toContain(
      'publisher restarted',
    );
    expect(await page.textContent('h1')).toBe('Viewer 0 over FLV, then HLS');
    expect(await page.textContent('body')).toContain('1 lines of the file could not be read');
    expect(asked.filter((url) => !url.startsWith('file:'))).toEqual([]);
    expect(asked).toHaveLength(1);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('is red where the viewer waits, in the picture itself, and not where it plays', async (context) => {
    needs(context, 'chromium');
    const { page } = await opened();
    const freeze = events('rebuffer_ended').find(({ facts }) => Number(facts.startedAtMs) < 10_000);
    const { startedAtMs, durationMs } = (freeze as LineOf<'event'>).facts;
    // The thin band of the player has no hatching.
    const middle = await pixelAt(page, 'saw', Number(startedAtMs) + Number(durationMs) / 2, 0.85);
    expect(isRed(middle), String(middle)).toBe(true);
    const before = await pixelAt(page, 'saw', Number(startedAtMs) - 500, 0.85);
    expect(isRed(before), String(before)).toBe(false);
    await page.close();
  });

  test('can be read closer by keys, wheel and pointer', async (context) => {
    needs(context, 'chromium');
    const { page } = await opened();
    const span = async () => {
      const { fromMs, toMs } = await shown(page);
      return toMs - fromMs;
    };
    const drawn = () => page.waitForTimeout(60);
    const whole = await span();
    await page.focus('.chart');
    await page.keyboard.press('+');
    await drawn();
    expect(await span()).toBeCloseTo(whole / 2, -1);
    await page.keyboard.press('0');
    await drawn();
    expect(await span()).toBe(whole);
    await page.click('.moments li[data-name="rebuffer_ended"] button');
    await drawn();
    expect(await span()).toBeLessThan(whole / 2);
    await page.hover('canvas[data-lane="saw"]');
    expect(await page.textContent('.tip')).toMatch(/waits|player stalled/);
    await page.hover('canvas[data-lane="buffer"]');
    await page.mouse.wheel(0, 500);
    await drawn();
    expect(await span()).toBeGreaterThan(3000);
    await page.close();
  });

  test('shows what others wrote as text: it neither ends the script nor runs', async (context) => {
    needs(context, 'chromium');
    const { page, asked } = await opened();
    expect(await page.title()).toBe('Viewer 0: what it saw');
    expect(await page.$$('img')).toHaveLength(0);
    expect(await page.textContent('.moments li[data-name="socket_error"]')).toContain(HOSTILE);
    expect(asked).toHaveLength(1);
    await page.close();
  });

  test('plays only while a player is there, and says nothing of what was not kept', async (context) => {
    needs(context, 'chromium');
    const { page } = await opened(7);
    const at = async (atMs: number) => String(await pixelAt(page, 'saw', atMs, 0.6));
    const [loads, plays, away, again, unkept, over] = [
      ...[await at(500), await at(4020), await at(6500), await at(10_000)],
      ...[await at(12_000), await at(17_000)],
    ];
    expect(again).toBe(plays);
    expect(new Set([loads, plays, away, unkept, over]).size).toBe(5);
    expect(await at(8500)).toBe(loads);
    expect(await at(19_000)).toBe(away);
    await page.close();
  });

  test('has a clock that nobody knows beside the latency', async (context) => {
    needs(context, 'chromium');
    const { page } = await opened(7);
    expect(await page.textContent('[data-fact="latency"]')).toBe('900 msmedian latency, clock unknown');
    await page.close();
    const { page: own } = await opened();
    expect(await own.textContent('[data-fact="latency"] .unit')).toBe('median latency, same clock');
    await own.close();
  });

  test.for([
    { name: 'phone', width: 390, height: 844 },
    { name: 'wall', width: 2560, height: 1440 },
  ])('fits a $name', async ({ width, height }, context) => {
    needs(context, 'chromium');
    const page = await (browser as Browser).newPage({ viewport: { width, height } });
    await page.goto(pathToFileURL(join(folder, 'vu-0.timeline.html')).href);
    await page.waitForSelector('.chart[data-to]');
    const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
    expect(wide).toBeLessThanOrEqual(width);
    const lanes = await page.$$('canvas');
    for (const lane of lanes) expect((await lane.boundingBox())?.width).toBeGreaterThan(0.75 * width);
    await page.close();
  });
});
