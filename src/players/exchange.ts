import type { StartFailure } from '../events.js';
import type { Cancel, Clock, Http, StreamEnd, StreamEndKind } from '../seams.js';
import type { RetryPolicy } from './profiles.js';
import type { Failure } from './retry.js';

/** Longest playlist body accepted. A four-second window is a few hundred bytes; a day of DVR is under 4 MiB. */
const MAX_PLAYLIST_BYTES = 4 * 1024 * 1024;

export type FetchOutcome =
  | {
      readonly kind: 'ok';
      readonly text: string;
      readonly url: string;
      readonly startedAtMs: number;
      readonly firstByteAtMs: number;
      readonly endedAtMs: number;
      readonly bodyBytes: number;
    }
  | {
      readonly kind: 'failed';
      readonly failure: Failure;
      readonly startedAtMs: number;
      readonly endedAtMs: number;
      readonly stopped: boolean;
      readonly tooLarge: boolean;
      /** What a person who waited for the stream would call it, if this was final. */
      readonly reason: StartFailure;
    };

/** Fetches one playlist under a load policy's limits. Never throws. */
export async function fetchPlaylist(
  http: Http,
  clock: Clock,
  url: string,
  headers: Readonly<Record<string, string>>,
  policy: RetryPolicy,
): Promise<FetchOutcome> {
  const answer = await http.text(
    { method: 'GET', url, headers },
    {
      maxBytes: MAX_PLAYLIST_BYTES,
      totalTimeoutMs: policy.totalTimeoutMs,
      ...(policy.ttfbTimeoutMs === undefined ? {} : { headersTimeoutMs: policy.ttfbTimeoutMs }),
    },
  );
  if (answer.kind === 'failure') {
    return {
      kind: 'failed',
      failure: failureOf(answer.end),
      startedAtMs: answer.startedAtMs,
      endedAtMs: answer.end.atMs,
      stopped: answer.end.kind === 'aborted',
      tooLarge: answer.end.kind === 'too_large',
      reason: reasonOf(answer.end),
    };
  }
  if (answer.status < 200 || answer.status >= 300) {
    return {
      kind: 'failed',
      failure: { kind: 'http_status', status: answer.status },
      startedAtMs: answer.startedAtMs,
      endedAtMs: clock.nowMs(),
      stopped: false,
      tooLarge: false,
      reason: 'http_status',
    };
  }
  return {
    kind: 'ok',
    text: answer.body,
    url: answer.url,
    startedAtMs: answer.startedAtMs,
    firstByteAtMs: answer.firstByteAtMs,
    endedAtMs: answer.endedAtMs,
    bodyBytes: answer.bodyBytes,
  };
}

/** How the retry rule sees an exchange that did not complete. */
function failureOf(end: StreamEnd): Failure {
  return { kind: end.kind === 'timeout' ? 'timeout' : 'network' };
}

const NEVER_CONNECTED: readonly StreamEndKind[] = ['refused', 'dns', 'not_allowed', 'untrusted'];

function reasonOf(end: StreamEnd): StartFailure {
  if (NEVER_CONNECTED.includes(end.kind)) return 'refused';
  if (end.kind === 'too_large') return 'not_a_playlist';
  return end.kind === 'timeout' ? 'no_data' : 'cut';
}

/** One segment in flight. */
export interface SegmentSink {
  onFirstByte(atMs: number): void;
  onBytes(chunk: Uint8Array, atMs: number): void;
  /** The body is complete. */
  onLoaded(timing: ExchangeTiming): void;
  onFailed(failure: Failure, timing: ExchangeTiming): void;
}

export interface ExchangeTiming {
  readonly startedAtMs: number;
  readonly firstByteAtMs: number | undefined;
  readonly endedAtMs: number;
}

/** Streams one segment; exactly one of onLoaded and onFailed follows, unless it is cancelled. */
export function streamSegment(
  http: Http,
  clock: Clock,
  url: string,
  headers: Readonly<Record<string, string>>,
  policy: RetryPolicy,
  sink: SegmentSink,
): Cancel {
  const startedAtMs = clock.nowMs();
  let status = 0;
  let firstByteAtMs: number | undefined;
  return http.stream(
    { method: 'GET', url, headers },
    {
      onResponse(answerStatus) {
        status = answerStatus;
      },
      onBytes(chunk, atMs) {
        if (status < 200 || status >= 300) return;
        if (firstByteAtMs === undefined) {
          firstByteAtMs = atMs;
          sink.onFirstByte(atMs);
        }
        sink.onBytes(chunk, atMs);
      },
      onEnd(end) {
        if (end.kind === 'aborted') return;
        const timing = { startedAtMs, firstByteAtMs, endedAtMs: end.atMs };
        if (end.kind !== 'complete') sink.onFailed(failureOf(end), timing);
        else if (status < 200 || status >= 300) sink.onFailed({ kind: 'http_status', status }, timing);
        else sink.onLoaded(timing);
      },
    },
    {
      totalTimeoutMs: policy.totalTimeoutMs,
      ...(policy.ttfbTimeoutMs === undefined ? {} : { headersTimeoutMs: policy.ttfbTimeoutMs }),
    },
  );
}
