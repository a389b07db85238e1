import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ViewerEvent } from '../../src/events.js';
import { reportPage } from '../../src/report/html/page.js';
import { junitXml } from '../../src/report/junit.js';
import { readAssets } from '../../src/run/report-assets.js';
import { HOSTILE, hostile } from '../support/hostile-summary.js';
import { api, healthyRun, times } from '../support/measured.js';
import { overTimeOf, reportInputOf } from '../support/report-input.js';
import { needs, serviceVersion } from './available.js';

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
/** A fault is planted that makes the API fail for a while; its name and every note try to get out of the page. */
const failures = times(
  90,
  (): ViewerEvent => ({ ...api(false), outcome: 'server_fault', status: 500 }) as ViewerEvent,
);
const input = reportInputOf([...healthyRun(), ...failures], {
  stageFaults: ['http-5xx:at=18,for=6', `${HOSTILE}:at=40,for=4`],
  events: [{ kind: 'own_fault', atMs: 50_000, detail: HOSTILE }],
});

let folder: string;
let browser: Browser | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'report-page-'));
  const assets = await readAssets();
  const over = overTimeOf(input);
  writeFileSync(join(folder, 'report.html'), reportPage(input, over, assets));
  const { id, profile } = input.summary.run;
  const summary = hostile(input.summary);
  const planted = { ...input, summary: { ...summary, run: { ...summary.run, id, profile } } };
  writeFileSync(join(folder, 'hostile.html'), reportPage(planted, over, assets));
  if (serviceVersion('chromium') !== undefined)
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Opened {
  readonly page: Page;
  /** Whatever it asked the network for, itself included. */
  readonly asked: string[];
  readonly complaints: string[];
}

async function opened(look: { width?: number; dark?: boolean; name?: string } = {}): Promise<Opened> {
  const page = await (browser as Browser).newPage({
    viewport: { width: look.width ?? 1280, height: 800 },
    colorScheme: look.dark === true ? 'dark' : 'light',
  });
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(pathToFileURL(join(folder, look.name ?? 'report.html')).href);
  await page.waitForSelector('[data-chart="memory"][data-drawn]');
  return { page, asked, complaints };
}

/** How many different colours a chart's canvas has: an empty one has one. */
function coloursOf(page: Page, chart: string): Promise<number> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector('[data-chart="${chart}"] canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) seen.add(data[i] * 65536 + data[i + 1] * 256 + data[i + 2]);
    return seen.size;
  })()`);
}

const open = (page: Page, id: string) => page.evaluate(`document.getElementById('${id}').open`);

describe('the report of a failing run', () => {
  test('draws all charts, asks the network for nothing and complains of nothing', async (context) => {
    needs(context, 'chromium');
    const { page, asked, complaints } = await opened();
    const drawn = await page.$$('[data-chart]');
    expect(drawn.length).toBeGreaterThanOrEqual(9);
    for (const chart of ['viewers', 'first-frame', 'latency', 'api', 'errors', 'loop', 'memory'])
      expect(await coloursOf(page, chart), chart).toBeGreaterThan(3);
    expect(asked).toHaveLength(1);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('says what went wrong before anything else but the verdict', async (context) => {
    needs(context, 'chromium');
    const { page } = await opened();
    expect(await page.textContent('h1')).toBe('FAIL (viewer, smoke)');
    const moment = (await page.textContent('.moment')) ?? '';
    expect(moment).toContain('API success');
    expect(moment).toContain('planted on the stage: http-5xx');
    expect(moment).toContain('API server fault: 90');
    await page.close();
  });

  test('can be read with the keyboard alone', async (context) => {
    needs(context, 'chromium');
    const { page } = await opened();
    const plot = '[data-chart="latency"]';
    await page.focus(plot);
    for (const key of ['Home', ...Array<string>(10).fill('ArrowRight')]) await page.keyboard.press(key);
    expect(await page.textContent('[data-readout="latency"]')).toBe(
      'at 0:21 (hold): FLV p50 1.5 s, FLV p95 1.5 s, HLS p50 1.5 s, HLS p95 1.5 s',
    );
    await page.focus('#row-api_success summary');
    await page.keyboard.press('Enter');
    expect(await open(page, 'row-api_success')).toBe(true);
    await page.focus('[data-legend="latency"] button');
    await page.keyboard.press('Space');
    expect(await page.getAttribute('[data-legend="latency"] button', 'aria-pressed')).toBe('false');
    await page.close();
  });

  test('has a name for everything that is no text, one main heading, and tables with heads', async (context) => {
    needs(context, 'chromium');
    const { page } = await opened();
    const nameless =
      await page.evaluate(`[...document.querySelectorAll('[role=img], button, a, nav, section')]
      .filter((one) => !(one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') || one.textContent.trim()))
      .map((one) => one.outerHTML)`);
    expect(nameless).toEqual([]);
    expect(await page.locator('h1').count()).toBe(1);
    expect(await page.locator('table:not(:has(thead th[scope=col]))').count()).toBe(0);
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    await page.close();
  });

  test.for([
    { name: 'phone', width: 360 },
    { name: 'wall', width: 2560 },
  ])('fits a $name', async ({ width }, context) => {
    needs(context, 'chromium');
    const { page } = await opened({ width });
    expect(Number(await page.evaluate('document.documentElement.scrollWidth'))).toBeLessThanOrEqual(width);
    const box = await page.locator('[data-chart="latency"] canvas').boundingBox();
    expect(box?.width).toBeGreaterThan(Math.min(width, 1240) * 0.4);
    await page.close();
  });

  test('is dark where that is wanted, and light with all of its numbers on paper', async (context) => {
    needs(context, 'chromium');
    const { page } = await opened({ dark: true });
    const paper = () =>
      page.evaluate('getComputedStyle(document.documentElement).getPropertyValue("--card").trim()');
    expect(await paper()).toBe('#171e26');
    await page.emulateMedia({ media: 'print' });
    await page.waitForSelector('html[data-theme=light]');
    expect(await paper()).toMatch(/^#fff/);
    expect(
      await page.evaluate("[...document.querySelectorAll('details.numbers')].every((one) => one.open)"),
    ).toBe(true);
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    await page.emulateMedia({ media: 'screen' });
    await page.waitForSelector('html:not([data-theme])');
    expect(await paper()).toBe('#171e26');
    await page.close();
  });

  test('shows what others wrote as text: nothing of it runs or loads', async (context) => {
    needs(context, 'chromium');
    const { page, asked, complaints } = await opened({ name: 'hostile.html' });
    expect(await page.title()).not.toBe('broken');
    expect(await page.$$('img')).toHaveLength(0);
    expect(await page.textContent('#unmeasured')).toContain('</script><img src=');
    expect(asked).toHaveLength(1);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

describe('junit.xml', () => {
  test("is well formed in a browser's eyes, with every hostile word in it", async (context) => {
    needs(context, 'chromium');
    const page = await (browser as Browser).newPage();
    const [cases, problems] = (await page.evaluate(`(() => {
      const parsed = new DOMParser().parseFromString(${JSON.stringify(junitXml(hostile(input.summary)))}, 'text/xml');
      return [parsed.querySelectorAll('testcase').length, parsed.querySelectorAll('parsererror').length];
    })()`)) as [number, number];
    expect([cases, problems]).toEqual([input.summary.kpis.length + 1, 0]);
    await page.close();
  });
});
