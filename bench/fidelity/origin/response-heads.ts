import { SRS_SERVER_NAME } from '../../../src/stage/encoder.js';

export const LAST_CHUNK = '0\r\n\r\n';

const REASONS: Readonly<Record<number, string>> = { 200: 'OK', 404: 'Not Found', 502: 'Bad Gateway' };
/** What the target's nginx adds to media. */
const NGINX = ['Access-Control-Allow-Origin: *', 'Cache-Control: no-cache, no-store, must-revalidate'];

/** Head of an endless FLV answer, as SRS writes it. */
export function flvHeadText(): string {
  return [
    'HTTP/1.1 200 OK',
    'Connection: Close',
    'Content-Type: video/x-flv',
    `Server: ${SRS_SERVER_NAME}`,
    'Transfer-Encoding: chunked',
    ...NGINX,
    '\r\n',
  ].join('\r\n');
}

/** Head of an HLS answer: closed after it, no date. */
export function hlsHeadText(status: number, type: string, bodyBytes: number): string {
  return [
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Unknown'}`,
    'Connection: Close',
    `Content-Length: ${bodyBytes}`,
    `Content-Type: ${type}`,
    `Server: ${SRS_SERVER_NAME}`,
    ...NGINX,
    '\r\n',
  ].join('\r\n');
}
