import { spawnSync } from 'node:child_process';
import type { Service } from './child.js';

/** A real database that a test started, and can kill, stop and start again over the same files. */
export interface Store {
  /** On the loopback, TCP. */
  readonly port: number;
  /** Without credentials. */
  readonly url: string;
  /** What it has written since it was last started. */
  log(): string;
  /** To all of its processes: SIGKILL ends it as a crash does, SIGSTOP lets it hang, SIGCONT goes on. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Starts it again after SIGKILL: the same port, the same files. */
  revive(): Promise<void>;
  /** Ends it and removes its folder. May be called again. */
  stop(): Promise<void>;
}

/** A store of a program that `start` starts, and waits for. */
export async function startStore(
  at: Pick<Store, 'port' | 'url'>,
  start: () => Promise<Service>,
): Promise<Store> {
  let service = await start();
  return {
    ...at,
    log: () => service.log(),
    signal: (name) => signalTree(service.pid, name),
    revive: async () => {
      for (let waited = 0; service.running() && waited < 5000; waited += 20)
        await new Promise((resolve) => setTimeout(resolve, 20));
      service = await start();
    },
    stop: () => {
      // What is stopped does not hear that it shall end.
      if (service.running()) signalTree(service.pid, 'SIGCONT');
      return service.stop();
    },
  };
}

/** Sessions of PostgreSQL are children in process groups of their own. */
function signalTree(pid: number, name: NodeJS.Signals): void {
  const listed = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).stdout;
  for (const each of [pid, ...listed.split('\n').map(Number).filter(Boolean)]) {
    try {
      process.kill(each, name);
    } catch {
      // it has ended in between
    }
  }
}
