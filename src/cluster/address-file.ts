import { lstat, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { LinkError } from './link.js';

/** The address of a run's own broker in a file that the user named, for agents to begin from. */
export interface AddressFile {
  /** Takes it away, unless it holds another address by now: a later run may have the same name for its own. */
  remove(): Promise<void>;
}

const LOOKS_LIKE_ADDRESS = /^(?:nats|tls):\/\/\S+\s*$/;
const MAX_BYTES = 4096;

/**
 * Writes `url`, which has a password in it, so that no other user of this machine can read it. An address that a killed
 * run left there is replaced.
 * @throws {LinkError} refused: it cannot be written, or something else is there
 */
export async function writeAddressFile(file: string, url: string): Promise<AddressFile> {
  const text = `${url}\n`;
  const next = `${file}.${process.pid}.new`;
  try {
    if (!(await isFree(file))) throw refused(`${file} is there, and is no address of a broker`);
    // In one step: an agent that reads it meanwhile has all of it or nothing, and a file that others may read is replaced.
    await writeFile(next, text, { mode: 0o600, flag: 'wx' });
    await rename(next, file);
  } catch (error) {
    await rm(next, { force: true }).catch(() => {});
    if (error instanceof LinkError) throw error;
    throw refused(`${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
  return {
    async remove() {
      const held = await readFile(file, 'utf8').catch(() => undefined);
      if (held === text) await rm(file, { force: true }).catch(() => {});
    },
  };
}

async function isFree(file: string): Promise<boolean> {
  const seen = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (seen === undefined) return true;
  if (!seen.isFile() || seen.size > MAX_BYTES) return false;
  return LOOKS_LIKE_ADDRESS.test(await readFile(file, 'utf8'));
}

const refused = (words: string): LinkError => new LinkError('refused', `the address for agents: ${words}`);
