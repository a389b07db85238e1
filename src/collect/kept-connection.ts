/** A connection that is asked through. */
export interface Connection {
  /** False when it is known to be of no use any more. */
  isOpen(): boolean;
  /** Cuts it at once: whoever waits for an answer has a failure. May be called again. */
  cut(): void;
}

/**
 * One connection to a server, opened when it is first needed and again after any failure: of what failed once it is
 * not known which answer belongs to which question. Who takes too long is cut off, so that no question outlives its
 * deadline.
 */
export class KeptConnection<T extends Connection> {
  readonly #open: (signal: AbortSignal) => Promise<T>;
  #kept: T | undefined;

  constructor(open: (signal: AbortSignal) => Promise<T>) {
    this.#open = open;
  }

  /** @throws what opening or asking throws, and when `signal` has ended it */
  async use<A>(signal: AbortSignal, ask: (connection: T) => Promise<A>): Promise<A> {
    signal.throwIfAborted();
    if (this.#kept?.isOpen() !== true) {
      this.close();
      this.#kept = await this.#open(signal);
    }
    const connection = this.#kept;
    const cut = (): void => connection.cut();
    signal.addEventListener('abort', cut, { once: true });
    try {
      // Nobody hears a late answer, so nothing may be counted from it.
      signal.throwIfAborted();
      const answer = await ask(connection);
      signal.throwIfAborted();
      return answer;
    } catch (error) {
      this.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', cut);
    }
  }

  close(): void {
    this.#kept?.cut();
    this.#kept = undefined;
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  ENOTFOUND: 'its name is not found',
  EAI_AGAIN: 'its name is not found',
  ETIMEDOUT: 'it does not answer in time',
  EHOSTUNREACH: 'no way leads to it',
  ENETUNREACH: 'no way leads to it',
};

/** What a socket has failed of in words, without an address; undefined when it is something else. */
export function socketWords(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null)?.code;
  if (typeof code !== 'string') return undefined;
  if (/CERT|SELF_SIGNED|TLS|UNABLE_TO_VERIFY/.test(code)) return `its certificate is not accepted (${code})`;
  return WORDS[code];
}

/** Answers of a server that is asked for some numbers are far smaller. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const WATCH_MS = 20;

/** Asks, and cuts the connection when more comes in than any true answer has. @throws what `ask` throws, or that */
export async function withinBytes<T>(
  bytesRead: () => number,
  cut: () => void,
  ask: () => Promise<T>,
): Promise<T> {
  const from = bytesRead();
  let isTooLarge = false;
  const timer = setInterval(() => {
    isTooLarge ||= bytesRead() - from > MAX_ANSWER_BYTES;
    if (isTooLarge) cut();
  }, WATCH_MS);
  try {
    return await ask();
  } catch (error) {
    if (isTooLarge) throw new Error('the answer is too large', { cause: error });
    throw error;
  } finally {
    clearInterval(timer);
  }
}
