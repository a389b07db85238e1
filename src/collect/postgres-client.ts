import { Socket } from 'node:net';
import pg from 'pg';
import { socketWords, withinBytes } from './kept-connection.js';
import { EXTENSION_QUERY, type Extension, SERVER_QUERY, statementsQuery } from './postgres-queries.js';
import type { PostgresConnection, Row, Statements } from './postgres-rows.js';

export interface PostgresAccess {
  /** `postgresql://USER@HOST:PORT/DATABASE`, without a password. */
  readonly url: string;
  readonly password?: string;
  readonly tls: boolean;
  /** Of a certificate that is not known: accepted. */
  readonly insecure: boolean;
}

/** The server itself ends what takes longer, ms; the deadline of a source is 4 s. */
const STATEMENT_TIMEOUT_MS = 3000;
const LOCK_TIMEOUT_MS = 1000;

/** Of the session from its first moment, by the startup packet: no later command is needed for it. */
const SESSION = Object.entries({
  default_transaction_read_only: 'on',
  statement_timeout: STATEMENT_TIMEOUT_MS,
  lock_timeout: LOCK_TIMEOUT_MS,
  idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
})
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(' ');

/**
 * Connects with a session that cannot write. Nothing of the environment (PGPASSWORD, PGHOST, ~/.pgpass) is used.
 * @throws {Error} in words without an address or a secret
 */
export async function connectPostgres(
  access: PostgresAccess,
  signal: AbortSignal,
): Promise<PostgresConnection> {
  const socket = new Socket();
  const client = new pg.Client(optionsOf(access, socket));
  let isOpen = true;
  const cut = (): void => {
    isOpen = false;
    socket.destroy();
  };
  guard(socket, cut);
  // Each failure is told by the question that it fails; between two questions nobody is there to hear it.
  client.on('error', cut);
  client.on('end', cut);
  const ask = async (text: string): Promise<readonly Row[]> => (await client.query<Row>(text)).rows;
  const within = <T>(act: () => Promise<T>): Promise<T> =>
    withinBytes(() => socket.bytesRead, cut, act).catch(inWords);
  signal.addEventListener('abort', cut, { once: true });
  try {
    const extension = await within(async () => {
      await client.connect();
      return extensionOf(await ask(EXTENSION_QUERY));
    });
    return {
      isOpen: () => isOpen,
      cut,
      look: () => within(() => lookOf(ask, extension)),
    };
  } catch (error) {
    cut();
    throw error;
  } finally {
    signal.removeEventListener('abort', cut);
  }
}

function optionsOf({ url, password, tls, insecure }: PostgresAccess, socket: Socket): pg.ClientConfig {
  const { hostname, port, username, pathname } = new URL(url);
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port || 5432),
    user: decodeURIComponent(username),
    database: decodeURIComponent(pathname.slice(1)),
    // A function, since an empty text would be looked for in the environment.
    password: () => password ?? '',
    ssl: tls ? { rejectUnauthorized: !insecure } : false,
    stream: () => socket,
    application_name: 'dorami-load',
    options: SESSION,
  };
}

/** A message that cannot be read is thrown where the client's caller cannot catch it: the connection ends with it. */
function guard(socket: Socket, cut: () => void): void {
  const emit = socket.emit.bind(socket) as (...args: unknown[]) => boolean;
  socket.emit = (...args: unknown[]): boolean => {
    try {
      return emit(...args);
    } catch {
      cut();
      return false;
    }
  };
}

async function lookOf(ask: (text: string) => Promise<readonly Row[]>, extension: Extension | undefined) {
  const [server] = await ask(SERVER_QUERY);
  if (server === undefined) throw new Error('the answer has no row');
  return { server, statements: await statementsOf(ask, extension) };
}

async function statementsOf(
  ask: (text: string) => Promise<readonly Row[]>,
  extension: Extension | undefined,
): Promise<Statements> {
  if (extension === undefined)
    return { absent: 'the database has no extension pg_stat_statements (CREATE EXTENSION)' };
  try {
    return { rows: await ask(statementsQuery(extension)) };
  } catch (error) {
    // It is there, and not among shared_preload_libraries, or not for this role: the server goes on answering.
    if (error instanceof pg.DatabaseError && error.severity === 'ERROR') return { absent: error.message };
    throw error;
  }
}

function extensionOf([row]: readonly Row[]): Extension | undefined {
  if (row === undefined || typeof row.schema !== 'string') return undefined;
  return { schema: row.schema, hasExecTime: row.has_exec_time === true };
}

function inWords(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  throw new Error(socketWords(error) ?? shortened(message), { cause: error });
}

function shortened(message: string): string {
  if (/client password must be a (?:non-empty )?string|empty password/.test(message))
    return 'it wants a password (password-env)';
  if (/^Connection terminated|not queryable|was closed/.test(message)) return 'the connection was cut';
  return message || 'failed without a word';
}
