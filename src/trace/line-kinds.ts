/**
 * Every kind of line that a viewer's trace has: the writer's types, the reader's check, the JSON Schema and
 * docs/trace.md are all made from this table. `kind` and `atMs` (ms since the run's start) stand in each line.
 */

/** `facts` = names with numbers, texts or flags. */
export type FieldType = 'number' | 'text' | 'flag' | 'facts';

export interface FieldSpec {
  readonly type: FieldType;
  readonly what: string;
  readonly optional?: true;
  /** All values there are. */
  readonly values?: readonly string[];
}

export interface LineSpec {
  /** Where the timeline shows it. */
  readonly lane: 'state' | 'buffer' | 'media' | 'requests' | 'sockets' | 'actions' | 'moments' | 'file';
  readonly what: string;
  /** What `atMs` is. */
  readonly at: string;
  readonly fields: Readonly<Record<string, FieldSpec>>;
}

const number = (what: string) => ({ type: 'number', what }) as const;
const text = (what: string) => ({ type: 'text', what }) as const;
const flag = (what: string) => ({ type: 'flag', what }) as const;
const oneOf = <const V extends readonly string[]>(values: V, what: string) =>
  ({ type: 'text', what, values }) as const;
const maybe = <F extends FieldSpec>(field: F) => ({ ...field, optional: true }) as const;

const NAMESPACES = ['/', '/chat', '/streaming'] as const;

