/** What can be planted, and the text form of the command line: `freeze:at=20,for=2`. Pure. */
import { ConfigError } from '../errors.js';

interface FaultKindSpec {
  readonly shape: 'span' | 'once' | 'timed';
  readonly what: string;
  /** Names of its own parameters; absent = it has none. */
  readonly takes?: readonly string[];
  /** Those of them that it is nothing without: numbers, 0 or more. */
  readonly needs?: readonly string[];
}

/**
 * Every fault, with its meaning. Those of REST take a `path` (e.g. `/api/cart`) and then strike only below it. `timed` faults last `forSeconds` (without it until deleted); `once` happen at
 * one moment; `span` are about a length of media time and need `forSeconds`.
 */
export const FAULTS = {
  freeze: { shape: 'span', what: 'media held, then sent in one burst with its own times' },
  pause: { shape: 'span', what: 'publisher silent, then goes on without a gap in time: late for good' },
  gap: {
    shape: 'span',
    what: 'FLV viewers get nothing, then live media whose times show the hole, as slow readers of SRS do; HLS goes on',
  },
  loss: { shape: 'span', what: 'media lost for everybody, FLV and HLS; the times that follow show the hole' },
  jump: {
    shape: 'once',
    takes: ['seconds'],
    what: 'times leap by `seconds` at once (FLV viewers of SRS see 10 ms)',
  },
  'drop-publisher': { shape: 'timed', what: 'unpublish; republish after forSeconds, or never' },
  'video-gone': { shape: 'timed', what: 'no pictures, audio goes on' },
  'audio-gone': { shape: 'timed', what: 'no audio, pictures go on' },
  'no-stamps': { shape: 'timed', what: 'capture stamps overwritten with filler' },
  'mute-chat': { shape: 'timed', what: 'chat messages are confirmed but broadcast to nobody' },
  'echo-to-sender-only': { shape: 'timed', what: 'chat messages reach their sender only' },
  'no-ready': {
    shape: 'timed',
    takes: ['namespace'],
    what: 'ready event withheld; `namespace` = /, /chat or /streaming, default all',
  },
  'refuse-tokens': { shape: 'timed', what: 'every token is taken for a bad one' },
  'refuse-refresh': { shape: 'timed', what: 'no access token is renewed: 401 TOKEN_REFRESH_FAILED' },
  'refuse-dev-login': { shape: 'timed', what: 'the test login answers 403, as in production' },
  'http-5xx': { shape: 'timed', takes: ['path'], what: 'REST answers 500 with an error envelope' },
  'http-429': { shape: 'timed', takes: ['path'], what: 'REST answers 429 as the throttle does' },
  'http-503': { shape: 'timed', takes: ['path'], what: 'REST answers 503 with nginx HTML' },
  slow: { shape: 'timed', takes: ['ms', 'path'], what: 'REST answers come `ms` later (default 1000)' },
  'order-conflicts': {
    shape: 'timed',
    takes: ['path'],
    what: 'carts and orders answer 500, as write conflicts make them',
  },
  blackhole: {
    shape: 'timed',
    what: 'nothing passes: open connections stay and are silent, new ones hang; media, sockets and API alike',
  },
  'reset-all': { shape: 'once', what: 'every connection is reset (RST); new ones are taken at once' },
  'kill-media': {
    shape: 'timed',
    takes: ['as'],
    what: 'the media server is gone: bodies are cut, requests for media are reset (`as=502`: answered 502, as nginx in front does); it comes back with new sequence numbers and an empty list, and the publisher comes back to it',
  },
  'drop-sockets': {
    shape: 'once',
    what: 'every Socket.IO connection is cut, as by a restart behind the proxy; viewers may come back at once',
  },
  'refuse-sockets': { shape: 'timed', what: 'no new Socket.IO connection is let in' },
  'lose-rooms': {
    shape: 'once',
    what: 'every socket is taken out of its rooms; nobody is told, and connections stay',
  },
  'mute-end': { shape: 'timed', what: 'stream:ended is not sent' },
  'stays-offline': { shape: 'timed', what: 'a publisher that comes back does not make the stream LIVE' },
  'wipe-viewers': {
    shape: 'once',
    what: 'the viewer set is emptied, as the reconciler does; nobody is told',
  },
  'html-502': { shape: 'timed', what: 'REST and media answer 502 with nginx HTML' },
  'garbage-playlist': { shape: 'timed', what: 'playlists are no playlists' },
  'garbage-segment': { shape: 'timed', what: 'segments are noise' },
  'garbage-flv': { shape: 'timed', what: 'noise in place of FLV tags' },
  'frozen-playlist': { shape: 'timed', what: 'the playlist does not change' },
  'lost-segments': {
    shape: 'timed',
    takes: ['count'],
    what: 'the next `count` (default 1) new segments answer 404',
  },
  'lose-context': { shape: 'once', what: 'every HLS context is forgotten' },
  'lost-playlists': {
    shape: 'timed',
    takes: ['status', 'count'],
    what: 'playlists answer `status` (404 by default, 500, 502 or 503), all of them or the next `count`',
  },
  'redirect-playlist': { shape: 'timed', what: 'each playlist is found behind a 302' },
  'end-list': { shape: 'timed', what: 'lists say that nothing will follow (EXT-X-ENDLIST)' },
  'cut-segments': { shape: 'timed', what: 'segments are cut off halfway, their whole length promised' },
  'slow-segments': {
    shape: 'timed',
    takes: ['ms'],
    what: 'segments trickle in over `ms` each (default 3000)',
  },
  'hang-segments': { shape: 'timed', what: 'segments are never answered' },
  unpublished: {
    shape: 'timed',
    what: 'new FLV viewers get no answer at all and playlists are 404, as before the first publish',
  },
  'flv-cut': {
    shape: 'once',
    what: 'FLV bodies are cut off without their last chunk; they can be had again',
  },
  'flv-end': { shape: 'once', what: 'FLV bodies end as if all had been said; they can be had again' },
  'short-grace': {
    shape: 'timed',
    takes: ['ms'],
    what: 'an unpublish counts as the end after `ms` (default 1000), not after 45 s: OFFLINE and stream:ended',
  },
  'slow-auth': {
    shape: 'timed',
    takes: ['ms'],
    what: 'looking up the token of a socket takes `ms` (default 2000)',
  },
  'late-reap': {
    shape: 'timed',
    takes: ['ms'],
    what: 'closed sockets leave the viewer set `ms` later (default 85000), also when the viewer is back',
  },
  'cap-sockets': {
    shape: 'timed',
    takes: ['count'],
    needs: ['count'],
    what: 'no more than `count` Socket.IO connections: all others are refused',
  },
  'cap-media': {
    shape: 'timed',
    takes: ['count'],
    needs: ['count'],
    what: 'no more than `count` connections to the media server (max_connections of SRS): others get 502, HLS too',
  },
  'cap-api': {
    shape: 'timed',
    takes: ['rate', 'status'],
    needs: ['rate'],
    what: 'no more than `rate` REST calls a second in all: others answer `status` (503 as nginx by default, or 429)',
  },
  starve: {
    shape: 'timed',
    takes: ['count', 'share'],
    needs: ['count'],
    what: 'beyond `count` viewers of media each gets `share` of the bitrate (default: what `count` of them would use, divided among all)',
  },
  'sold-out': { shape: 'timed', what: 'no product has any stock left' },
} as const satisfies Record<string, FaultKindSpec>;

