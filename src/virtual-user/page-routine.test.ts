import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import type { PageReads } from './page-reads.js';
import { PageRoutine } from './page-routine.js';
import type { Shop } from './shop.js';

let clock: VirtualClock;
let log: string[];
let isTimed: boolean | undefined;
let session: boolean;

beforeEach(() => {
  clock = new VirtualClock();
  log = [];
  isTimed = false;
  session = true;
});

function note(what: string): void {
  log.push(`${clock.nowMs()} ${what}`);
}

function routine(isGuest = false): PageRoutine {
  const reads: PageReads = {
    status: async () => undefined,
    notices: async () => note('notices'),
    cart: async () => {
      note('cart');
      return isTimed;
    },
    me: async () => {
      note('me');
      return session;
    },
    featuredProduct: async () => note('featured'),
    config: async () => note('config'),
    csrf: async () => note('csrf'),
  };
  const shop = { products: async (_dueMs: number, take?: number) => note(`products ${take ?? 'all'}`) };
  return new PageRoutine({
    ...{ clock, reads, isGuest, shop: shop as unknown as Shop },
    openNamespace: (name) => note(`open ${name}`),
    begin: (work) => void work(clock.nowMs()),
  });
}

describe('the page by itself', () => {
  it('reads once what it reads once, and opens the chat when its session is good', async () => {
    routine().start();
    await clock.run(60_000);
    expect(log).toEqual(['0 config', '0 featured', '0 me', '0 open /chat']);
  });

  it('opens no chat for a guest, and none for a session that is not good', async () => {
    routine(true).start();
    await clock.run(1000);
    expect(log).toEqual(['0 config', '0 featured']);
    session = false;
    routine().start();
    await clock.run(1000);
    expect(log).not.toContain('1000 open /chat');
    expect(log.at(-1)).toBe('1000 me');
  });

  it('opens /streaming when the player knows its media', () => {
    routine().mediaReady();
    expect(log).toEqual(['0 open /streaming']);
  });

  it('reads products when / connects and when they change', () => {
    const page = routine();
    page.rootConnected();
    page.productsChanged();
    expect(log).toEqual(['0 products 100', '0 products all']);
  });

  it('reads its cart after it put something into it, and each 10 s while something in it runs out', async () => {
    const page = routine();
    isTimed = true;
    page.cartChanged();
    await clock.run(25_000);
    expect(log).toEqual(['0 cart', '10000 cart', '20000 cart']);
    isTimed = undefined;
    await clock.run(25_000);
    expect(log).toHaveLength(4);
  });

  it('does nothing more once it is stopped', async () => {
    const page = routine();
    isTimed = true;
    page.start();
    page.cartChanged();
    page.stop();
    await clock.run(60_000);
    page.rootConnected();
    expect(log).toEqual(['0 config', '0 featured', '0 me', '0 cart']);
  });
});