export const LINE_KINDS = {
  head: {
    lane: 'file',
    what: 'first line of a file',
    at: '0',
    fields: {
      version: number('of this format: 1'),
      vu: number('the viewer'),
      run: text('name of the run folder'),
      startEpochMs: number('wall clock at `atMs` 0, ms since the Unix epoch'),
    },
  },
  state: {
    lane: 'state',
    what: 'the media element entered a state',
    at: 'when it did; may lie before the lines above it',
    fields: {
      state: oneOf(
        ['idle', 'starting', 'running', 'stalled', 'seeking', 'ended', 'stopped'],
        '`running` = the clock moves, `stalled` = it waits for media',
      ),
    },
  },
  level: {
    lane: 'buffer',
    what: 'how much is buffered, four times a second while the player is there',
    at: 'of the look',
    fields: {
      bufferedMs: number('media ahead of the playhead, without a hole'),
      playheadMs: number('position on the media element’s timeline'),
    },
  },
  second: {
    lane: 'state',
    what: 'what the last second was spent on and what came in it',
    at: 'end of that second',
    fields: {
      protocol: oneOf(['hls', 'flv'], 'protocol now'),
      joiningMs: number('time before playing began'),
      playedMs: number('time played'),
      stalledMs: number('time in rebuffers'),
      microWaitMs: number('time in waits that are too short to be rebuffers'),
      seekingMs: number('time in short jumps of the playhead'),
      endedMs: number('time after the end of the media'),
      frozenMs: number('time with a picture that stood still'),
      replayedMs: number('time spent on what had been shown before'),
      bytes: number('bytes of media and playlists'),
      tags: number('FLV tags'),
      segments: number('HLS segments'),
      frames: number('pictures'),
      missingFrames: number('pictures that are missing: the larger of the two below'),
      missingByNumber: maybe(
        number('gaps in the frame numbers of the capture stamps; absent = none had one'),
      ),
      missingByTime: number('gaps in the timestamps, in pictures'),
    },
  },
  arrival: {
    lane: 'media',
    what: 'media that came in a quarter of a second; a quarter without any has no line',
    at: 'end of the quarter',
    fields: {
      spanMs: number('length, ms'),
      bytes: number('bytes of media and playlists'),
      tags: number('FLV tags'),
      segments: number('HLS segments that were complete'),
    },
  },
  keyframe: { lane: 'media', what: 'a keyframe came', at: 'of its arrival', fields: {} },
  latency: {
    lane: 'moments',
    what: 'glass-to-glass latency of what is on screen, once a second',
    at: 'of the look',
    fields: {
      latencyMs: number('from capture to screen'),
      source: text('where the capture time comes from'),
      clockUncertaintyMs: maybe(
        number(
          'greatest error by the difference of the clocks; absent = the clock of the capture is unknown',
        ),
      ),
    },
  },
  request: {
    lane: 'requests',
    what: 'an HTTP request that is over',
    at: 'its end',
    fields: {
      id: number('of the request in this file'),
      what: oneOf(['api', 'playlist', 'segment', 'flv'], 'what was asked for'),
      method: text('GET, POST, ...'),
      url: text('without secrets: keys and the values of the query are masked'),
      startedAtMs: number('asked for'),
      begunAtMs: maybe(number('left the line of its origin: before it `queued`')),
      sentAtMs: maybe(number('sent on an open connection: before it `connect`')),
      headAtMs: maybe(number('status and headers were in: before it `wait` (TTFB), after it `body`')),
      end: text('complete, cut, reset, refused, timeout, aborted, ... (see seams.ts)'),
      status: maybe(number('HTTP status')),
      bytes: number('of the body, as they came'),
      detail: maybe(text('the library’s word for a failure')),
    },
  },
  response: {
    lane: 'requests',
    what: 'a request that is open for more than a second has its answer; an FLV stream stays so',
    at: 'when the headers were in',
    fields: {
      id: number('of the request in this file'),
      what: oneOf(['api', 'playlist', 'segment', 'flv'], 'what was asked for'),
      url: text('without secrets'),
      startedAtMs: number('asked for'),
      begunAtMs: maybe(number('left the line of its origin')),
      sentAtMs: maybe(number('sent on an open connection')),
      status: number('HTTP status'),
    },
  },
  playlist: {
    lane: 'requests',
    what: 'what a playlist said',
    at: 'when it was in',
    fields: {
      master: flag('it lists playlists, not segments'),
      sequence: maybe(number('media sequence number of the first segment')),
      segments: number('segments (or playlists) listed'),
      targetDurationMs: maybe(number('target duration')),
      discontinuities: number('EXT-X-DISCONTINUITY tags'),
      ended: flag('EXT-X-ENDLIST'),
      last: maybe(text('name of the last segment, without secrets')),
    },
  },
  socket: {
    lane: 'sockets',
    what: 'something happened to the connection or to one of its namespaces',
    at: 'when it did',
    fields: {
      namespace: maybe(oneOf(NAMESPACES, 'absent = the whole connection')),
      what: oneOf(
        ['opening', 'connected', 'refused', 'lost', 'closed', 'retry', 'back', 'gave_up'],
        '`retry` = an attempt to reconnect, `back` = one that worked',
      ),
      detail: maybe(text('the library’s reason')),
    },
  },
  packet: {
    lane: 'sockets',
    what: 'a Socket.IO event, by name',
    at: 'sent or received',
    fields: {
      namespace: oneOf(NAMESPACES, 'its namespace'),
      direction: oneOf(['in', 'out'], 'seen from the viewer'),
      name: text('name of the event'),
      payload: maybe(text('its beginning, without secrets')),
      dropped: maybe(flag('not sent: the namespace was not connected')),
    },
  },
  action: {
    lane: 'actions',
    what: 'something that the viewer did: a call of the shop, a chat message',
    at: 'done: answered, echoed or given up',
    fields: {
      action: text('which'),
      dueAtMs: number('when it was planned for'),
      sentAtMs: number('when it was begun'),
      outcome: text('ok, business, throttled, ... (see events.ts)'),
      status: maybe(number('HTTP status')),
    },
  },
  event: {
    lane: 'moments',
    what: 'anything else that the viewer reports: joins, first frame, rebuffers, seeks, errors',
    at: 'of the report',
    fields: {
      name: text('as in events.ts'),
      facts: { type: 'facts', what: 'its own fields, by their names in events.ts' },
    },
  },
  lag: {
    lane: 'moments',
    what: 'the generator itself was held up: what the viewer saw meanwhile is no fault of the platform',
    at: 'when it went on',
    fields: { lateMs: number('how long it was held up') },
  },
  lost: {
    lane: 'file',
    what: 'lines that could not be kept, in this place',
    at: 'when it was noticed',
    fields: {
      lines: number('how many'),
      why: text('too many at once, a full disk, ...'),
    },
  },
  gap: {
    lane: 'file',
    what: 'the file was at its limit: lines from the middle of the run were dropped here',
    at: 'of the last line that was dropped',
    fields: {
      lines: number('how many'),
      fromAtMs: number('time of the first of them'),
    },
  },
} as const satisfies Readonly<Record<string, LineSpec>>;

export type LineKind = keyof typeof LINE_KINDS;

/** Every row by name, as code that goes through all of them sees it. */
export const ALL_LINE_KINDS: Readonly<Record<string, LineSpec>> = LINE_KINDS;
