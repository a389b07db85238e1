import { access, constants, stat } from 'node:fs/promises';
import { ConfigError } from '../errors.js';
import { makeFolder } from './make-folder.js';

/**
 * Makes the folder that runs are written to: nothing is started for a run that could not write down what it saw.
 * @throws {ConfigError} when it cannot be made or written to
 */
export async function checkOutDir(outDir: string): Promise<void> {
  try {
    await makeFolder(outDir);
    if (!(await stat(outDir)).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    await access(outDir, constants.W_OK);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new ConfigError([{ path: '--out', problem: `cannot write to ${outDir}: ${code}` }], { cause });
  }
}
