import { writeFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { unknownName } from '../config/did-you-mean.js';
import { INIT_FILE, type InitFlags } from '../config/flags.js';
import { profileYaml } from '../config/profile-yaml.js';
import { configTemplate } from '../config/template.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { findProfile, profileNames } from '../scenarios/profiles.js';

/** Of this package, wherever it is installed. */
const SCHEMA = fileURLToPath(new URL('../../schema/config.schema.json', import.meta.url));
const PROFILE_SCHEMA = fileURLToPath(new URL('../../schema/profile.schema.json', import.meta.url));

/** The text of a profile file with the profile of this name; undefined when there is none. */
export function profileText(name: string, schemaAt = pathToFileURL(PROFILE_SCHEMA).href): string | undefined {
  const profile = findProfile(name);
  return profile && profileYaml(profile, schemaAt);
}

/**
 * Writes a configuration file with every setting, commented, or a profile to start one's own from, and returns its
 * path. Never writes over a file.
 * @param folder the working directory
 * @throws {ConfigError} when the file is there already or cannot be written
 */
export function writeTemplate(flags: InitFlags, before: readonly ConfigIssue[], folder: string): string {
  const path = flags.out ?? INIT_FILE;
  const issues = [...before];
  checkProfileName(flags.profile, issues);
  if (!/\.ya?ml$/.test(path)) {
    issues.push({ path: '--out', problem: 'not a YAML file', seen: path, wanted: 'FILE.yaml or FILE.yml' });
  }
  if (issues.length > 0) throw new ConfigError(issues);
  const file = resolve(folder, path);
  try {
    writeFileSync(file, textFor(flags, file), { flag: 'wx' });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const problem = code === 'EEXIST' ? 'is there already' : `cannot be written: ${code ?? 'unknown'}`;
    const wanted =
      code === 'EEXIST' ? 'another file, or none in its place' : 'a file in a folder that exists';
    throw new ConfigError([{ path: '--out', problem, seen: path, wanted }], { cause });
  }
  return path;
}

function textFor({ profile }: InitFlags, file: string): string {
  if (profile === undefined) return configTemplate(schemaFor(file, SCHEMA));
  return profileText(profile, schemaFor(file, PROFILE_SCHEMA)) ?? '';
}

/** As an editor finds it from the file: by a relative path below the file's own folder, else by a whole address. */
function schemaFor(file: string, schema: string): string {
  const path = relative(dirname(file), schema);
  return path.startsWith('..') || isAbsolute(path) ? pathToFileURL(schema).href : path;
}

/** A name that no profile has is one of `issues`. */
export function checkProfileName(name: string | undefined, issues: ConfigIssue[]): void {
  if (name === undefined || findProfile(name) !== undefined) return;
  const names = profileNames();
  issues.push({ path: '--profile', seen: name, ...unknownName('profile', name, names, names.join(', ')) });
}
