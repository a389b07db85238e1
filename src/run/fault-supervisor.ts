import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SupervisorMessage, Undo } from './fault-undo.js';

/** Keeps, outside of this process, what has to be undone should this process die. */
export interface FaultSupervisor {
  /**
   * Resolves when the order is out of this process.
   * @param withinMs it is carried out after so long although this process lives; absent = never
   * @throws Error when there is nobody who would mend the fault: it must not be made then
   */
  arm(name: string, undo: Undo, withinMs?: number): Promise<void>;
  disarm(name: string): void;
  /** What is still armed is carried out now, by the supervisor. Resolves when it has ended. */
  close(): Promise<void>;
}

/**
 * The supervisor of one run; its process is started with the first order.
 * @param eventsPath events.ndjson of the run
 */
export function createFaultSupervisor(
  eventsPath: string,
  startEpochMs: number,
  start: (args: readonly string[]) => ChildProcess = spawnSupervisor,
): FaultSupervisor {
  let child: ChildProcess | undefined;
  let gone: Promise<void> | undefined;
  const say = (message: SupervisorMessage): Promise<void> =>
    new Promise((resolve, reject) => {
      const { stdin } = child as ChildProcess;
      if (!stdin?.writable) reject(new Error('the process that would undo it is gone'));
      else stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
    });
  return {
    async arm(name, undo, withinMs) {
      if (child === undefined) {
        child = start([eventsPath, String(startEpochMs)]);
        child.stdin?.on('error', () => {});
        const own = child;
        gone = new Promise((resolve) => {
          own.once('exit', () => resolve());
          own.once('error', () => resolve());
        });
        await spawned(child);
      }
      await say({ what: 'arm', name, undo, ...(withinMs === undefined ? {} : { withinMs }) });
    },
    disarm(name) {
      if (child) say({ what: 'disarm', name }).catch(() => {});
    },
    async close() {
      child?.stdin?.end();
      await gone;
    },
  };
}

function spawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`nobody would undo it: ${error.message}`)));
  });
}

/** In a session of its own: no signal to the run's group reaches it. */
function spawnSupervisor(args: readonly string[]): ChildProcess {
  const main = fileURLToPath(new URL('./fault-supervisor-main.js', import.meta.url));
  return spawn(process.execPath, [main, ...args], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
}
