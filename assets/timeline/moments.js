// What a person wants to be led to.

const QUIET = new Set([
  ...['play_attempt', 'first_byte', 'first_tag', 'first_keyframe', 'media_ready', 'moving', 'playing'],
  ...[
    'rebuffer_started',
    'socket_ready',
    'join_attempt',
    'chat_sent',
    'product_event',
    'watched',
    'micro_wait',
  ],
]);
const BAD = new Set([
  ...[
    'rebuffer_ended',
    'frozen',
    'start_failed',
    'media_error',
    'playlist_error',
    'playlist_stale',
    'vu_lost',
  ],
  ...[
    'context_lost',
    'segment_expired',
    'flv_ended',
    'player_dead',
    'socket_failed',
    'join_lost',
    'sequence_reset',
  ],
  ...[
    'socket_disconnected',
    'socket_gave_up',
    'socket_error',
    'socket_garbage',
    'chat_echo_lost',
    'no_video',
  ],
  ...['player_reload', 'protocol_switched', 'action_late', 'action_skipped', 'chat_not_sent'],
]);
const WORDS = {
  vu_started: () => 'comes',
  vu_joined: () => 'has picture and rooms',
  vu_left: () => 'leaves',
  vu_lost: (facts) => `is lost (${facts.reason})`,
  first_frame: (facts) => `first frame after ${span(facts.sinceStartMs)}`,
  rebuffer_ended: (facts) => `waits ${span(facts.durationMs)} for media`,
  frozen: (facts) => `picture stands ${span(facts.durationMs)}`,
  seek: (facts) =>
    // Whether what lies there was shown before is told by the seconds: a new publisher begins at 0 with new pictures.
    facts.skippedMs > 0
      ? `jumps ahead ${span(facts.skippedMs)} (${facts.cause})`
      : `jumps back ${span(facts.replayedMs)} (${facts.cause})`,
  flv_ended: (facts) => `FLV stream ends (${facts.how})`,
  protocol_switched: (facts) =>
    `${String(facts.from).toUpperCase()} given up (${facts.cause}): other protocol`,
  sequence_reset: () => 'segment numbers begin anew: publisher restarted',
  context_lost: () => 'HLS session forgotten',
  playlist_stale: () => 'playlist stands still',
  player_reload: (facts) => `player loads again (${facts.cause})`,
  player_dead: (facts) => `player is dead (${facts.reason})`,
  socket_disconnected: (facts) => `socket lost (${facts.reason})`,
  socket_reconnected: (facts) => `socket back after ${span(facts.downMs)}`,
  join_confirmed: (facts) => `joined ${facts.namespace} in ${span(facts.sinceAttemptMs)}`,
  stream_ended_notice: () => 'told that the stream is over',
  player_unmounted: () => 'page takes the player away',
  join_lost: (facts) => `join of ${facts.namespace} lost`,
  action_late: (facts) => `begins an action ${span(facts.lateMs)} late, by our own lag`,
  clock_warning: (facts) => `picture from ${span(facts.aheadMs)} in the future: the clocks differ`,
};
const plainWords = ({ name, facts }) => {
  const told = Object.entries(facts).map(([fact, value]) => `${fact} ${value}`);
  return [name.replaceAll('_', ' '), ...(told.length > 0 ? [`(${told.join(', ')})`] : [])].join(' ');
};
const momentOf = (event) => ({
  atMs: event.facts.startedAtMs ?? event.atMs,
  name: event.name,
  bad: BAD.has(event.name),
  text: (WORDS[event.name] ?? (() => plainWords(event)))(event.facts),
  lengthMs: event.facts.durationMs ?? 0,
});
const failed = of('request').filter(
  ({ end, status = 200 }) => (end !== 'complete' && end !== 'aborted') || status >= 400,
);
const moments = [
  ...events.filter(({ name }) => !QUIET.has(name)).map(momentOf),
  ...failed.map((request) => ({
    atMs: request.atMs,
    name: 'request_failed',
    bad: true,
    text: `${request.method} ${shortUrl(request.url)}: ${request.end === 'complete' ? request.status : request.end}`,
    lengthMs: request.atMs - request.startedAtMs,
  })),
  ...of('lag').map((lag) => ({
    ...{ atMs: lag.atMs - lag.lateMs, name: 'lag', bad: true, lengthMs: lag.lateMs },
    text: `our own machine was held up ${span(lag.lateMs)}: not the platform's doing`,
  })),
  ...of('lost').map((lost) => ({
    ...{ atMs: lost.atMs, name: 'lost', bad: true, lengthMs: 0 },
    text: `${lost.lines} lines of this trace were lost (${lost.why})`,
  })),
  ...of('gap').map((gap) => ({
    ...{ atMs: gap.fromAtMs, name: 'gap', bad: true, lengthMs: gap.atMs - gap.fromAtMs },
    text: `not kept: ${gap.lines} lines of ${span(gap.atMs - gap.fromAtMs)}, the file was at its limit`,
  })),
].sort((a, b) => a.atMs - b.atMs);

function shortUrl(url) {
  try {
    const { pathname } = new URL(url);
    return pathname;
  } catch {
    return url;
  }
}
