import type { Http } from '../seams.js';

/** Asks a URL; rejects, with a reason without the URL, when there is no whole answer. */
export type FetchText = (
  url: string,
  signal: AbortSignal,
  headers?: Readonly<Record<string, string>>,
) => Promise<{ readonly status: number; readonly body: string; readonly tookMs: number }>;

/** The lists of a media server with thousands of viewers are some MB. */
const MAX_BYTES = 16 * 1024 * 1024;

const WORDS: Readonly<Record<string, string>> = {
  refused: 'the connection is refused',
  reset: 'the connection was reset',
  cut: 'the answer was cut off',
  dns: 'its name is not found',
  not_allowed: 'it is not allowed as a target (--allow-target)',
  untrusted: 'its certificate is not accepted',
  timeout: 'it does not answer in time',
  aborted: 'it does not answer in time',
  too_large: 'the answer is too large',
};

/** Over the connections of one client, with a time limit; nothing is kept of the answer. */
export function createFetchText(http: Http, timeoutMs: number): FetchText {
  return async (url, signal, headers) => {
    signal.throwIfAborted();
    const answer = await http.text(
      { method: 'GET', url, ...(headers === undefined ? {} : { headers }) },
      { maxBytes: MAX_BYTES, totalTimeoutMs: timeoutMs },
    );
    // Nobody hears a late answer, so nothing may be counted from it: the next one tells the growth since the last good one.
    signal.throwIfAborted();
    if (answer.kind === 'response')
      return { status: answer.status, body: answer.body, tookMs: answer.endedAtMs - answer.startedAtMs };
    const { kind, detail } = answer.end;
    throw new Error(WORDS[kind] ?? `${kind}${detail === undefined ? '' : ` (${detail})`}`);
  };
}
