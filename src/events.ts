import type { Namespace } from './seams.js';

/**
 * The narrow waist: everything a viewer can report, one union. Players and the virtual user emit these; the
 * recorder and the trace consume them; neither side knows the other.
 *
 * `atMs` is the instant of the report in run milliseconds. Where something is about an earlier instant (an
 * action that was due, a message that was sent), `phaseAtMs` names the instant whose phase it counts in.
 */
export interface EventHead {
  readonly atMs: number;
  /** Instant that decides the phase; absent = `atMs`. */
  readonly phaseAtMs?: number;
}

export type Protocol = 'hls' | 'flv';

/** Why an attempt to start watching failed; each is a separate counter. Bounded: never free text. */
export type StartFailure =
  | 'refused' // connection refused, DNS, not allowed, or a certificate that is not accepted
  | 'http_status' // an answer other than 2xx (a wrong stream key is 404)
  | 'not_a_playlist' // an HTML page, garbage, or a list without what a player needs
  | 'media_error' // bytes that are not the promised container
  | 'no_data' // nothing within the page's patience
  | 'cut' // the body ended before the first frame
  | 'no_video' // audio plays, no picture ever
  | 'stopped'; // the run ended first: not an attempt that counts

/** What went wrong with media bytes or playlists. Bounded set; the detail goes to the trace only. */
export type MediaErrorCode =
  | 'flv_header'
  | 'flv_tag_type'
  | 'flv_tag_size'
  | 'flv_stream_id'
  | 'flv_trailer'
  | 'flv_time_jump'
  | 'flv_codec'
  | 'ts_sync'
  | 'ts_continuity'
  | 'ts_no_pat'
  | 'ts_no_pmt'
  | 'ts_pes'
  | 'ts_length'
  | 'ts_no_keyframe'
  | 'nal_length'
  | 'encrypted'
  | 'unknown_codec';

export type PlaylistErrorCode =
  | 'http_status'
  | 'not_m3u8' // no #EXTM3U: an HTML error page, JSON, garbage
  | 'no_target_duration' // also what hls.js says of a master on a media URL: the context was lost
  | 'empty'
  | 'mismatch' // a media sequence number that names another segment than before
  | 'bad_segment' // a segment without a usable duration or URI
  | 'too_large'
  | 'network';

/** Outcome of a REST call or socket action; four kinds of refusal are never mixed (issue: viewer). */
export type ApiOutcome =
  | 'ok'
  | 'business' // sold out, insufficient stock, empty cart: the platform works
  | 'throttled' // 429
  | 'proxy_limit' // 503 by the proxy's limit_req / limit_conn
  | 'server_fault' // any other 5xx
  | 'renewed' // 401 that a new token mended: the page asked again with it, and that call counts
  | 'unauthorized' // other 401, 403
  | 'client_fault' // other 4xx: our request was wrong for this platform
  | 'absent' // 404 of something that this platform need not have: neither good nor bad
  | 'bad_body' // 2xx, but not the agreed envelope
  | 'timeout'
  | 'network';

/** Which business refusal an answer was (contract 3.3). */
export type BusinessRefusal =
  | 'sold_out'
  | 'insufficient_stock'
  | 'cart_empty'
  | 'cart_expired'
  | 'not_available';

export type ApiCall =
  | 'products'
  | 'cart_add'
  | 'cart_get'
  | 'cart_clear'
  | 'order_create'
  | 'stream_status'
  | 'notices'
  | 'me'
  | 'config'
  | 'featured_product'
  | 'csrf'
  | 'refresh';

/**
 * Where a picture's own bytes tell its capture time:
 * - `stamp`: our capture stamp
 * - `misb`: precision time stamp of MISB ST 0604
 * - `obs`: OBS Studio's broadcast performance metrics, on keyframes
 * - `pic_timing`: the clock of H.264 picture timing messages, a time of day
 */
export type FrameCaptureSource = 'stamp' | 'misb' | 'obs' | 'pic_timing';

/** Where a capture time came from; named beside each latency. `pdt`: the playlist's PROGRAM-DATE-TIME. */
export type CaptureSource = FrameCaptureSource | 'pdt';

export type SeekCause = 'drift' | 'chaser' | 'jumper' | 'window' | 'hole' | 'restart' | 'reload';

export type SwitchCause = 'network_error' | 'http_status' | 'cut' | 'media_error' | 'stalled_out';

/** How an FLV body ended. Silence is no end: the watchdog's reload is reported apart. */
export type FlvEnd = 'clean' | 'cut' | 'reset' | 'http_status' | 'network';

