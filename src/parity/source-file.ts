import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { ConfigIssue } from '../errors.js';

/** All that nginx -T prints of a big platform is a fraction of it. */
const MAX_BYTES = 4 * 1024 * 1024;

/** The text of a file that was named; undefined, with an issue, if it cannot be read. */
export function readSourceFile(path: string, place: string, issues: ConfigIssue[]): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'no such file' : (code ?? message);
    issues.push({ path: place, problem: `cannot be read: ${why}`, seen: path });
    return undefined;
  }
}

function readText(path: string): string {
  // Not blocking: a named pipe that nobody writes to would hold us here.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error(stat.isDirectory() ? 'a folder' : 'not a file');
    if (stat.size > MAX_BYTES) throw new Error(`larger than ${MAX_BYTES} bytes`);
    const bytes = Buffer.alloc(stat.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(file, bytes, length, bytes.length - length, length);
    return new TextDecoder('utf-8').decode(bytes.subarray(0, length));
  } finally {
    closeSync(file);
  }
}
