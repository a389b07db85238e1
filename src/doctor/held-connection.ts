import type { Socket } from 'node:net';
import type { Connector } from '../net/connect.js';
import type { ProbeAnswer } from './limiter.js';

/** A connection whose answer never ends: a WebSocket, a body of FLV. */
export interface HeldConnection {
  /** Its first answer; it stays open when that was a success. */
  readonly answer: ProbeAnswer;
  /** The answer is one that goes on. */
  readonly isHeld: boolean;
  close(): void;
}

const PATIENCE_MS = 3000;
/** A refusal's page comes at once after its head. */
const BODY_MS = 150;
const MAX_BYTES = 8192;

/**
 * Sends one GET over a connection of its own and keeps that open. Nothing is read beyond the head, so that a body of
 * media stops at the buffers of both systems. Never rejects.
 */
export function holdOpen(
  connector: Connector,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<HeldConnection> {
  const { hostname, host, port, protocol, pathname, search } = new URL(url);
  const tls = protocol === 'https:';
  const socket = connector.open({ host: hostname, port: port === '' ? (tls ? 443 : 80) : Number(port), tls });
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`);
  const request = `GET ${pathname}${search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
  return new Promise((resolve) => {
    let text = '';
    let timer = setTimeout(() => end('timeout'), PATIENCE_MS);
    let isOver = false;
    const end = (failure?: string): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      socket.pause();
      resolve(heldOf(socket, text, failure));
    };
    socket.once(tls ? 'secureConnect' : 'connect', () => socket.write(request));
    socket.on('data', (chunk: Buffer) => {
      if (isOver) return;
      text += chunk.toString('latin1');
      const bodyAt = text.indexOf('\r\n\r\n');
      if (bodyAt < 0 && text.length < MAX_BYTES) return;
      if (isHeldStatus(statusOf(text)) || text.length >= MAX_BYTES) return end();
      clearTimeout(timer);
      timer = setTimeout(end, BODY_MS);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => end((error.code ?? error.name).toLowerCase()));
    socket.once('close', () => end(text === '' ? 'closed without an answer' : undefined));
  });
}

function isHeldStatus(status: number | undefined): boolean {
  return status === 101 || status === 200;
}

function heldOf(socket: Socket, text: string, failure: string | undefined): HeldConnection {
  const isHeld = failure === undefined && isHeldStatus(statusOf(text)) && !socket.destroyed;
  if (!isHeld) socket.destroy();
  return { answer: readAnswer(text, failure), isHeld, close: () => void socket.destroy() };
}

function statusOf(text: string): number | undefined {
  const [, status] = /^HTTP\/1\.\d (\d{3})/.exec(text) ?? [];
  return status === undefined ? undefined : Number(status);
}

/** Status, headers and the begin of the body of what has come; text that is no HTTP is a failure. */
export function readAnswer(text: string, failure?: string): ProbeAnswer {
  const status = statusOf(text);
  if (status === undefined)
    return { headers: {}, body: '', failure: failure ?? (text === '' ? 'no answer' : 'no HTTP') };
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const headers: Record<string, string> = Object.create(null);
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  const body = rest.join('\r\n\r\n').slice(0, 1000);
  return { status, headers, body, ...(failure === undefined ? {} : { failure }) };
}
