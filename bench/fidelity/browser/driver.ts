import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { FidelityProtocol } from '../story.js';
import type { RawLog } from './raw-log.js';

const EXECUTABLE = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--mute-audio',
  '--autoplay-policy=no-user-gesture-required',
  // Every page is somebody's only page: none is throttled as hidden.
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
];

export interface SessionUrls {
  readonly protocol: FidelityProtocol;
  readonly flvUrl: string;
  readonly hlsUrl: string;
}

export interface PreparedPage {
  /** CLOCK_MONOTONIC of the machine minus the page's `performance.now()`, ms. */
  readonly offsetMs: number;
  /** Of the exchange that the offset is from: half of it is uncertain. */
  readonly roundTripMs: number;
  readonly versions: { readonly hls: string; readonly mpegts: string };
}

/** Debian's Chromium, without a head; one context and page per session. */
export class BrowserDriver {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Throws when there is no Chromium. */
  static async launch(): Promise<BrowserDriver> {
    const browser = await chromium.launch({
      executablePath: EXECUTABLE,
      headless: true,
      args: FLAGS,
      // Who runs the bench ends the browser.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
    return new BrowserDriver(browser);
  }

  get version(): string {
    return this.#browser.version();
  }

  async openPage(url: string): Promise<ViewerPage> {
    const context = await this.#browser.newContext({ viewport: { width: 640, height: 360 } });
    const page = await context.newPage();
    await page.goto(url);
    await page.waitForFunction('window.fidelity !== undefined');
    return new ViewerPage(context, page);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

/** One page with the libraries in it. */
export class ViewerPage {
  readonly #context: BrowserContext;
  readonly #page: Page;

  constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.#page = page;
  }

  prepare(scripts: readonly string[]): Promise<PreparedPage> {
    return this.#page.evaluate(`window.fidelity.prepare(${JSON.stringify(scripts)})`);
  }

  /** Makes a new player in the page; resolves when it was made. */
  start(urls: SessionUrls): Promise<void> {
    return this.#page.evaluate(`window.fidelity.start(${JSON.stringify(urls)})`);
  }

  /** Ends the running session: its log. */
  finish(): Promise<RawLog> {
    return this.#page.evaluate('window.fidelity.finish()');
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}
