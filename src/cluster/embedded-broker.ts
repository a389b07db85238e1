import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { resolve as absolute, join } from 'node:path';
import { type BrokerTlsFiles, type BrokerUser, brokerConf, freshUser } from './broker-conf.js';
import { LinkError } from './link.js';

export interface EmbeddedBroker {
  /** With user and password: who has it may do everything there. */
  readonly url: string;
  /** The same for agents, who may say only what an agent has to say. */
  readonly agentUrl: string;
  /** Holds `agentUrl`, for no other user of this machine to read; goes with the broker. */
  readonly agentFile: string;
  /** Where boxes reach it, without a password in it. */
  readonly place: string;
  /** What is said to it leaves this machine, and can be read on its way. */
  readonly clear: boolean;
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
  readonly tls?: BrokerTlsFiles;
  /** Where its folder is made; the system's temporary one unless said. */
  readonly dir?: string;
}

const PROGRAM = 'nats-server';
const INSTALL = 'apt-get install nats-server';
/** The first one with all that a link asks of it. */
const LEAST_VERSION = [2, 9] as const;
const READY_MS = 10_000;
const LOOK_EVERY_MS = 50;
/** From an order to end to the end by force; the watchdog's own is 3 s. */
const STOP_MS = 5000;
const MAX_STORE_BYTES = 4 * 2 ** 30;

/**
 * Runs the server for as long as somebody holds the other end of its input, and clears its folder away after it: a
 * process that is killed lets go of it too. $1 is the folder, the rest the server with its arguments.
 */
const WATCHDOG = `
exec 3<&0 </dev/null
folder=$1; shift
"$@" 3<&- & server=$!
{ read -r _ <&3; kill -TERM $server; sleep 3; kill -KILL $server; } 2>/dev/null & watch=$!
wait $server; status=$?
kill $watch 2>/dev/null
rm -rf -- "$folder"
exit $status
`;

/**
 * Starts the `nats-server` found on PATH with credentials that nobody else knows, in a folder of its own. It ends with
 * this process, however that ends.
 * @throws {LinkError} refused: there is none, it is too old, or it does not start
 */
export async function startEmbeddedBroker(options: BrokerOptions = {}): Promise<EmbeddedBroker> {
  const { host = '127.0.0.1', port = 0, dir = tmpdir(), tls } = options;
  await checkVersion();
  const folder = absolute(await mkdtemp(join(dir, 'dorami-load-broker-')));
  const [head, agent] = [freshUser('coordinator'), freshUser('agent')];
  const conf = brokerConf({
    ...{ host, port, head, agent, storeDir: join(folder, 'store'), maxStoreBytes: MAX_STORE_BYTES },
    ...(tls === undefined ? {} : { tls: absoluteFiles(tls) }),
  });
  // Not on the command line, where every process of the machine could read the passwords.
  const confFile = join(folder, 'nats.conf');
  try {
    await writeFile(confFile, conf, { mode: 0o600 });
  } catch (error) {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    throw refused(`${confFile} (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
  const server = watched(folder, confFile);
  try {
    const listens = await Promise.race([
      portOf(folder),
      server.ended.then((words) => Promise.reject(refused(words))),
    ]);
    const scheme = tls === undefined ? 'nats' : 'tls';
    const isEvery = host === '0.0.0.0' || host === '[::]';
    const at = `${isEvery ? hostname() : host}:${listens}`;
    const here = `${isEvery ? '127.0.0.1' : host}:${listens}`;
    const urlOf = ({ user, password }: BrokerUser, to: string): string =>
      `${scheme}://${user}:${password}@${to}`;
    const agentUrl = urlOf(agent, at);
    const agentFile = join(folder, 'agents.url');
    await writeFile(agentFile, `${agentUrl}\n`, { mode: 0o600 });
    return {
      ...{ host, port: listens, url: urlOf(head, here), agentUrl, agentFile },
      place: `${scheme}://${at}`,
      clear: tls === undefined && !host.startsWith('127.'),
      ...{ died: server.died, close: server.close },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

interface Watched {
  readonly ended: Promise<string>;
  readonly died: Promise<string>;
  close(): Promise<void>;
}

function watched(folder: string, confFile: string): Watched {
  const command = [PROGRAM, '-c', confFile, '--ports_file_dir', folder];
  // A group of its own: Ctrl-C in the terminal is for the run, which needs its broker while viewers leave.
  const child = spawn('/bin/sh', ['-c', WATCHDOG, 'sh', folder, ...command], {
    ...{ stdio: ['pipe', 'ignore', 'pipe'], detached: true },
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-4000);
  });
  child.stdin?.on('error', () => {});
  const ended = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('exit', (code, signal) =>
      resolve(`${PROGRAM} ended with ${code ?? signal}${lastWords(said)}`),
    );
  });
  let closing = false;
  return {
    ended,
    died: ended.then((words) => (closing ? new Promise<string>(() => {}) : words)),
    async close() {
      closing = true;
      child.stdin?.end();
      const late = setTimeout(() => killGroup(child), STOP_MS);
      await ended;
      clearTimeout(late);
      await rm(folder, { recursive: true, force: true }).catch(() => {});
    },
  };
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just gone by itself.
  }
}

async function checkVersion(): Promise<void> {
  const said = await new Promise<string>((resolve, reject) => {
    execFile(PROGRAM, ['--version'], { timeout: READY_MS }, (error, stdout) => {
      if (error === null) resolve(stdout.trim());
      else if (error.code === 'ENOENT') reject(refused(`there is no ${PROGRAM} on PATH (${INSTALL})`));
      else reject(refused(`${PROGRAM} --version: ${error.message}`));
    });
  });
  const [, major = 0, minor = 0] = (/v(\d+)\.(\d+)/.exec(said) ?? []).map(Number);
  const [leastMajor, leastMinor] = LEAST_VERSION;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw refused(`${said.slice(0, 100)} is too old: ${LEAST_VERSION.join('.')} or later is needed`);
}

const refused = (words: string): LinkError =>
  new LinkError('refused', `no broker could be started: ${words}`);

/** The server's own last complaint. */
function lastWords(said: string): string {
  const lines = said.trim().split('\n');
  const last = lines.findLast((line) => /\[(FTL|ERR)\]|^nats-server:/.test(line)) ?? lines.at(-1) ?? '';
  return last === '' ? '' : ` (${last.slice(0, 300)})`;
}

function absoluteFiles({ certFile, keyFile, caFile }: BrokerTlsFiles): BrokerTlsFiles {
  return {
    ...{ certFile: absolute(certFile), keyFile: absolute(keyFile) },
    ...(caFile === undefined ? {} : { caFile: absolute(caFile) }),
  };
}

/** The port that the server wrote down when it was ready. */
async function portOf(folder: string): Promise<number> {
  for (const untilMs = Date.now() + READY_MS; Date.now() < untilMs; ) {
    // The folder goes with a server that does not start: its own words say why.
    const name = (await readdir(folder).catch(() => [])).find((one) => one.endsWith('.ports'));
    const text = name === undefined ? '' : await readFile(join(folder, name), 'utf8').catch(() => '');
    const port = /(?:nats|tls):\/\/[^"]*:(\d+)/.exec(text)?.[1];
    if (port !== undefined) return Number(port);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw refused(`${PROGRAM} was not ready in time`);
}
