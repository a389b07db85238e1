import type { ResponseHeaders } from '../seams.js';

/**
 * Header lines of RFC 9112 5 -> one record: names in lower case, values trimmed, a repeated header as a list, folded
 * lines joined. Undefined when a line is not a header.
 */
export function collectHeaders(lines: readonly string[]): ResponseHeaders | undefined {
  const headers: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  let last: string | undefined;
  for (const line of lines) {
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (last === undefined) return undefined;
      fold(headers, last, line.trim());
      continue;
    }
    const colonAt = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colonAt)).toLowerCase();
    if (!TOKEN.test(name)) return undefined;
    add(headers, name, line.slice(colonAt + 1).trim());
    last = name;
  }
  return headers;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

function add(headers: Record<string, string | string[]>, name: string, value: string): void {
  const known = headers[name];
  if (known === undefined) headers[name] = value;
  else if (Array.isArray(known)) known.push(value);
  else headers[name] = [known, value];
}

function fold(headers: Record<string, string | string[]>, name: string, more: string): void {
  const known = headers[name];
  if (Array.isArray(known)) known.push(`${known.pop() ?? ''} ${more}`);
  else headers[name] = `${known ?? ''} ${more}`;
}

/** The comma-separated parts of all lines of a header, in lower case, empty ones left out. */
export function headerTokens(headers: ResponseHeaders, name: string): string[] {
  const value = headers[name];
  if (value === undefined) return [];
  const lines = typeof value === 'string' ? [value] : value;
  return lines
    .flatMap((line) => line.split(','))
    .map((token) => token.trim().toLowerCase())
    .filter((token) => token !== '');
}

/** First value of a header. */
export function headerValue(headers: ResponseHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' || value === undefined ? value : value[0];
}

/** What is wrong with headers that we are about to send; undefined when they can be sent as they are. */
export function badRequestHeader(headers: Readonly<Record<string, string>>): string | undefined {
  for (const [name, value] of Object.entries(headers)) {
    if (!TOKEN.test(name.toLowerCase())) return 'malformed header name';
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be sent
    if (/[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]/.test(value))
      return `header ${name} has characters that HTTP forbids`;
  }
  return undefined;
}
