/** Media routes on the stage's HTTP server. Heads are written as SRS writes them: no Date, `Connection: Close`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { SRS_SERVER_NAME } from './encoder.js';
import type { FlvFanout } from './flv-fanout.js';
import type { HlsServer, MediaAnswer } from './hls-server.js';

const FLV_PATH = /^\/live\/live\/([^/]+)\.flv$/;
const HLS_PATH = /^\/(?:live|hls)\/([^/]+\.(?:m3u8|ts))$/;

export interface MediaHttp {
  readonly streamKey: string;
  readonly flv: FlvFanout;
  readonly hls: HlsServer;
}

/** True if the request was for media, and is answered or held now. */
export function serveMedia(
  media: MediaHttp,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { pathname, searchParams } = url;
  const flv = FLV_PATH.exec(pathname);
  if (flv) {
    media.flv.join(request.socket, decode(flv[1]) === media.streamKey);
    return true;
  }
  const hls = HLS_PATH.exec(pathname);
  if (!hls) return false;
  writeAnswer(response.socket as Socket, media.hls.answer(decode(hls[1]), searchParams));
  return true;
}

function decode(part: string | undefined): string {
  try {
    return decodeURIComponent(part ?? '');
  } catch {
    return '';
  }
}

function writeAnswer(socket: Socket, answer: MediaAnswer): void {
  const head = [
    `HTTP/1.1 ${answer.status === 200 ? '200 OK' : '404 Not Found'}`,
    'Connection: Close',
    `Content-Length: ${answer.body.length}`,
    `Content-Type: ${answer.type}`,
    `Server: ${SRS_SERVER_NAME}`,
    '\r\n',
  ].join('\r\n');
  socket.setNoDelay(true);
  socket.cork();
  socket.write(head, 'latin1');
  socket.write(answer.body);
  socket.uncork();
  socket.destroySoon();
}
