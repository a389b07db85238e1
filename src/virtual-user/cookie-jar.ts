import { CookieJar as ToughJar } from 'tough-cookie';
import type { ViewerIdentity } from '../target.js';

/** One viewer's cookies, as its browser keeps them. */
export interface CookieJar {
  /** Value of the Cookie header for a request to `url`; empty when there is nothing to send. */
  cookieHeader(url: string): string;
  /** Value of one cookie that would be sent to `url`. */
  value(url: string, name: string): string | undefined;
  /** Takes the `set-cookie` header (one or several) of an answer that came from `url`. Bad ones are dropped. */
  store(url: string, setCookies: string | readonly string[] | undefined): void;
}

/** Bounds against a server that sets cookies without end; a browser has the same kind of limits. */
const MAX_COOKIES = 50;
const MAX_COOKIE_CHARS = 4096;

/**
 * A jar that starts with the viewer's `accessToken` and `refreshToken` (contract 2) for each of `origins`, the
 * bases that the page sends credentials to. Origins that cannot be parsed throw: they come from the configuration.
 */
export function createCookieJar(identity: ViewerIdentity, origins: readonly string[]): CookieJar {
  const jar = new ToughJar(undefined, { looseMode: false, rejectPublicSuffixes: false });
  const known = new Set<string>();
  for (const origin of origins) {
    for (const name of ['accessToken', 'refreshToken'] as const) {
      const value = identity[name];
      if (value === undefined) continue;
      jar.setCookieSync(`${name}=${value}; Path=/; HttpOnly; SameSite=Lax`, rootOf(origin));
      known.add(`${name}|/`);
    }
  }
  const storeOne = (url: string, text: string): void => {
    if (text.length > MAX_COOKIE_CHARS) return;
    const key = `${text.slice(0, text.indexOf('='))}|${/;\s*path=([^;]*)/i.exec(text)?.[1] ?? ''}`;
    if (!known.has(key) && known.size >= MAX_COOKIES) return;
    if (jar.setCookieSync(text, url, { ignoreError: true })) known.add(key);
  };
  return {
    cookieHeader: (url) => jar.getCookieStringSync(url),
    value: (url, name) => jar.getCookiesSync(url).find((cookie) => cookie.key === name)?.value,
    store(url, setCookies) {
      if (setCookies === undefined) return;
      if (typeof setCookies === 'string') storeOne(url, setCookies);
      else for (const text of setCookies) storeOne(url, text);
    },
  };
}

/** socket and API bases may carry a path prefix; the cookies belong to the whole host. */
function rootOf(origin: string): string {
  return new URL('/', origin).href;
}
