import type { FromWorker } from '../protocol.js';
import type { Cancel, Namespace } from '../seams.js';
import type { NodeClock } from '../seams-node.js';
import type { Recorder } from '../stats/recorder.js';
import type { Troubled } from '../stats/troubled.js';

/** How many viewers there are now, by what they see. */
export interface Census {
  /** On the platform. */
  readonly active: number;
  /** Watching, and in every room they should be in. */
  readonly joined: number;
  /** Their player has a picture. */
  readonly watching: number;
  /** Their connection carries a ready namespace. */
  readonly connected: number;
  /** Ready namespaces of all of them. */
  readonly sessions: Readonly<Record<Namespace, number>>;
  readonly rebuffering: number;
  readonly frozen: number;
}

export interface TickerOptions {
  readonly clock: NodeClock;
  readonly recorder: Recorder;
  readonly viewers: { census(): Census };
  readonly troubled: Pick<Troubled, 'take'>;
  /** Sockets so far that this machine had no room for. */
  localFailures(): number;
  /** Figures of the whole process (CPU, memory) are reported by one worker only. */
  readonly reportsProcess: boolean;
  post(message: FromWorker): void;
  /** From one tick to the next, whole seconds; absent = one. */
  readonly everyMs?: number;
}

export interface Ticker {
  /** Posts what is left, marked as the last; returns the number of ticks sent in all. */
  finish(): number;
}

const EVERY_MS = 1000;

/** Ends the recorder's interval at every full second of run time (or every few) and posts it. */
export function startTicker(options: TickerOptions): Ticker {
  const {
    clock,
    recorder,
    viewers,
    troubled,
    localFailures,
    reportsProcess,
    post,
    everyMs = EVERY_MS,
  } = options;
  let sent = 0;
  let cpu = process.cpuUsage();
  let jumpMs = 0;
  let failures = 0;
  let dueMs = 0;
  let cancel: Cancel = () => {};
  const measure = (nowMs: number): void => {
    const census = viewers.census();
    recorder.gauge('vus_active_count', census.active);
    recorder.gauge('vus_joined_count', census.joined);
    recorder.gauge('vus_watching_count', census.watching);
    recorder.gauge('connections_open_count', census.connected);
    const { '/': root, '/chat': chat, '/streaming': streaming } = census.sessions;
    recorder.gauge('sessions_open_count', root + chat + streaming);
    recorder.gauge('root_sessions_open_count', root);
    recorder.gauge('chat_sessions_open_count', chat);
    recorder.gauge('streaming_sessions_open_count', streaming);
    recorder.gauge('vus_rebuffering_count', census.rebuffering);
    recorder.gauge('vus_frozen_count', census.frozen);
    const jumpNowMs = clock.clockJumpMs();
    recorder.gauge('clock_jump_ms', Math.abs(jumpNowMs - jumpMs));
    jumpMs = jumpNowMs;
    const failuresNow = localFailures();
    if (failuresNow > failures) recorder.count('local_failure_count', failuresNow - failures, nowMs);
    failures = failuresNow;
    if (!reportsProcess) return;
    const used = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    recorder.count('generator_cpu_ms', (used.user + used.system) / 1000, nowMs);
    const rssBytes = residentBytes();
    if (rssBytes !== undefined) recorder.gauge('rss_bytes', rssBytes);
  };
  const send = (nowMs: number, last: boolean): void => {
    measure(nowMs);
    const ticks = recorder.takeTick(nowMs, last);
    const vus = troubled.take();
    const [first] = ticks;
    // Before the tick: when that is counted, it is known whom it is about.
    if (vus !== undefined && first !== undefined)
      post({ kind: 'troubled', fromMs: first.fromMs, toMs: first.toMs, vus });
    for (const tick of ticks) {
      post({ kind: 'tick', tick });
      sent++;
    }
  };
  const arm = (): void => {
    // On full seconds of run time, the same for all workers; a second that was missed is not made up for.
    dueMs = Math.max(dueMs + everyMs, Math.ceil(clock.nowMs() / everyMs) * everyMs);
    cancel = clock.after(dueMs - clock.nowMs(), () => {
      send(clock.nowMs(), false);
      arm();
    });
  };
  arm();
  return {
    finish() {
      cancel();
      send(clock.nowMs(), true);
      return sent;
    },
  };
}

/** Reading it needs a descriptor: a process that has none left must not die of being curious. */
function residentBytes(): number | undefined {
  try {
    return process.memoryUsage.rss();
  } catch {
    return undefined;
  }
}
