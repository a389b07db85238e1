import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Dashboard } from '../../src/dashboard/dashboard.js';
import { dashboardPage } from '../../src/dashboard/page.js';
import type { DashboardState } from '../../src/dashboard/state.js';
import { createRedact } from '../../src/redact.js';
import { type DashboardDesk, openDesk } from '../../src/run/dashboard-desk.js';
import { readDashboardAssets } from '../../src/run/report-assets.js';
import { type GlanceChanges, glance, healthyTotals, systemLine } from '../support/dashboard-glance.js';
import { needs, serviceVersion } from './available.js';

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const HOSTILE = '</script><img src=x onerror="document.title=\'broken\'">';
const totals = healthyTotals();
const look = (changes: GlanceChanges = {}) => glance({ totals, ...changes });

/** In the page: where each text that is drawn begins, from the left of its plot, CSS pixels. */
const NOTE_TEXTS = `
  window.begins = [];
  const own = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const before = { left: 0, start: 0, center: 0.5, right: 1, end: 1 }[this.textAlign];
    const plot = this.canvas.parentElement?.querySelector('.u-over')?.offsetLeft ?? 0;
    window.begins.push([text, (x - before * this.measureText(text).width) / devicePixelRatio - plot]);
    own.call(this, text, x, y);
  };
`;

let browser: Browser | undefined;

beforeAll(async () => {
  if (serviceVersion('chromium') !== undefined)
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
}, 60_000);

afterAll(async () => {
  await browser?.close();
});

const open = (port: number): Promise<DashboardDesk> =>
  openDesk({ port, portPath: '--dashboard', redact: createRedact(['secret-key']) });

async function pageOf(
  url: string,
  width = 1280,
): Promise<{ page: Page; asked: string[]; complaints: string[] }> {
  const page = await (browser as Browser).newPage({ viewport: { width, height: 800 } });
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, asked, complaints };
}

const drawnAt = (page: Page, atMs: number) => page.waitForSelector(`body[data-drawn="${atMs}"]`);
const textOf = async (page: Page, selector: string) =>
  ((await page.locator(selector).first().textContent()) ?? '').trim();
const value = (page: Page, id: string) => page.getAttribute(`[data-figure="${id}"]`, 'data-value');

describe('the page of the dashboard', () => {
  test('shows the numbers of the ticks, what the platform says, alerts and the gate; what others wrote is text', async (context) => {
    needs(context, 'chromium');
    const desk = await open(0);
    desk.takeLine(systemLine({ gaps: { redis: `${HOSTILE} secret-key` } }), 24_000);
    desk.takeAlert({ id: 'cpu', words: 'CPU of backend is 81.5 %, above 75 % for 60 s', raisedAtMs: 20_000 });
    desk.show(look());
    const { page, asked, complaints } = await pageOf(desk.url);
    await drawnAt(page, 25_000);
    expect(await value(page, 'streaming:watching')).toBe('48');
    desk.show(look({ live: { elapsedMs: 26_000, watching: 31, lost: 2 } }));
    await drawnAt(page, 26_000);
    expect([
      await value(page, 'streaming:watching'),
      await textOf(page, '[data-figure="streaming:watching"] dd'),
    ]).toEqual(['31', '31']);
    expect(await page.getAttribute('[data-figure="streaming:lost"]', 'data-tone')).toBe('bad');
    expect(await textOf(page, '[data-figure="streaming:srs.recv_kbps"] dd')).toBe('2,650 kbit/s');
    expect(await page.getAttribute('[data-container="backend"] [role=meter]', 'aria-valuenow')).toBe('82');
    expect(await textOf(page, '#alert-list li')).toContain('CPU of backend is 81.5 %');
    expect(await textOf(page, '#gate-count')).toContain('mandatory rows');
    expect(await textOf(page, '#gaps')).toContain('</script><img src=x');
    expect(await textOf(page, '#gaps')).not.toContain('secret-key');
    expect(await page.title()).toBe('smoke 0:26 (1 alerts)');
    expect(await page.locator('img').count()).toBe(0);
    expect([asked, complaints]).toEqual([['/', '/events'], []]);
    await page.close();
    await desk.close();
  });

  test('says that the connection is lost, that it is back, and how the run ended', async (context) => {
    needs(context, 'chromium');
    const desk = await open(0);
    desk.show(look());
    const { page } = await pageOf(desk.url);
    await drawnAt(page, 25_000);
    expect(await textOf(page, '#status-words')).toBe('live');
    await desk.close();
    await page.waitForSelector('#status[data-kind="lost"]');
    expect(await textOf(page, '#status-words')).toMatch(/^connection lost \d+ s ago, trying again/);
    expect(await page.textContent('#news')).toContain('The connection to the run is lost');
    const again = await open(Number(new URL(desk.url).port));
    again.show(look({ live: { elapsedMs: 40_000 } }));
    await drawnAt(page, 40_000);
    expect(await textOf(page, '#status-words')).toBe('live');
    const words = 'run ended: FAIL (viewer, smoke): API success is 90 %';
    again.show(look({ live: { elapsedMs: 60_000 }, status: { kind: 'ended', words, verdict: 'fail' } }));
    await drawnAt(page, 60_000);
    await again.close();
    await page.waitForTimeout(300);
    expect([await textOf(page, '#status-words'), await page.getAttribute('#status', 'data-kind')]).toEqual([
      words,
      'fail',
    ]);
    await page.close();
  });

  test('names phases within the plot of each chart, also where it is drawn again', async (context) => {
    needs(context, 'chromium');
    const desk = await open(0);
    desk.show(look());
    const page = await (browser as Browser).newPage({ viewport: { width: 1280, height: 800 } });
    await page.addInitScript({ content: NOTE_TEXTS });
    await page.goto(desk.url);
    await drawnAt(page, 25_000);
    desk.show(look({ live: { elapsedMs: 26_000 } }));
    await drawnAt(page, 26_000);
    const drawn = (await page.evaluate('begins')) as [string, number][];
    const names = drawn.filter(([text]) => text === 'ramp' || text === 'hold');
    expect(names.length).toBeGreaterThan(12);
    expect(Math.min(...names.map(([, left]) => left))).toBeGreaterThanOrEqual(0);
    await page.close();
    await desk.close();
  });

  test('fits a phone and a wall, and can be used with the keyboard', async (context) => {
    needs(context, 'chromium');
    const desk = await open(0);
    desk.takeLine(
      systemLine({ process: { [`a-name-without-a-break-${'x'.repeat(60)}`]: { cpu_pct: 3 } } }),
      24_000,
    );
    desk.show(look());
    for (const width of [360, 2560]) {
      const { page } = await pageOf(desk.url, width);
      await drawnAt(page, 25_000);
      expect(Number(await page.evaluate('document.documentElement.scrollWidth'))).toBeLessThanOrEqual(width);
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.className')).toBe('skip');
      await page.focus('#theme');
      await page.keyboard.press('Enter');
      const paper = 'getComputedStyle(document.documentElement).getPropertyValue("--card").trim()';
      expect(await page.evaluate(paper)).toBe('#171e26');
      expect(await page.locator('h1').count()).toBe(1);
      await page.close();
    }
    await desk.close();
  });
});

