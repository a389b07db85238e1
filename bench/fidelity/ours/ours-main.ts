import { createInterface } from 'node:readline';
import type { PlayerEvent } from '../../../src/events.js';
import { createAllowList } from '../../../src/net/allow-list.js';
import { createHttpFactory } from '../../../src/net/http-node.js';
import { createPagePlayer } from '../../../src/players/page-player.js';
import { PLAYER_PROFILES } from '../../../src/players/page-profiles.js';
import type { Player } from '../../../src/players/player.js';
import { createRng } from '../../../src/rng.js';
import type { Http } from '../../../src/seams.js';
import { createClock } from '../../../src/seams-node.js';
import type { OurAnswer, OurCommand, OurRaw } from './raw.js';
import { variantOf } from './variants.js';

/**
 * Our viewers in a process of their own: commands as JSON lines on standard input, what a viewer reported as
 * one JSON line on standard output when it is told to finish. Ends when its input ends.
 */
const TICK_MS = 20;
const SAMPLE_MS = 500;
const MAX_EVENTS = 5000;
const UNINTERESTING: ReadonlySet<string> = new Set(['watched', 'first_byte', 'first_tag', 'arrived']);

interface Session {
  readonly player: Player;
  readonly http: Http;
  readonly events: PlayerEvent[];
  readonly startedAtMs: number;
  readonly sampling: NodeJS.Timeout;
  readonly command: OurCommand & { kind: 'start' };
  lagMs: number;
}

const clock = createClock(Date.now());
const monotonicOffsetMs = Number(process.hrtime.bigint()) / 1e6 - clock.nowMs();
const factory = createHttpFactory({ clock, allowList: createAllowList([]) });
const sessions = new Map<number, Session>();

let tickedAtMs = clock.nowMs();
setInterval(() => {
  const nowMs = clock.nowMs();
  const lagMs = nowMs - tickedAtMs - TICK_MS;
  tickedAtMs = nowMs;
  for (const session of sessions.values()) session.lagMs = Math.max(session.lagMs, lagMs);
}, TICK_MS);

function start(command: OurCommand & { kind: 'start' }): void {
  const events: PlayerEvent[] = [];
  const http = factory.forViewer();
  const player = createPagePlayer({
    clock,
    http,
    rng: createRng(1, command.id),
    emit: (event) => {
      if (events.length < MAX_EVENTS && !UNINTERESTING.has(event.kind)) events.push(event);
    },
    target: command.target,
    profile: variantOf(PLAYER_PROFILES[command.libraries], command.side, command.startWith),
    headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) fidelity bench' },
    startWith: command.startWith,
  });
  const startedAtMs = clock.nowMs();
  const sampling = setInterval(() => player.sample(clock.nowMs()), SAMPLE_MS);
  sessions.set(command.id, { player, http, events, startedAtMs, sampling, command, lagMs: 0 });
  player.start();
}

function finish(id: number): OurRaw | undefined {
  const session = sessions.get(id);
  if (session === undefined) return undefined;
  sessions.delete(id);
  clearInterval(session.sampling);
  const { player } = session;
  const stoppedAtMs = clock.nowMs();
  player.sample(stoppedAtMs);
  const atEnd = { rebuffering: player.rebuffering, frozen: player.frozen };
  player.stop();
  session.http.close();
  return {
    side: session.command.side,
    startedMs: session.startedAtMs + monotonicOffsetMs,
    stoppedMs: stoppedAtMs + monotonicOffsetMs,
    events: session.events.map(onMonotonic),
    protocolAtEnd: player.protocol,
    atEnd,
    lagMs: session.lagMs,
  };
}

/** The event with its instants on the machine's monotonic clock. */
function onMonotonic(event: PlayerEvent): PlayerEvent {
  const started = 'startedAtMs' in event ? { startedAtMs: event.startedAtMs + monotonicOffsetMs } : {};
  return { ...event, atMs: event.atMs + monotonicOffsetMs, ...started };
}

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const command = JSON.parse(line) as OurCommand;
  if (command.kind === 'start') {
    start(command);
    return;
  }
  const raw = finish(command.id);
  if (raw !== undefined) process.stdout.write(`${JSON.stringify({ id: command.id, raw } as OurAnswer)}\n`);
});
lines.on('close', () => process.exit(0));