/** What a planned fault breaks; see `FAULT_CLASSES` of the scenarios. */
export type FaultClass = 'network' | 'publisher' | 'media' | 'other';

export type SocketFailure = 'connect_error' | 'ready_timeout' | 'auth_refused' | 'join_timeout' | 'gave_up';

interface Media {
  /** Protocol now. */
  readonly protocol: Protocol;
}

export type PlayerEvent = EventHead &
  Media &
  (
    | { readonly kind: 'play_attempt' }
    | { readonly kind: 'first_byte'; readonly sinceStartMs: number }
    /** The player knows what it will play (`loadedmetadata`, `MANIFEST_PARSED`); the page now opens /streaming. */
    | { readonly kind: 'media_ready'; readonly sinceStartMs: number }
    | { readonly kind: 'first_tag'; readonly sinceStartMs: number }
    | { readonly kind: 'first_keyframe'; readonly sinceStartMs: number }
    /** First picture painted. Ends the attempt as a success. */
    | { readonly kind: 'first_frame'; readonly sinceStartMs: number }
    | { readonly kind: 'playing'; readonly sinceStartMs: number }
    | { readonly kind: 'moving'; readonly sinceStartMs: number }
    /** Audio plays and there is no video at all: reported, not a failure of the start. */
    | { readonly kind: 'no_video' }
    | { readonly kind: 'start_failed'; readonly reason: StartFailure; readonly status?: number }
    /** A stall of 100 ms or more after playing began; emitted once it is known to be that long. */
    | { readonly kind: 'rebuffer_started'; readonly startedAtMs: number }
    | {
        readonly kind: 'rebuffer_ended';
        readonly startedAtMs: number;
        readonly durationMs: number;
        /** True when the viewer left while still stalled. */
        readonly cutOff: boolean;
      }
    | { readonly kind: 'micro_wait'; readonly startedAtMs: number; readonly durationMs: number }
    /** The picture stood still although the clock ran, > 150 ms. */
    | { readonly kind: 'frozen'; readonly startedAtMs: number; readonly durationMs: number }
    | {
        readonly kind: 'seek';
        readonly cause: SeekCause;
        /** Positions on the media element's timeline. */
        readonly fromMediaMs: number;
        readonly toMediaMs: number;
        readonly skippedMs: number;
        readonly replayedMs: number;
      }
    /**
     * Where the time since the last report went (at most once a second per viewer), all spans in ms: joining, played,
     * stalled, micro-waits, seeking and ended add up to the session's time; frozen and replayed are parts of played.
     */
    | {
        readonly kind: 'watched';
        /** Before `playing` for the first time. */
        readonly joiningMs: number;
        readonly playedMs: number;
        readonly stalledMs: number;
        /** Waits below 100 ms for media, and below 100 ms after a jump of the playhead. */
        readonly microWaitMs: number;
        readonly seekingMs: number;
        /** All media was played, or the player never had a chance. */
        readonly endedMs: number;
        readonly frozenMs: number;
        readonly replayedMs: number;
        readonly bytes: number;
        readonly frames: number;
        /** The larger of `missingByNumber` and `missingByTime`. */
        readonly missingFrames: number;
        /** Gaps in the frame numbers of the capture stamps; absent = no picture had one. */
        readonly missingByNumber?: number;
        /** Gaps in the timestamps. */
        readonly missingByTime: number;
        /** `frames` by where their capture time is from; frames of a known source only after their first keyframe. */
        readonly framesBySource?: Readonly<Partial<Record<CaptureSource | 'unknown', number>>>;
        readonly segments: number;
        readonly tags: number;
      }
    /** The picture on screen was captured in the future: the clocks differ, and no latency is known. */
    | { readonly kind: 'clock_warning'; readonly aheadMs: number; readonly source: CaptureSource }
    /** Glass-to-glass latency of what is on screen now; never negative. */
    | {
        readonly kind: 'latency';
        readonly latencyMs: number;
        readonly source: CaptureSource;
        /** Greatest error of it by the difference of the two clocks, ms; absent = the capture's clock is unknown. */
        readonly clockUncertaintyMs?: number;
      }
    /** Stamped pictures that came in since the last report, and how late their last bytes were. */
    | {
        readonly kind: 'arrived';
        /** Capture to last byte, ms, one each. */
        readonly latenciesMs: Float64Array;
        /** Pictures whose bytes came before they were captured, by more than the clocks may differ; not in the list. */
        readonly beforeCapture: number;
      }
    /**
     * A segment of a playlist, once its keyframe has told when it was captured. `listedAfterMs` from that capture to
     * the first list in which this viewer saw the segment; absent from what stood in its first list already.
     */
    | {
        readonly kind: 'segment_listed';
        /** Capture of the keyframe on the publisher's clock, ms: what a segment is known by over all viewers. */
        readonly captureEpochMs: number;
        readonly listedAfterMs: number;
      }
    | { readonly kind: 'media_error'; readonly code: MediaErrorCode }
    | { readonly kind: 'playlist_error'; readonly code: PlaylistErrorCode }
    | {
        readonly kind: 'media_request';
        readonly what: 'master' | 'playlist' | 'segment';
        readonly outcome: 'ok' | 'not_found' | 'http_status' | 'timeout' | 'network';
        readonly status?: number;
        readonly durationMs: number;
        readonly ttfbMs?: number;
      }
    /** The list did not change within three target durations. */
    | { readonly kind: 'playlist_stale' }
    | { readonly kind: 'sequence_reset' }
    /** A media URL answered with a master: the session context was lost. */
    | { readonly kind: 'context_lost' }
    | { readonly kind: 'segment_expired' }
    | { readonly kind: 'flv_ended'; readonly how: FlvEnd; readonly status?: number }
    | { readonly kind: 'player_reload'; readonly cause: 'watchdog' | 'fatal' }
    | { readonly kind: 'protocol_switched'; readonly from: Protocol; readonly cause: SwitchCause }
    /** The player will never play again by the page's doing; `gave_up` = unless media comes by itself. */
    | { readonly kind: 'player_dead'; readonly reason: StartFailure | 'gave_up' | 'ended' | 'fatal' }
    /** A player that was given up plays again. */
    | { readonly kind: 'player_back' }
  );

