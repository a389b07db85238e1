import type { ConfigIssue } from '../errors.js';
import { findConfigFile } from './config-file.js';
import { type Environment, envLayer, namedVariables, unknownVariables } from './env-layer.js';
import { fileLayer } from './file-layer.js';
import { RUN_ROWS, type RunFlags } from './flags.js';
import { flagLayer, type Layer, mergeLayers, type Origins, placeOf } from './layer.js';

/** Everything that was said about a run, wherever it was said. */
export interface Given {
  /** The value of each key from the highest layer that says one, unchecked. */
  readonly flags: RunFlags;
  readonly origins: Origins;
  /** The file that was read. */
  readonly file?: { readonly path: string; readonly found: boolean };
}

/** Where `gather` looks beside the command line. */
export interface Surroundings {
  readonly env: Environment;
  /** The working directory. */
  readonly folder: string;
}

/**
 * File < environment < flags. Reads the configuration file; problems of every layer are added to `issues`, named
 * after the place where they stand.
 */
export function gather(flags: RunFlags, { env, folder }: Surroundings, issues: ConfigIssue[]): Given {
  const rows = RUN_ROWS;
  const line = flagLayer(flags as Layer['values']);
  const fromEnv = envLayer(env, rows, issues);
  const above = mergeLayers([fromEnv, line], rows);
  const { config: named } = above.values as RunFlags;
  const file = findConfigFile(named, placeOf('config', above.origins.config), folder, issues);
  const fromFile = file === undefined ? [] : [fileLayer(file.path, file.text, rows, issues)];
  const found: Layer[] = file?.found
    ? [{ values: { config: file.path }, origins: { config: { kind: 'found' } } }]
    : [];
  const { values, origins } = mergeLayers([...found, ...fromFile, fromEnv, line], rows);
  issues.push(...unknownVariables(env, rows, namedVariables(values, rows)));
  return {
    flags: values as RunFlags,
    origins,
    ...(file === undefined ? {} : { file: { path: file.path, found: file.found } }),
  };
}
