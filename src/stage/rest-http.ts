/** What REST needs of HTTP: cookies, CSRF, bodies, path patterns, nginx's error pages. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { RestError } from './rest-call.js';

const MAX_BODY_BYTES = 1_000_000;
const DAY_S = 86_400;

/** `Set-Cookie` lines for a client that lacks its session or, on a GET, its CSRF token. */
export function sessionCookies(request: IncomingMessage, cookies: ReadonlyMap<string, string>): string[] {
  const made: string[] = [];
  if (!cookies.has('session_id')) {
    made.push(`session_id=${randomUUID()}; Max-Age=${DAY_S}; Path=/; HttpOnly; SameSite=Lax`);
  }
  if (request.method === 'GET' && !cookies.has('csrf-token')) {
    made.push(`csrf-token=${randomBytes(32).toString('hex')}; Max-Age=${DAY_S}; Path=/; SameSite=Strict`);
  }
  return made;
}

/** Double submit: cookie and header must be equal. Throws RestError 403. */
export function checkCsrf(request: IncomingMessage, cookies: ReadonlyMap<string, string>): void {
  const cookie = cookies.get('csrf-token');
  const header = request.headers['x-csrf-token'];
  if (cookie === undefined || typeof header !== 'string') {
    throw new RestError(403, 'CSRF token missing', 'CSRF_TOKEN_MISSING');
  }
  if (cookie !== header) throw new RestError(403, 'CSRF token invalid', 'CSRF_TOKEN_INVALID');
}

/** A JSON body, or undefined for an empty one. Throws RestError 400. */
export function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new RestError(400, 'Malformed JSON');
  }
}

/** The body as text. Throws RestError 413 beyond 1 MB. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw new RestError(413, 'Payload too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The values of a pattern's `:name` parts if `path` matches. */
export function matchPattern(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const seen = path.replace(/\/$/, '').split('/');
  if (wanted.length !== seen.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = seen[index] as string;
    if (part.startsWith(':')) params[part.slice(1)] = value;
    else if (part !== value) return undefined;
  }
  return params;
}

/** An error page as nginx makes it, without the platform's envelope. */
export function sendNginxError(response: ServerResponse, status: number, reason: string): void {
  const line = `${status} ${reason}`;
  const body = [
    `<html>\r\n<head><title>${line}</title></head>\r\n<body>\r\n<center><h1>${line}</h1></center>`,
    '<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n',
  ].join('\r\n');
  const headers = { 'Content-Type': 'text/html', 'Content-Length': Buffer.byteLength(body), Server: 'nginx' };
  response.writeHead(status, headers);
  response.end(body);
}
