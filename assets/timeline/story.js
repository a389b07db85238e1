// The lines of the trace, and what the person saw by them.

const { vu, unreadable, lines } = JSON.parse(document.getElementById('trace').textContent);
const of = (kind) => lines.filter((line) => line.kind === kind);
const head = of('head')[0];
const events = of('event');
const named = (name) => events.filter((event) => event.name === name);
const fromMs = Math.min(named('vu_started')[0]?.atMs ?? lines[0]?.atMs ?? 0, 1e12);
const endMs = lines.reduce((latest, line) => Math.max(latest, line.atMs), fromMs + 1000);
const FULL = { fromMs, toMs: endMs + (endMs - fromMs) * 0.01 };
const view = { ...FULL };

const ended = named('rebuffer_ended');
const rebuffers = ended.map(({ facts }) => ({
  fromMs: facts.startedAtMs,
  toMs: facts.startedAtMs + facts.durationMs,
  isOpen: facts.cutOff === true,
}));
for (const { facts } of named('rebuffer_started')) {
  // A run that was killed in the middle of one.
  if (!ended.some((end) => end.facts.startedAtMs === facts.startedAtMs))
    rebuffers.push({ fromMs: facts.startedAtMs, toMs: endMs, isOpen: true });
}
rebuffers.sort((a, b) => a.fromMs - b.fromMs);
const frozen = named('frozen').map(({ facts }) => ({
  fromMs: facts.startedAtMs,
  toMs: facts.startedAtMs + facts.durationMs,
}));
const firstFrame = named('first_frame')[0];
const lags = of('lag').map(({ atMs, lateMs }) => ({ fromMs: atMs - lateMs, toMs: atMs }));
const lagMs = lags.reduce((total, lag) => total + lag.toMs - lag.fromMs, 0);
const states = of('state');
// A player is there from its first state to `stopped`: between two visits, and while the page has taken it away,
// nothing is seen. Once it has played it waits or plays, until the media is over.
const saw = [];
let piece;
const closePiece = (atMs) => {
  if (piece !== undefined) saw.push({ ...piece, toMs: Math.max(piece.fromMs, atMs) });
  piece = undefined;
};
for (const { state, atMs } of states) {
  const kind =
    state === 'running' || (piece?.kind === 'play' && state !== 'ended' && state !== 'stopped')
      ? 'play'
      : ({ ended: 'queue', stopped: '', idle: '' }[state] ?? (piece?.kind === 'queue' ? 'play' : 'load'));
  if (kind === piece?.kind) continue;
  closePiece(atMs);
  const text = { load: 'no picture yet', play: 'plays', queue: 'stream over' }[kind];
  if (text !== undefined) piece = { kind, fromMs: atMs, text };
}
closePiece(Math.max(endMs, piece?.fromMs ?? 0));
for (const each of rebuffers)
  saw.push({ kind: 'wait', ...each, text: `waits ${span(each.toMs - each.fromMs)}` });
for (const each of frozen)
  saw.push({ kind: 'still', ...each, text: `picture stands ${span(each.toMs - each.fromMs)}` });
for (const gap of of('gap'))
  saw.push({ kind: 'line', fromMs: gap.fromAtMs, toMs: gap.atMs, text: 'not kept' });
