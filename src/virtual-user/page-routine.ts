import type { Cancel, Clock, Namespace } from '../seams.js';
import type { PageReads, StreamStatus } from './page-reads.js';
import type { Shop } from './shop.js';

/** The page asks again this often while its stream is not live, beside its ordinary timer (contract 3.4). */
const NOT_LIVE_POLL_MS = 5000;
/** And this often for its cart while something in it runs out. */
const TIMED_CART_POLL_MS = 10_000;
/** A stream that was live and is not any more is shown for so long, then the player goes (contract 3.4). */
const UNMOUNT_AFTER_MS = 10_000;
/** What the page asks for when `/` connects; its ordinary list asks for more, and the platform gives 100. */
const PRODUCTS_ON_CONNECT = 100;

export interface PageRoutineDeps {
  readonly clock: Clock;
  readonly reads: PageReads;
  readonly shop: Shop;
  readonly isGuest: boolean;
  openNamespace(name: Namespace): void;
  /** Begins a call that was due at `dueMs`, unless too many are unanswered. */
  begin(work: (dueMs: number) => Promise<unknown>): void;
  /** The stream is over: the player leaves the page. */
  unmountPlayer(): void;
  /** It is live again: a new player begins from its start. */
  mountPlayer(): void;
}

/**
 * What the live page does by itself beside its timers, in `page` behaviour (contract 1.7, 3.4, 4.4): what it reads
 * once, what it reads when something happened, when it opens which namespace, and when its player comes and goes.
 *
 * | event | what the page does |
 * |---|---|
 * | mount | reads the site's config, the featured product, and with an account /users/me |
 * | /users/me is good | opens /chat |
 * | the player knows its media | opens /streaming |
 * | `/` connects | reads the products, 100 of them |
 * | a product was added, changed, sold out | reads the products |
 * | something was put into the cart | reads the cart; again every 10 s while something in it runs out |
 * | the status is not LIVE | asks again each 5 s until it is |
 * | OFFLINE after LIVE, or `stream:ended` | 10 s later the player goes |
 * | LIVE again | the player stays, or comes back |
 *
 * (page-routine.test.ts repeats the table)
 */
export class PageRoutine {
  private readonly deps: PageRoutineDeps;
  private wasLive = false;
  private mounted = true;
  private stopped = false;
  private statusPoll: Cancel | undefined;
  private cartPoll: Cancel | undefined;
  private unmount: Cancel | undefined;

  constructor(deps: PageRoutineDeps) {
    this.deps = deps;
  }

  start(): void {
    const { begin, isGuest, openNamespace, reads } = this.deps;
    begin((dueMs) => reads.config(dueMs));
    begin((dueMs) => reads.featuredProduct(dueMs));
    if (isGuest) return;
    begin(async (dueMs) => {
      if ((await reads.me(dueMs)) && !this.stopped) openNamespace('/chat');
    });
  }

  /** No timer fires and nothing is begun after it. */
  stop(): void {
    this.stopped = true;
    this.statusPoll?.();
    this.cartPoll?.();
    this.unmount?.();
  }

  mediaReady(): void {
    this.deps.openNamespace('/streaming');
  }

  rootConnected(): void {
    this.begin((dueMs) => this.deps.shop.products(dueMs, PRODUCTS_ON_CONNECT));
  }

  productsChanged(): void {
    this.begin((dueMs) => this.deps.shop.products(dueMs));
  }

  streamEnded(): void {
    this.wasLive = true;
    this.sawStatus('OFFLINE');
  }

  cartChanged(): void {
    this.begin((dueMs) => this.readCart(dueMs));
  }

  /** Reads the status and acts on it. */
  async readStatus(dueMs: number): Promise<void> {
    const status = await this.deps.reads.status(dueMs);
    if (status !== undefined) this.sawStatus(status);
  }

  async readCart(dueMs: number): Promise<void> {
    const isTimed = await this.deps.reads.cart(dueMs);
    this.cartPoll?.();
    if (isTimed && !this.stopped) {
      this.cartPoll = this.deps.clock.after(TIMED_CART_POLL_MS, () => this.cartChanged());
    }
  }

  private begin(work: (dueMs: number) => Promise<unknown>): void {
    if (!this.stopped) this.deps.begin(work);
  }

  private sawStatus(status: StreamStatus): void {
    const { clock } = this.deps;
    if (this.stopped) return;
    this.statusPoll?.();
    if (status !== 'LIVE') {
      this.statusPoll = clock.after(NOT_LIVE_POLL_MS, () => this.begin((dueMs) => this.readStatus(dueMs)));
      if (status === 'OFFLINE' && this.wasLive && this.mounted) {
        this.unmount ??= clock.after(UNMOUNT_AFTER_MS, () => this.setMounted(false));
      }
      return;
    }
    this.wasLive = true;
    this.unmount?.();
    this.unmount = undefined;
    if (!this.mounted) this.setMounted(true);
  }

  private setMounted(mounted: boolean): void {
    this.mounted = mounted;
    this.unmount = undefined;
    if (mounted) this.deps.mountPlayer();
    else this.deps.unmountPlayer();
  }
}
