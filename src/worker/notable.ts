import type { ReportedEvent, ViewerEvent } from '../events.js';
import type { FromWorker } from '../protocol.js';
import { Troubled } from '../stats/troubled.js';

type Notable = Extract<FromWorker, { kind: 'notable' }>;

/** Lines of one kind that a worker sends; the main thread bounds them again over all workers. */
const MAX_PER_KIND = 100;
/** Orders must be found again by whoever cancels them. */
const MAX_ORDERS = 10_000;

/** Picks the events that somebody who looks into a bad run wants to read, a bounded number of each kind. */
export class NotableEvents {
  /** Who had trouble since it was taken last: beyond the measure of the events, too. */
  readonly troubled = new Troubled();
  readonly #sent = new Map<string, number>();

  /** The message for `reported`, or undefined when it is ordinary or its kind has had its share. */
  pick(reported: ReportedEvent): Notable | undefined {
    const { vuId, event } = reported;
    const detail = notableDetail(event);
    this.troubled.on(reported, detail !== undefined);
    if (detail === undefined) return undefined;
    return this.admit(event.kind, event.atMs, detail, vuId);
  }

  /** The same for what the worker itself has to say. */
  admit(what: string, atMs: number, detail: string, vu?: number): Notable | undefined {
    const sent = this.#sent.get(what) ?? 0;
    if (sent >= (what === 'order_created' ? MAX_ORDERS : MAX_PER_KIND)) return undefined;
    this.#sent.set(what, sent + 1);
    return { kind: 'notable', what, atMs, detail, ...(vu !== undefined ? { vu } : {}) };
  }
}

/** What stands in the line beside kind, time and viewer; undefined = not notable. Codes and numbers only. */
function notableDetail(event: ViewerEvent): string | undefined {
  switch (event.kind) {
    case 'start_failed':
      return `${event.protocol} ${event.reason}${event.status === undefined ? '' : ` ${event.status}`}`;
    case 'player_dead':
      return `${event.protocol} ${event.reason}`;
    case 'rebuffer_ended':
    case 'frozen':
      return `${event.protocol} for ${Math.round(event.durationMs)} ms, begun ${(event.startedAtMs / 1000).toFixed(3)} s into the run`;
    case 'seek':
      return `${event.protocol} ${event.cause}, ${Math.round(event.skippedMs)} ms skipped, ${Math.round(event.replayedMs)} ms again`;
    case 'media_error':
    case 'playlist_error':
      return `${event.protocol} ${event.code}`;
    case 'playlist_stale':
    case 'sequence_reset':
    case 'context_lost':
    case 'segment_expired':
    case 'no_video':
      return event.protocol;
    case 'media_request':
      return event.outcome === 'ok'
        ? undefined
        : `${event.protocol} ${event.what} ${event.outcome}${event.status === undefined ? '' : ` ${event.status}`}`;
    case 'flv_ended':
      return event.how;
    case 'player_reload':
      return `${event.protocol} ${event.cause}`;
    case 'protocol_switched':
      return `from ${event.from}: ${event.cause}`;
    case 'vu_lost':
      return event.reason;
    case 'socket_failed':
      return `${event.namespace} ${event.reason}`;
    case 'join_lost':
    case 'socket_garbage':
      return event.namespace;
    case 'socket_disconnected':
      return event.reason;
    case 'socket_error':
      return event.code;
    case 'socket_gave_up':
    case 'chat_echo_lost':
    case 'stream_ended_notice':
    case 'action_skipped':
      return '';
    case 'api_call':
      return event.outcome === 'ok' || event.outcome === 'renewed' || event.outcome === 'absent'
        ? undefined
        : `${event.call} ${event.outcome}${event.status === undefined ? '' : ` ${event.status}`}`;
    case 'token_refresh':
      return event.outcome === 'ok' || event.outcome === 'minted'
        ? undefined
        : `${event.cause} ${event.outcome}`;
    case 'order_created':
      return event.orderId;
    case 'not_recovered':
      return `${event.fault}: ${event.missing === 'both' ? 'neither picture nor socket' : `no ${event.missing}`}`;
    case 'room_not_back':
      return `${event.fault}: ${event.namespace}`;
    case 'media_not_back':
      return event.fault;
    case 'stream_end_judged':
      return event.heard ? undefined : 'stream:ended was not heard';
    case 'stream_state_judged':
      return event.seen ? undefined : `${event.to.toUpperCase()} was not seen`;
    case 'cart_emptied':
      return event.ok ? undefined : 'not emptied';
    case 'action_late':
      return `${Math.round(event.lateMs)} ms`;
    default:
      return undefined;
  }
}
