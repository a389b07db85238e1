import { rename, rm, writeFile } from 'node:fs/promises';

/**
 * Writes a file that a reader sees either not at all or as a whole.
 * @throws the file system's error
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  try {
    await writeFile(`${path}.part`, text);
    await rename(`${path}.part`, path);
  } catch (error) {
    await rm(`${path}.part`, { force: true }).catch(() => {});
    throw error;
  }
}
