import { writeFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { INIT_FILE, type InitFlags } from '../config/flags.js';
import { configTemplate } from '../config/template.js';
import { ConfigError, type ConfigIssue } from '../errors.js';

/** Of this package, wherever it is installed. */
const SCHEMA = fileURLToPath(new URL('../../schema/config.schema.json', import.meta.url));

/**
 * Writes a configuration file with every setting, commented, and returns its path. Never writes over a file.
 * @param folder the working directory
 * @throws {ConfigError} when the file is there already or cannot be written
 */
export function writeTemplate(flags: InitFlags, before: readonly ConfigIssue[], folder: string): string {
  const path = flags.out ?? INIT_FILE;
  const issues = [...before];
  if (!/\.ya?ml$/.test(path)) {
    issues.push({ path: '--out', problem: 'not a YAML file', seen: path, wanted: 'FILE.yaml or FILE.yml' });
  }
  if (issues.length > 0) throw new ConfigError(issues);
  const file = resolve(folder, path);
  try {
    writeFileSync(file, configTemplate(schemaFor(file)), { flag: 'wx' });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const problem = code === 'EEXIST' ? 'is there already' : `cannot be written: ${code ?? 'unknown'}`;
    const wanted =
      code === 'EEXIST' ? 'another file, or none in its place' : 'a file in a folder that exists';
    throw new ConfigError([{ path: '--out', problem, seen: path, wanted }], { cause });
  }
  return path;
}

/** As an editor finds it from the file: by a relative path below the file's own folder, else by a whole address. */
function schemaFor(file: string): string {
  const path = relative(dirname(file), SCHEMA);
  return path.startsWith('..') || isAbsolute(path) ? pathToFileURL(SCHEMA).href : path;
}