export type SessionEvent = EventHead &
  (
    | { readonly kind: 'vu_started' }
    /** Watching, and every namespace it should hold is ready and joined. */
    | { readonly kind: 'vu_joined'; readonly sinceStartMs: number }
    /** The viewer's page is broken for good although nobody asked it to leave. Once per VU. */
    | {
        readonly kind: 'vu_lost';
        readonly reason: 'player' | 'socket' | 'auth' | 'internal';
        /** The planned fault that broke it, whose own rows count it. */
        readonly fault?: FaultClass;
      }
    /**
     * The stream is over and the page took its player away; it comes back when the stream does. `planned`: the
     * publisher is gone because this run took it away.
     */
    | { readonly kind: 'player_unmounted'; readonly planned: boolean }
    /** The stream is live again and a new player took its place. */
    | { readonly kind: 'player_mounted' }
    | { readonly kind: 'vu_left'; readonly reason: 'planned' | 'stopped' }
    /** The platform's own ready event came; `sinceOpenMs` from opening the connection or namespace. */
    | { readonly kind: 'socket_ready'; readonly namespace: Namespace; readonly sinceOpenMs: number }
    | { readonly kind: 'socket_failed'; readonly namespace: Namespace; readonly reason: SocketFailure }
    | { readonly kind: 'join_attempt'; readonly namespace: Namespace }
    | { readonly kind: 'join_confirmed'; readonly namespace: Namespace; readonly sinceAttemptMs: number }
    /** A join that was sent and never confirmed within its patience. */
    | { readonly kind: 'join_lost'; readonly namespace: Namespace }
    | { readonly kind: 'socket_disconnected'; readonly reason: 'server' | 'transport' }
    | { readonly kind: 'socket_reconnected'; readonly downMs: number }
    /** All reconnect attempts are used up. */
    | { readonly kind: 'socket_gave_up' }
    | {
        readonly kind: 'socket_error';
        readonly code: 'rate_limit' | 'invalid_message' | 'auth' | 'internal' | 'other';
      }
    /** A payload that does not have the contract's shape. */
    | { readonly kind: 'socket_garbage'; readonly namespace: Namespace }
    /** `expectedOthers`: viewers of this run, other than the sender, that stood in the room when it was sent. */
    | { readonly kind: 'chat_sent'; readonly expectedOthers: number }
    /** Viewers of other boxes that stood in the room when it was sent; phase = then. */
    | { readonly kind: 'chat_expected_far'; readonly count: number }
    | { readonly kind: 'chat_not_sent'; readonly reason: 'not_joined' }
    /** Own message came back. Plain: from the send. `sinceDueMs`: from when the action was due. */
    | { readonly kind: 'chat_echo'; readonly deliveryMs: number; readonly sinceDueMs: number }
    /** Another viewer's message arrived here; phase = when it was sent. */
    | { readonly kind: 'chat_delivered'; readonly deliveryMs: number; readonly sinceDueMs: number }
    /** Own message never came back within the patience. */
    | { readonly kind: 'chat_echo_lost' }
    /** A message of somebody outside this run. */
    | { readonly kind: 'chat_foreign' }
    | { readonly kind: 'viewer_count'; readonly count: number }
    | { readonly kind: 'product_event' }
    | { readonly kind: 'stream_ended_notice' }
    | {
        readonly kind: 'api_call';
        readonly call: ApiCall;
        readonly write: boolean;
        readonly outcome: ApiOutcome;
        readonly status?: number;
        readonly durationMs: number;
        readonly sinceDueMs: number;
        /** Given when the outcome is `business`. */
        readonly refusal?: BusinessRefusal;
      }
    /**
     * The page asked for a new access token: `minted` was made without the platform, `refused` signs the viewer out,
     * `no_token` = the account brought nothing to ask with.
     */
    | {
        readonly kind: 'token_refresh';
        readonly cause: 'timer' | 'unauthorized' | 'socket' | 'start';
        readonly outcome: 'ok' | 'minted' | 'refused' | 'failed' | 'no_token';
        readonly durationMs: number;
      }
    /** An action began later than planned by more than 50 ms: our own lateness. */
    | { readonly kind: 'action_late'; readonly lateMs: number }
    /** An action that was not begun, because too many calls of this viewer are unanswered. */
    | { readonly kind: 'action_skipped' }
    /** A viewer that had put something into its cart emptied it when it left, or could not. */
    | { readonly kind: 'cart_emptied'; readonly ok: boolean }
    | { readonly kind: 'order_created'; readonly orderId: string }
    | RecoveryEvent
  );

