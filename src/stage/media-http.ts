/** Media routes on the stage's HTTP server. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Capacity } from './capacity.js';
import type { FlvFanout } from './flv-fanout.js';
import type { HlsServer } from './hls-server.js';
import { writeAnswer } from './media-answer.js';
import { sendNginxError } from './rest-http.js';
import type { StageClock } from './stage-clock.js';

const FLV_PATH = /^\/live\/live\/([^/]+)\.flv$/;
const HLS_PATH = /^\/(?:live|hls)\/[^/]+\.(?:m3u8|ts)$/;

export interface MediaHttp {
  readonly streamKey: string;
  readonly flv: FlvFanout;
  readonly hls: HlsServer;
  readonly clock: StageClock;
  readonly capacity: Pick<Capacity, 'refusesMedia'>;
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
  if ((flv || HLS_PATH.test(pathname)) && media.capacity.refusesMedia()) {
    sendNginxError(response, 502, 'Bad Gateway');
    return true;
  }
  if (flv) {
    media.flv.join(request.socket, decode(flv[1]) === media.streamKey);
    return true;
  }
  if (!HLS_PATH.test(pathname)) return false;
  const answer = media.hls.answer(decode(pathname), searchParams);
  writeAnswer(response.socket as Socket, answer, media.clock);
  return true;
}

function decode(part: string | undefined): string {
  try {
    return decodeURIComponent(part ?? '');
  } catch {
    return '';
  }
}
