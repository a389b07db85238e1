/**
 * The `clientMessageId` of this generator: it carries all that a receiver needs to time the delivery, so no
 * state is shared between viewers, threads or boxes.
 *
 * ```
 * dl1.<run>.<vu>.<seq>.<sent>.<due>      numbers in base 36; sent and due are epoch microseconds
 * dl1.k3v9x2.1f.4.h2q0w7e5tz1.h2q0w7e5tz0
 * ```
 */

/** What one message id says. Epochs in milliseconds with fractions, on the sender's wall clock. */
export interface ChatId {
  readonly vuId: number;
  /** Counts the messages of one VU from 0. */
  readonly seq: number;
  readonly sentEpochMs: number;
  readonly dueEpochMs: number;
}

/** `foreign`: of another run or another client. `garbage`: begins as one of ours and is none. */
export type DecodedChatId = ChatId | 'foreign' | 'garbage';

export interface ChatIdCodec {
  encode(id: ChatId): string;
  /** Never throws; costs one pass over the text. */
  decode(text: string): DecodedChatId;
}

const DOT = 46;
/** 36^11 > 2^53: more digits cannot be a safe integer. */
const MAX_DIGITS = 11;
const RUN_CHARS = 12;

/** The codec of one run. Of `runId` the last 12 letters and digits are used. */
export function createChatIdCodec(runId: string): ChatIdCodec {
  const run = runId
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(-RUN_CHARS);
  const prefix = `dl1.${run}.`;
  return {
    encode({ vuId, seq, sentEpochMs, dueEpochMs }) {
      const numbers = [vuId, seq, Math.round(sentEpochMs * 1000), Math.round(dueEpochMs * 1000)];
      return prefix + numbers.map((number) => number.toString(36)).join('.');
    },
    decode(text) {
      return text.startsWith(prefix) ? decodeNumbers(text, prefix.length) : 'foreign';
    },
  };
}

/** Exactly four base-36 numbers, dots between them, without leading zeros. */
function decodeNumbers(text: string, from: number): ChatId | 'garbage' {
  const numbers = [-1, -1, -1, -1];
  let field = 0;
  let value = 0;
  let digits = 0;
  for (let at = from; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : DOT;
    if (code === DOT) {
      if (digits === 0 || field > 3 || value > Number.MAX_SAFE_INTEGER) return 'garbage';
      numbers[field++] = value;
      value = 0;
      digits = 0;
      continue;
    }
    const digit = digitOf(code);
    if (digit < 0 || digits === MAX_DIGITS || (digits > 0 && value === 0)) return 'garbage';
    value = value * 36 + digit;
    digits++;
  }
  if (field !== 4) return 'garbage';
  const [vuId = 0, seq = 0, sentUs = 0, dueUs = 0] = numbers;
  return { vuId, seq, sentEpochMs: sentUs / 1000, dueEpochMs: dueUs / 1000 };
}

/** 0-9, a-z; -1 for anything else. */
function digitOf(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  return code >= 97 && code <= 122 ? code - 87 : -1;
}
