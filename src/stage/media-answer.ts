/** Answers of the media routes as SRS writes them (no Date, `Connection: Close`), and the ways they can go wrong. */
import type { Socket } from 'node:net';
import { SRS_SERVER_NAME } from './encoder.js';
import type { StageClock } from './stage-clock.js';

/** How a body leaves: all at once, half of it and then the end, spread over `overMs`, or never (not even a head). */
export type Delivery =
  | { readonly kind: 'whole' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'slow'; readonly overMs: number }
  | { readonly kind: 'never' };

export interface MediaAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
  /** Of a redirect. */
  readonly location?: string;
  /** Absent: whole. */
  readonly delivery?: Delivery;
}

/** As much of a socket as an answer needs. */
export type AnswerSocket = Pick<
  Socket,
  'cork' | 'uncork' | 'write' | 'destroySoon' | 'setNoDelay' | 'destroyed' | 'once'
>;

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  302: 'Found',
  404: 'Not Found',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};
/** Pieces of a slow answer. */
const SLOW_PIECES = 20;

/** Writes `answer` and ends the connection when all of it has gone. */
export function writeAnswer(socket: AnswerSocket, answer: MediaAnswer, clock: StageClock): void {
  const delivery = answer.delivery ?? { kind: 'whole' };
  if (delivery.kind === 'never') return;
  socket.setNoDelay(true);
  if (delivery.kind === 'slow') {
    socket.write(headOf(answer), 'latin1');
    trickle(socket, answer.body, delivery.overMs, clock);
    return;
  }
  const { body } = answer;
  socket.cork();
  socket.write(headOf(answer), 'latin1');
  socket.write(delivery.kind === 'cut' ? body.subarray(0, body.length >> 1) : body);
  socket.uncork();
  socket.destroySoon();
}

function headOf({ status, type, body, location }: MediaAnswer): string {
  return [
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Unknown'}`,
    'Connection: Close',
    `Content-Length: ${body.length}`,
    `Content-Type: ${type}`,
    ...(location === undefined ? [] : [`Location: ${location}`]),
    `Server: ${SRS_SERVER_NAME}`,
    '\r\n',
  ].join('\r\n');
}

/** Equal pieces at equal times; the last one leaves after `overMs`. */
function trickle(socket: AnswerSocket, body: Buffer, overMs: number, clock: StageClock): void {
  const pieceBytes = Math.max(1, Math.ceil(body.length / SLOW_PIECES));
  const pieces = Math.ceil(body.length / pieceBytes);
  let cancel = (): void => {};
  socket.once('close', () => cancel());
  const send = (piece: number): void => {
    if (socket.destroyed) return;
    socket.write(body.subarray(piece * pieceBytes, (piece + 1) * pieceBytes));
    if (piece + 1 >= pieces) socket.destroySoon();
    else cancel = clock.after(overMs / pieces, () => send(piece + 1));
  };
  cancel = clock.after(overMs / pieces, () => send(0));
}