/**
 * What became of a viewer after a planned fault. Spans count from when the fault was mended unless they say otherwise;
 * all of it counts in the phase in which the fault began.
 */
export type RecoveryEvent = { readonly fault: FaultClass } & (
  | { readonly kind: 'fault_faced' }
  /** The picture moves and a socket round trip was made: whichever came later. */
  | { readonly kind: 'recovered'; readonly afterMs: number }
  | { readonly kind: 'not_recovered'; readonly missing: 'picture' | 'socket' | 'both' }
  /** The picture moves, and media has come since the fault was mended. */
  | { readonly kind: 'picture_back'; readonly afterMs: number }
  | { readonly kind: 'picture_not_back' }
  | { readonly kind: 'socket_back'; readonly afterMs: number }
  /** First media after the fault; from when the fault *began*. */
  | { readonly kind: 'media_back'; readonly sinceBegunMs: number }
  /** `waitedMs` from when the fault began: it takes longer than that. */
  | { readonly kind: 'media_not_back'; readonly waitedMs: number }
  /** The viewer is in the room again: its join was confirmed, or it heard something that went to the room. */
  | { readonly kind: 'room_back'; readonly namespace: Namespace; readonly afterMs: number }
  | { readonly kind: 'room_not_back'; readonly namespace: Namespace }
  /** It stood in the room when the fault began. */
  | { readonly kind: 'room_faced'; readonly namespace: Namespace }
  /** It stood in the room, and will not tell: it joins it for others to hear, or its page broke. */
  | { readonly kind: 'room_excused'; readonly namespace: Namespace }
  /** The publisher goes for longer than the platform waits: who will tell what becomes of the stream. */
  | { readonly kind: 'stream_end_faced'; readonly inRoom: boolean; readonly observes: boolean }
  /** A connection that was lost is back with all its joins; from the later of its loss and the mending. */
  | { readonly kind: 'reconnected_after_fault'; readonly afterMs: number }
  /** Whether `stream:ended` came after a publisher had been gone for longer than the platform's grace. */
  | { readonly kind: 'stream_end_judged'; readonly heard: boolean }
  /** Whether an observer saw the stream become OFFLINE (from when the fault began) or LIVE again. */
  | {
      readonly kind: 'stream_state_judged';
      readonly to: 'offline' | 'live';
      readonly seen: boolean;
      readonly afterMs?: number;
    }
);

export type ViewerEvent = PlayerEvent | SessionEvent;

/** Events with `vuId` and the protocol at join added by the virtual user; what the recorder and trace get. */
export interface ReportedEvent {
  readonly vuId: number;
  readonly joinProtocol: Protocol;
  readonly event: ViewerEvent;
}

export type EmitPlayerEvent = (event: PlayerEvent) => void;
export type EmitEvent = (event: ViewerEvent) => void;
