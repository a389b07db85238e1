import type { Cancel, Clock, Namespace } from '../seams.js';
import type { PageReads } from './page-reads.js';
import type { Shop } from './shop.js';

/** The page asks again this often for its cart while something in it runs out. */
const TIMED_CART_POLL_MS = 10_000;
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
}

/**
 * What the live page does by itself beside its timers, in `page` behaviour (contract 1.7, 3.4, 4.4): what it reads
 * once, what it reads when something happened, and when it opens which namespace. When its player comes and goes is
 * the matter of `PlayerPlace`.
 *
 * | event | what the page does |
 * |---|---|
 * | mount | reads the site's config, the featured product, and with an account /users/me |
 * | /users/me is good | opens /chat |
 * | the player knows its media | opens /streaming |
 * | `/` connects | reads the products, 100 of them |
 * | a product was added, changed, sold out | reads the products |
 * | something was put into the cart | reads the cart; again every 10 s while something in it runs out |
 *
 * (page-routine.test.ts repeats the table)
 */
export class PageRoutine {
  private readonly deps: PageRoutineDeps;
  private stopped = false;
  private cartPoll: Cancel | undefined;

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
    this.cartPoll?.();
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

  cartChanged(): void {
    this.begin((dueMs) => this.readCart(dueMs));
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
}
