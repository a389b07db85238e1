/**
 * The collector of a run, as a process of its own: its orders and its lines go over the channel to the run
 * (`ToCollector`, `FromCollector`). When that channel closes, because the run has ended or was killed, it ends.
 */
import { createClock } from '../seams-node.js';
import type { FromCollector, ToCollector } from './child-protocol.js';
import { type OpenCollector, openCollector } from './open-collector.js';

// A Ctrl-C is for the run, which says when the last line is to be taken.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());

let open: OpenCollector | undefined;

process.on('message', (message: ToCollector) => {
  if (message.kind === 'stop') void stop();
  else if (open === undefined) {
    const clock = createClock(performance.timeOrigin + performance.now());
    open = openCollector(message.order, clock, process.env, {
      onLine: (line) => say({ kind: 'line', line, tookMs: clock.epochMs() - Date.parse(line.timestamp) }),
      onTurn: (source, gap) => say({ kind: 'turn', source, ...(gap === undefined ? {} : { gap }) }),
    });
    open.collector.start();
  }
});

async function stop(): Promise<void> {
  await open?.collector.stop();
  open?.close();
  say({ kind: 'stopped' }, () => process.disconnect());
}

/** A run that has gone needs no answer. */
function say(message: FromCollector, done: () => void = () => {}): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => done());
}
