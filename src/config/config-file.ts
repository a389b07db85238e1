import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigIssue } from '../errors.js';

/** Read from the working directory when no file is named. */
export const USUAL_FILES: readonly string[] = ['dorami-load.yaml', 'dorami-load.yml', 'dorami-load.json'];
/** Instead of a path: no file, not even a usual one. */
export const NO_FILE = 'none';
/** A configuration is a few hundred bytes; beyond this it is something else. */
const MAX_BYTES = 65_536;

export interface ConfigFile {
  /** As messages name it. */
  readonly path: string;
  readonly text: string;
  /** Nobody named it: it was in the working directory. */
  readonly found: boolean;
}

/**
 * The configuration file of a call: the named one, else a usual one in `folder`, else none. A file that cannot be
 * read is an issue.
 * @param named path, or `none`
 * @param place how a message calls the one who named it
 */
export function findConfigFile(
  named: string | undefined,
  place: string,
  folder: string,
  issues: ConfigIssue[],
): ConfigFile | undefined {
  if (named === NO_FILE) return undefined;
  if (named !== undefined) return load(named, named, false, place, issues);
  const usual = USUAL_FILES.filter((name) => existsSync(join(folder, name)));
  const [first] = usual;
  if (first === undefined) return undefined;
  if (usual.length > 1) {
    const problem = `${usual.join(' and ')} are both here`;
    issues.push({ path: 'configuration', problem, wanted: 'one of them, or --config FILE' });
    return undefined;
  }
  return load(first, join(folder, first), true, first, issues);
}

/** The text of a file that a setting names, as small as a configuration is; undefined, with an issue, if it cannot be read. */
export function readNamedFile(path: string, place: string, issues: ConfigIssue[]): string | undefined {
  return load(path, path, false, place, issues)?.text;
}

function load(
  path: string,
  file: string,
  found: boolean,
  place: string,
  issues: ConfigIssue[],
): ConfigFile | undefined {
  try {
    return { path, text: readText(file), found };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === undefined ? message : (REASONS.get(code) ?? code);
    issues.push({
      path: place,
      problem: `cannot be read: ${why}`,
      seen: path,
      wanted: 'a YAML or JSON file',
    });
    return undefined;
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file'],
  ['EISDIR', 'a folder'],
  ['EACCES', 'not allowed'],
  ['ERR_ENCODING_INVALID_ENCODED_DATA', 'not UTF-8'],
  ['ERR_INVALID_ARG_VALUE', 'not a path'],
]);

function readText(path: string): string {
  // Not blocking: a named pipe that nobody writes to would hold us here.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) throw new Error('a folder');
    if (!stat.isFile()) throw new Error('not a file');
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    const length = readSync(file, bytes, 0, bytes.length, 0);
    if (length > MAX_BYTES) throw new Error(`larger than ${MAX_BYTES} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length));
  } finally {
    closeSync(file);
  }
}