/** Serves the page and lets the test write its events one by one, as fast as they are read. */
async function freeStream(): Promise<{ server: Server; url: string; stream: Promise<ServerResponse> }> {
  const { text } = dashboardPage(await readDashboardAssets());
  let opened: (response: ServerResponse) => void = () => {};
  const stream = new Promise<ServerResponse>((resolve) => {
    opened = resolve;
  });
  const server = createServer((request, response) => {
    if (request.url === '/') response.setHeader('Content-Type', 'text/html').end(text);
    else if (request.url === '/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      opened(response);
    } else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, stream, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

async function heapOf(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage');
  return (await cdp.send('Runtime.getHeapUsage')).usedSize;
}

test('a tab that is left open for six hours does not grow', { timeout: 120_000 }, async (context) => {
  needs(context, 'chromium');
  const dashboard = new Dashboard({ nowMs: () => 0 });
  dashboard.takeLine(systemLine(), 24_000);
  const { state: whole } = dashboard.look(look());
  // What is always the same is left out: the time goes into ticks.
  const state = {
    ...whole,
    panels: whole.panels.slice(0, 1),
    gate: { ...whole.gate, rows: whole.gate.rows.slice(0, 2) },
  };
  const { server, url, stream } = await freeStream();
  const { page } = await pageOf(url);
  const response = await stream;
  const write = async (name: string, data: unknown): Promise<void> => {
    if (!response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)) await once(response, 'drain');
  };
  const alertsAt = (second: number): DashboardState['alerts'] => ({
    active: 1,
    list: [{ id: 'a', words: `alert of second ${second}`, raisedAtMs: second * 1000 }],
  });
  const ticks = async (from: number, to: number): Promise<void> => {
    for (let second = from; second <= to; second++) {
      const point = {
        atS: second,
        values: { watching: second % 50, 'cpu:srs': second % 100, [`cpu:c${second % 7}`]: 5 },
      };
      await write('update', {
        state: { ...state, atMs: second * 1000, alerts: alertsAt(second) },
        ...(second % 2 ? {} : { point }),
      });
    }
    await drawnAt(page, to * 1000);
  };
  await write('snapshot', { state, trends: { atS: [], values: {} }, trendSpanMs: 300_000 });
  const cdp = await page.context().newCDPSession(page);
  await ticks(26, 1800);
  const early = await heapOf(cdp);
  await ticks(1801, 6 * 3600);
  const late = await heapOf(cdp);
  expect(late - early).toBeLessThan(1_000_000);
  expect(Number(await page.getAttribute('[data-chart="viewers"]', 'data-points'))).toBeLessThanOrEqual(151);
  await page.close();
  response.destroy();
  server.close();
});