export type FaultKind = keyof typeof FAULTS;
export type FaultParameter = string | number;

export interface FaultSpec {
  readonly kind: FaultKind;
  /** From now (control API) or from the stage's start (command line), s. */
  readonly atSeconds: number;
  /** Absent: until deleted. */
  readonly forSeconds?: number;
  readonly parameters: Readonly<Record<string, FaultParameter>>;
}

const LONGEST_S = 24 * 3600;

export function isFaultKind(kind: string): kind is FaultKind {
  return Object.hasOwn(FAULTS, kind);
}

/** Checks the loose form that both the control API and the command line use. Throws ConfigError. */
export function toFaultSpec(fields: Readonly<Record<string, unknown>>): FaultSpec {
  const { kind, atSeconds = 0, forSeconds, ...rest } = fields;
  if (typeof kind !== 'string' || !isFaultKind(kind)) {
    throw bad('no such fault', String(kind), Object.keys(FAULTS).join(', '));
  }
  const at = secondsOf('at', atSeconds);
  const span = forSeconds === undefined ? undefined : secondsOf('for', forSeconds);
  if (FAULTS[kind].shape === 'span' && span === undefined)
    throw bad(`${kind} needs a length`, '', 'for=SECONDS');
  const { takes = [] }: FaultKindSpec = FAULTS[kind];
  const parameters: Record<string, FaultParameter> = {};
  for (const [name, value] of Object.entries(rest)) {
    if (!takes.includes(name))
      throw bad(`${kind} has no such parameter`, name, ['at', 'for', ...takes].join(', '));
    if (typeof value !== 'string' && typeof value !== 'number') throw bad(`${name} of ${kind}`, typeof value);
    parameters[name] = value;
  }
  const { needs = [] }: FaultKindSpec = FAULTS[kind];
  for (const name of needs) {
    const value = parameters[name];
    if (typeof value !== 'number' || !(value >= 0))
      throw bad(`${kind} needs a number`, String(value ?? ''), `${name}=N`);
  }
  return { kind, atSeconds: at, ...(span === undefined ? {} : { forSeconds: span }), parameters };
}

/** `kind:name=value,...`; `at` and `for` in seconds, other names are the fault's own. Throws ConfigError. */
export function parseFaultFlag(text: string): FaultSpec {
  const colon = text.indexOf(':');
  const fields: Record<string, unknown> = { kind: colon === -1 ? text : text.slice(0, colon) };
  const pairs = colon === -1 ? [] : text.slice(colon + 1).split(',');
  for (const pair of pairs) {
    const [name, value] = pair.split('=');
    if (name === undefined || name === '' || value === undefined) throw bad('not name=value', pair);
    const number = Number(value);
    const key = name === 'at' ? 'atSeconds' : name === 'for' ? 'forSeconds' : name;
    fields[key] = value !== '' && Number.isFinite(number) ? number : value;
  }
  return toFaultSpec(fields);
}

function secondsOf(name: string, value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= LONGEST_S)) {
    throw bad(`${name} is no number of seconds`, String(value), `0 to ${LONGEST_S}`);
  }
  return value;
}

function bad(problem: string, seen: string, wanted?: string): ConfigError {
  return new ConfigError([{ path: 'fault', problem, seen, ...(wanted === undefined ? {} : { wanted }) }]);
}
