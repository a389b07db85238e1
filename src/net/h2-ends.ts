import { constants } from 'node:http2';
import type { StreamEndKind } from '../seams.js';
import { endOfError } from './transport.js';

/** How one stream of an HTTP/2 connection ended, other than by END_STREAM. */
export interface BrokenEnd {
  readonly kind: StreamEndKind;
  readonly detail: string;
  /** The server vouches that it has not looked at the request (RFC 9113 8.7): any method may be sent again. */
  readonly unprocessed: boolean;
}

/**
 * Names the end of a stream that the server did not finish (RFC 9113 5.4, 7). A reset of the stream, or an error
 * that ends the whole connection, is a `cut`: it is what a proxy says over HTTP/2 where it would close an HTTP/1.1
 * connection within the body. `reset` remains TCP's own.
 */
export function endOfStream(error: unknown, rstCode: number, answered: boolean): BrokenEnd {
  const where = answered ? 'within the body' : 'before the response';
  const unprocessed = rstCode === constants.NGHTTP2_REFUSED_STREAM && !answered;
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (error === undefined) return { kind: 'cut', detail: `closed ${where}`, unprocessed };
  if (code === 'ERR_HTTP2_STREAM_ERROR')
    return { kind: 'cut', detail: `stream reset ${where}: ${codeName(rstCode)}`, unprocessed };
  if (code === 'ERR_HTTP2_SESSION_ERROR')
    return { kind: 'cut', detail: `connection ended ${where}: ${codeName(rstCode)}`, unprocessed };
  return { ...endOfError(error), unprocessed };
}

/** RFC 9113 7. */
const CODE_NAMES: readonly string[] = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

function codeName(code: number): string {
  return CODE_NAMES[code] ?? `code ${code}`;
}
