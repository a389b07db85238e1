import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programPath } from './available.js';

/** A real server (or publisher) that a test started. */
export interface Service {
  readonly pid: number;
  /** What it has written to stdout and stderr so far. */
  log(): string;
  /** True until the process has ended. */
  running(): boolean;
  /** Ends it and its children, and removes its folder. May be called again. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Folder of its own; removed with the service. Also the working directory. */
  readonly folder: string;
}

const LOOPBACK = '127.0.0.1';
const STOP_PATIENCE_MS = 3_000;

/** A new folder under the system's temporary one. */
export function temporaryFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `dorami-load-${name}-`));
}

/** A loopback port that nothing listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, LOOPBACK, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new Error('no port'));
      server.close(() => resolve(address.port));
    });
  });
}

/**
 * Starts a program in a process group of its own, so that its children end with it. On Linux the kernel also ends
 * it when the test process dies, however that dies.
 */
export function startService(options: ServiceOptions): Service {
  const logFile = join(options.folder, 'output.log');
  const output = openSync(logFile, 'a');
  const leash = programPath('setpriv');
  const line = [options.command, ...options.args];
  const [command, ...args] = leash === undefined ? line : [leash, '--pdeathsig', 'TERM', ...line];
  const child = spawn(command as string, args, {
    cwd: options.folder,
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${options.command} could not be started`);
  const killNow = (): void => signalGroup(pid, 'SIGKILL');
  process.once('exit', killNow);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid,
    log: () => readIfThere(logFile),
    running: () => isRunning(child),
    async stop() {
      signalGroup(pid, 'SIGTERM');
      const timer = setTimeout(killNow, STOP_PATIENCE_MS);
      if (isRunning(child)) await ended;
      clearTimeout(timer);
      killNow(); // children that outlived their parent
      process.removeListener('exit', killNow);
      rmSync(options.folder, { recursive: true, force: true });
    },
  };
}

/** Waits until something accepts connections on a loopback port; throws with the service's log when it ends first. */
export async function waitForPort(port: number, service: Service, patienceMs = 10_000): Promise<void> {
  await waitUntil(`port ${port}`, () => accepts(port), service, patienceMs);
}

/** Waits until `ready` says yes; throws with the service's log when the service ends or patience does. */
export async function waitUntil(
  what: string,
  ready: () => Promise<boolean>,
  service: Service,
  patienceMs = 15_000,
): Promise<void> {
  const giveUpAtMs = performance.now() + patienceMs;
  while (!(await ready())) {
    if (!service.running()) throw new Error(`ended before ${what} was there:\n${service.log()}`);
    if (performance.now() > giveUpAtMs) throw new Error(`no ${what} in ${patienceMs} ms:\n${service.log()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** True when a loopback port accepts a connection now. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tcpConnect(port, LOOPBACK);
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // the group is gone already
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
