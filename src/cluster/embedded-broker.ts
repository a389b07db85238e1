import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LinkError } from './link.js';

export interface EmbeddedBroker {
  /** With user and password: who has it may do everything there. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Resolves with words when it has ended although nobody closed it. */
  readonly died: Promise<string>;
  /** Ends it; what it had stored goes with it. */
  close(): Promise<void>;
}

export interface BrokerOptions {
  /** Address to listen on; loopback unless said. */
  readonly host?: string;
  /** 0 = any free one. */
  readonly port?: number;
}

const PROGRAM = 'nats-server';
const USER = 'dorami';
const READY_MS = 10_000;
const LOOK_EVERY_MS = 50;
const STOP_MS = 3000;
const MAX_STORE_BYTES = 4 * 2 ** 30;

/**
 * Starts the `nats-server` found on PATH with credentials that nobody else knows, in a folder of its own.
 * @throws {LinkError} refused: there is none, or it does not start
 */
export async function startEmbeddedBroker({
  host = '127.0.0.1',
  port = 0,
}: BrokerOptions = {}): Promise<EmbeddedBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'dorami-load-broker-'));
  // A letter first: the server takes values of its configuration for what they look like.
  const password = `p${randomBytes(24).toString('hex')}`;
  const configuration = join(folder, 'nats.conf');
  // Not on the command line, where every process of the machine could read the password.
  await writeFile(configuration, confOf({ folder, host, port, password }), { mode: 0o600 });
  const child = spawn(PROGRAM, ['-c', configuration, '--ports_file_dir', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-2000);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve(
        error.code === 'ENOENT'
          ? `there is no ${PROGRAM} on PATH (apt-get install ${PROGRAM})`
          : error.message,
      ),
    );
    child.once('exit', (code, signal) =>
      resolve(`${PROGRAM} ended with ${code ?? signal}${lastWords(said)}`),
    );
  });
  const stopped = ended.then(() => undefined);
  let closing = false;
  const close = async (): Promise<void> => {
    closing = true;
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await stopped;
    clearTimeout(late);
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  };
  try {
    const listens = await Promise.race([
      portOf(folder),
      ended.then((words) => Promise.reject(refused(words))),
    ]);
    // Whoever is killed leaves no broker behind that somebody else can use: it knows the password no more.
    process.once('exit', () => child.kill('SIGKILL'));
    const shown = host === '0.0.0.0' ? '127.0.0.1' : host;
    return {
      ...{ host, port: listens, url: `nats://${USER}:${password}@${shown}:${listens}` },
      died: ended.then((words) => (closing ? new Promise<string>(() => {}) : words)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const refused = (words: string): LinkError =>
  new LinkError('refused', `no broker could be started: ${words}`);

function lastWords(said: string): string {
  const last = said.trim().split('\n').at(-1) ?? '';
  return last === '' ? '' : ` (${last.slice(0, 300)})`;
}

function confOf({
  folder,
  host,
  port,
  password,
}: {
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  readonly password: string;
}): string {
  return [
    `listen: "${host}:${port === 0 ? -1 : port}"`,
    'max_payload: 1MB',
    `authorization { user: ${USER}, password: "${password}" }`,
    `jetstream { store_dir: "${join(folder, 'store')}", max_memory_store: 67108864, max_file_store: ${MAX_STORE_BYTES} }`,
    '',
  ].join('\n');
}

/** The port that the server wrote down when it was ready. */
async function portOf(folder: string): Promise<number> {
  for (const untilMs = Date.now() + READY_MS; Date.now() < untilMs; ) {
    const name = (await readdir(folder)).find((one) => one.endsWith('.ports'));
    const text = name === undefined ? '' : await readFile(join(folder, name), 'utf8').catch(() => '');
    const port = /nats:\/\/[^"]*:(\d+)/.exec(text)?.[1];
    if (port !== undefined) return Number(port);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw refused(`${PROGRAM} was not ready in time`);
}
