import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Condition } from '../script.js';
import type { Side } from '../story.js';
import type { Origin } from './origin.js';
import { servePage } from './page-files.js';

const FLV_PATH = /^\/live\/live\/([^/]+)\.flv$/;
const HLS_PATH = /^\/(?:live|hls)\/(([^/]+?)(?:-\d{1,9}\.ts|\.m3u8))$/;
const SESSION_PATH = /^\/control\/sessions\/([^/]+)$/;
const MOST_BODY_BYTES = 1 << 20;
const SIDES: readonly Side[] = ['browser', 'ours', 'ours-early', 'ours-late'];

/** Routes one request: media, clock, control, page. */
export function answerRequest(origin: Origin, request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? '/';
  if (!URL.canParse(path, origin.url)) {
    text(response, 400, 'no URL');
    return;
  }
  const url = new URL(path, origin.url);
  const key = SESSION_PATH.exec(url.pathname)?.[1];
  if (serveMedia(origin, url, request)) return;
  if (url.pathname === '/clock') text(response, 200, String(origin.clock.monotonicMs()));
  else if (url.pathname === '/control/sessions' && request.method === 'POST') open(origin, request, response);
  else if (key !== undefined) control(origin, key, request, response);
  else if (url.pathname.startsWith('/page/')) servePage(url.pathname.slice('/page/'.length), response);
  else text(response, 404, 'nothing here');
}

/** True if the request was for a session's media. */
function serveMedia(origin: Origin, { pathname, searchParams }: URL, request: IncomingMessage): boolean {
  const flvKey = FLV_PATH.exec(pathname)?.[1];
  const [, file, hlsKey] = HLS_PATH.exec(pathname) ?? [];
  const session = origin.session(flvKey ?? hlsKey ?? '');
  if (session === undefined) return false;
  if (file === undefined) session.flv(request.socket).catch(() => request.socket.destroy());
  else session.hls(request.socket, file, searchParams.get('hls_ctx'));
  return true;
}

async function open(origin: Origin, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const wanted = JSON.parse(await bodyOf(request)) as { condition: Condition; side: Side };
    if (!SIDES.includes(wanted.side) || typeof wanted.condition?.id !== 'string')
      throw new Error('not a session');
    json(response, await origin.openSession(wanted));
  } catch (cause) {
    text(response, 400, cause instanceof Error ? cause.message : 'bad request');
  }
}

function control(origin: Origin, key: string, request: IncomingMessage, response: ServerResponse): void {
  const report = origin.report(key);
  if (report === undefined) {
    text(response, 404, 'no such session');
    return;
  }
  if (request.method === 'DELETE') {
    origin.closeSession(key);
    text(response, 200, 'gone');
    return;
  }
  const captures: (number | null)[] = [];
  for (let frame = 0; frame < MOST_FRAMES; frame++) {
    const atMs = report.captureMs(frame);
    captures.push(atMs === undefined ? null : Math.round(atMs * 1000) / 1000);
  }
  json(response, { ...report, captureMs: captures });
}

/** More than any run shows. */
const MOST_FRAMES = 4096;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MOST_BODY_BYTES) throw new Error('too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function text(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end(words);
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
