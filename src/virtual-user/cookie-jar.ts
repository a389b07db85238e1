import { CookieJar as ToughJar } from 'tough-cookie';
import type { ViewerIdentity } from '../target.js';

/** One viewer's cookies, as its browser keeps them. */
export interface CookieJar {
  /** Value of the Cookie header for a request to `url`; empty when there is nothing to send. */
  cookieHeader(url: string): string;
  /** Puts the tokens of `identity` in place of those there, for every origin that the jar was made for. */
  signIn(identity: ViewerIdentity): void;
  /** Value of one cookie that would be sent to `url`. */
  value(url: string, name: string): string | undefined;
  /** Takes the `set-cookie` header (one or several) of an answer that came from `url`. Bad ones are dropped. */
  store(url: string, setCookies: string | readonly string[] | undefined): void;
}

/** Bounds against a server that sets cookies without end; a browser has the same kind of limits. */
const MAX_COOKIES = 50;
const MAX_COOKIE_CHARS = 4096;
const TOKENS = ['accessToken', 'refreshToken'] as const;

/**
 * A jar that starts with the viewer's `accessToken` and `refreshToken` (contract 2) for each of `origins`, the
 * bases that the page sends credentials to. Origins that cannot be parsed throw: they come from the configuration.
 */
export function createCookieJar(identity: ViewerIdentity, origins: readonly string[]): CookieJar {
  const jar = new ToughJar(undefined, { looseMode: false, rejectPublicSuffixes: false });
  const known = new Set<string>();
  const signIn = (tokens: ViewerIdentity): void => {
    for (const origin of origins) {
      for (const name of TOKENS) {
        const value = tokens[name];
        // One that is there already keeps its lifetime, as the platform has set it.
        if (value === undefined || valueAt(jar, origin, name) === value) continue;
        jar.setCookieSync(`${name}=${value}; Path=/; HttpOnly; SameSite=Lax`, rootOf(origin));
        known.add(`${name}|/`);
      }
    }
  };
  signIn(identity);
  const storeOne = (url: string, text: string): void => {
    if (text.length > MAX_COOKIE_CHARS) return;
    const key = `${text.slice(0, text.indexOf('='))}|${/;\s*path=([^;]*)/i.exec(text)?.[1] ?? ''}`;
    if (!known.has(key) && known.size >= MAX_COOKIES) return;
    const cookie = jar.setCookieSync(text, url, { ignoreError: true });
    if (!cookie) return;
    known.add(key);
    if (!TOKENS.some((name) => name === cookie.key)) return;
    // A browser got its tokens from the server and has one of each. Ours, if the server's has another domain or path,
    // would be sent along and stand before it.
    jar.setCookieSync(`${cookie.key}=; Path=/; Max-Age=0`, rootOf(url));
    jar.setCookieSync(text, url, { ignoreError: true });
  };
  return {
    cookieHeader: (url) => jar.getCookieStringSync(url),
    value: (url, name) => valueAt(jar, url, name),
    signIn,
    store(url, setCookies) {
      if (setCookies === undefined) return;
      if (typeof setCookies === 'string') storeOne(url, setCookies);
      else for (const text of setCookies) storeOne(url, text);
    },
  };
}

function valueAt(jar: ToughJar, url: string, name: string): string | undefined {
  return jar.getCookiesSync(url).find((cookie) => cookie.key === name)?.value;
}

/** socket and API bases may carry a path prefix; the cookies belong to the whole host. */
function rootOf(origin: string): string {
  return new URL('/', origin).href;
}
