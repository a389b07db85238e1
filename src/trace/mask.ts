import { createRedact, type Redact } from '../redact.js';
import { excerpt } from './excerpt.js';

const MASK = '***';
/** Shorter values of cookies are flags and words, no secrets. */
const MIN_LEARNED_CHARS = 6;
/** Tokens are renewed: the newest ones are kept. */
const MAX_LEARNED = 200;
const MAX_URL_CHARS = 300;
/** A part of a path that is longer than any id that people read, and looks drawn by lot. */
const OPAQUE = /^[\w~.-]{40,}$/;
/** Headers whose value is a secret as a whole. */
const SECRET_HEADERS: readonly string[] = ['authorization', 'x-csrf-token', 'proxy-authorization'];
const MAX_PAYLOAD_CHARS = 240;

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Keeps secrets out of one viewer's trace. It knows the stream key and the account from the start and learns each
 * cookie and token that passes by, so that it is masked wherever it turns up later; and everything that looks like a
 * secret is masked as well.
 */
export class Mask {
  readonly #learned = new Set<string>();
  readonly #streamKey: string;
  #redact: Redact | undefined;

  constructor(streamKey: string) {
    this.#streamKey = streamKey;
  }

  /** From now on `secret` is masked. */
  learn(secret: string | undefined): void {
    if (secret === undefined || secret.length < MIN_LEARNED_CHARS || this.#learned.has(secret)) return;
    this.#learned.add(secret);
    if (this.#learned.size > MAX_LEARNED) this.#learned.delete(this.#learned.values().next().value as string);
    this.#redact = undefined;
  }

  /** Learns what a request's or a response's headers carry. Lower-case names. */
  learnHeaders(headers: Headers): void {
    for (const [name, value] of Object.entries(headers)) {
      if (value === undefined) continue;
      const values = typeof value === 'string' ? [value] : value;
      if (name === 'cookie') for (const each of values) this.learnCookies(each);
      else if (name === 'set-cookie') for (const each of values) this.#learnPair(each.split(';')[0] ?? '');
      else if (SECRET_HEADERS.includes(name)) for (const each of values) this.#learnValue(each);
    }
  }

  /** Learns the values of a `Cookie` header. */
  learnCookies(header: string): void {
    for (const pair of header.split(';')) this.#learnPair(pair);
  }

  text(text: string): string {
    this.#redact ??= createRedact([this.#streamKey, ...this.#learned].flatMap(spellings));
    return this.#redact(text);
  }

  /** Origin and path, and the names of the query: its values are masked, whatever they are, and secrets are learned. */
  url(url: string): string {
    let parsed: URL;
    try {
      parsed = new URL(url);
    } catch {
      return this.text(url.split(/[?#]/)[0] ?? '').slice(0, MAX_URL_CHARS);
    }
    const path = this.text(parsed.pathname)
      .split('/')
      .map((part) => (OPAQUE.test(part) ? MASK : part))
      .join('/');
    const names = [...new Set(parsed.searchParams.keys())].map((name) => `${this.text(name)}=${MASK}`);
    for (const [name, value] of parsed.searchParams) if (isSecretValue(name, value)) this.learn(value);
    const query = names.length > 0 ? `?${names.join('&')}` : '';
    return `${parsed.origin}${path}${query}`.slice(0, MAX_URL_CHARS);
  }

  /** The beginning of what a packet carried; undefined when it carried nothing. */
  payload(value: unknown): string | undefined {
    if (value === undefined) return undefined;
    return this.text(excerpt(value, 2 * MAX_PAYLOAD_CHARS, (text) => this.text(text))).slice(
      0,
      MAX_PAYLOAD_CHARS,
    );
  }

  #learnPair(pair: string): void {
    const at = pair.indexOf('=');
    if (at >= 0) this.#learnValue(pair.slice(at + 1));
  }

  #learnValue(value: string): void {
    const bare = value
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .replace(/^Bearer\s+/i, '');
    this.learn(bare);
    try {
      this.learn(decodeURIComponent(bare));
    } catch {
      // Not encoded, then.
    }
  }
}

/** Values of a query that a platform may repeat elsewhere: the page's own words (`category=clothing`) are none. */
function isSecretValue(name: string, value: string): boolean {
  return /ctx|tok|sig|key|auth|sess|secret|sid/i.test(name) || (value.length >= 12 && /\d/.test(value));
}

/** A secret as it may stand in a URL, too. */
function spellings(secret: string): readonly string[] {
  let encoded = secret;
  try {
    encoded = encodeURIComponent(secret);
  } catch {
    // Half a character: it has no other spelling.
  }
  return encoded === secret ? [secret] : [secret, encoded];
}
