import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { programPath } from '../services/available.js';

/** A nats-server of the tests' own that can be killed, paused and begun anew on the same port with what it had stored. */
export interface TestBroker {
  readonly port: number;
  /** Its address through another port, e.g. that of a relay. */
  url(port?: number): string;
  readonly pid: number;
  signal(name: NodeJS.Signals): void;
  /** kill -9. */
  kill(): Promise<void>;
  begin(): Promise<void>;
  close(): Promise<void>;
}

const USER = 'tester';
const PASSWORD = 'p0rridge';
const READY_MS = 20_000;

/** Starts one on a free loopback port (or the address that is said), with JetStream unless it is left out. */
export async function startTestBroker(host = '127.0.0.1', hasStreams = true): Promise<TestBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'dorami-nats-'));
  const port = await freePort();
  const configuration = join(folder, 'nats.conf');
  writeFileSync(
    configuration,
    [
      `listen: "${host}:${port}"`,
      `authorization { user: ${USER}, password: ${PASSWORD} }`,
      hasStreams
        ? `jetstream { store_dir: "${join(folder, 'store')}", max_memory_store: 67108864, max_file_store: 8589934592 }`
        : '',
    ].join('\n'),
  );
  let child: ChildProcess | undefined;
  let gone: Promise<void> = Promise.resolve();
  const begin = async (): Promise<void> => {
    const started = spawn(programPath('nats-server') ?? 'nats-server', ['-c', configuration], {
      stdio: 'ignore',
    });
    child = started;
    gone = new Promise((resolve) => started.once('exit', () => resolve()));
    for (const untilMs = Date.now() + READY_MS; Date.now() < untilMs; await delay(20))
      if (await listens(host, port)) return;
    throw new Error('nats-server does not listen');
  };
  const kill = async (): Promise<void> => {
    child?.kill('SIGKILL');
    await gone;
  };
  await begin();
  return {
    port,
    url: (through = port) => `nats://${USER}:${PASSWORD}@${host}:${through}`,
    get pid() {
      return child?.pid ?? 0;
    },
    signal: (name) => void child?.kill(name),
    kill,
    begin,
    async close() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
