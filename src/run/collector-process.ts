import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromCollector, ToCollector } from '../collect/child-protocol.js';
import type { CollectOrder } from '../collect/open-collector.js';

/** One life of the collector's process. */
export interface CollectorProcess {
  /** Why it has ended although nobody asked it to, in words. */
  readonly died: Promise<string>;
  /** Asks for the last line and waits for the end, but no longer than a moment. */
  stop(): Promise<void>;
  /** Ends it at once; says why in `died`. */
  kill(why?: string): void;
}

/** The last line is asked for within a second (`Collector.stop`); what hangs beyond it holds up nothing. */
const STOP_MS = 2500;
/** Of its heap, MB: a source that sends without end costs the collector, not the machine that makes the load. */
const HEAP_MB = 128;
const MAX_LAST_WORDS = 2000;

/** Starts the collector in a process of its own: what it reads and parses holds up nothing of the run. */
export function startCollector(
  order: CollectOrder,
  onMessage: (message: FromCollector) => void,
  spawn = spawnCollector,
): CollectorProcess {
  const child = spawn();
  let stopping = false;
  let why: string | undefined;
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-MAX_LAST_WORDS);
  });
  child.on('message', (message) => onMessage(message as FromCollector));
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(why ?? `ended by ${signal ?? `code ${code}`}`));
  });
  const say = (message: ToCollector): void => {
    if (child.connected) child.send(message, () => {});
  };
  say({ kind: 'begin', order });
  return {
    died: new Promise((resolve) => {
      void gone.then((words) => {
        const said = firstWords(lastWords);
        if (!stopping) resolve(said === '' ? words : `${words}: ${said}`);
      });
    }),
    async stop() {
      stopping = true;
      say({ kind: 'stop' });
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await gone;
      clearTimeout(timer);
    },
    kill(words) {
      if (words === undefined) stopping = true;
      else why = words;
      child.kill('SIGKILL');
    },
  };
}

/** The line of a stack that names the error. */
function firstWords(text: string): string {
  const lines = text.trim().split('\n');
  return (lines.find((line) => /^\w*Error|^FATAL/.test(line)) ?? lines.at(-1) ?? '').slice(0, 300);
}

function spawnCollector(): ChildProcess {
  const child = fork(fileURLToPath(new URL('../collect/child-main.js', import.meta.url)), [], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // What debugs or profiles the run is not for it.
    execArgv: [`--max-old-space-size=${HEAP_MB}`],
    // A group of its own: Ctrl-C is for the run, which asks it for a last line then.
    detached: true,
  });
  // A run that fails before its end must not wait for it.
  child.unref();
  child.channel?.unref();
  return child;
}
