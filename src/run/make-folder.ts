import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it. Not `mkdir` with `recursive`: on a file system that answers ENOENT although
 * the parent is there (/proc does), that one never returns.
 * @throws the file system's error
 */
export async function makeFolder(path: string): Promise<void> {
  const whole = resolve(path);
  try {
    await mkdir(whole);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const parent = dirname(whole);
    if (code !== 'ENOENT' || parent === whole) throw error;
    await makeFolder(parent);
    await mkdir(whole);
  }
}
