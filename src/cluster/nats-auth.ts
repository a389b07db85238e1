import { readFile, stat } from 'node:fs/promises';

/** How a broker is to know us, beside a user and password in its address. */
export type NatsAuth =
  | { readonly kind: 'user'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }
  /** The seed of an NKEY: the broker has its public half only, and what is sent is a signature. */
  | { readonly kind: 'nkey'; readonly seed: string }
  /** A `.creds` file of nsc: a JWT and the seed that belongs to it. */
  | { readonly kind: 'creds'; readonly text: string };

/** A file that does not say who we are. Its words never quote what stands in it. */
export class NatsAuthError extends Error {
  readonly code = 'nats_auth';
  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
    this.name = 'NatsAuthError';
  }
}

const MAX_BYTES = 65_536;
/** NKEY seeds of users, base32: `S`, then `U` in the type's place. */
const USER_SEED = /^SU[A-Z2-7]{56}$/;
const CREDS = /-----BEGIN NATS USER JWT-----[\s\S]+-----BEGIN USER NKEY SEED-----[\s\S]+SU[A-Z2-7]{56}/;

/**
 * Reads a file with credentials: a `.creds` file, the seed of an NKEY, `USER:PASSWORD`, or `token:TOKEN`.
 * @throws {NatsAuthError} when it is none, cannot be read, or others of the machine may read it
 */
export async function readNatsAuth(path: string): Promise<NatsAuth> {
  let mode: number;
  let text: string;
  try {
    const found = await stat(path);
    if (found.size > MAX_BYTES) throw new NatsAuthError(path, 'too long for credentials');
    mode = found.mode;
    text = (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (error instanceof NatsAuthError) throw error;
    throw new NatsAuthError(path, `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new NatsAuthError(path, 'others of this machine may read it: chmod 600');
  const auth = parseNatsAuth(text);
  if (auth === undefined)
    throw new NatsAuthError(
      path,
      'no credentials: a .creds file, an NKEY seed (SU...), USER:PASSWORD or token:TOKEN',
    );
  return auth;
}

/** The same from its text; undefined = it is none of these. */
export function parseNatsAuth(text: string): NatsAuth | undefined {
  if (CREDS.test(text)) return { kind: 'creds', text };
  if (USER_SEED.test(text)) return { kind: 'nkey', seed: text };
  if (/\s/.test(text)) return undefined;
  const [, name = '', rest = ''] = /^([^:]+):(.+)$/.exec(text) ?? [];
  if (name === '') return undefined;
  return name === 'token' ? { kind: 'token', token: rest } : { kind: 'user', user: name, password: rest };
}
