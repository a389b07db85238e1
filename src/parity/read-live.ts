import { resolve } from 'node:path';
import { type CollectConfig, readCollectConfig } from '../collect/config.js';
import { collectSecrets } from '../collect/make-sources.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import type { Side } from './checklist.js';

/** What of a file of sources of `dorami-load collect` tells versions and limits. */
export interface LiveSources {
  readonly config: Pick<CollectConfig, 'redis' | 'postgres' | 'srs'>;
  /** Masked wherever they would stand. */
  readonly secrets: readonly string[];
}

/**
 * Reads the file that `collect` of one side names.
 * @param folder that its path is relative to
 * @throws {ConfigError} with every problem of it
 */
export function readLive(
  side: Side,
  path: string,
  folder: string,
  allowTargets: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): LiveSources {
  const issues: ConfigIssue[] = [];
  const read = readCollectConfig(resolve(folder, path), allowTargets, issues, `${side}.collect`);
  const { redis, postgres, srs } = read ?? {};
  // Cookies of other sources are not needed here.
  const config = {
    ...(redis === undefined ? {} : { redis }),
    ...(postgres === undefined ? {} : { postgres }),
    ...(srs === undefined ? {} : { srs }),
  };
  const secrets = collectSecrets(config, env, issues);
  if (issues.length > 0) throw new ConfigError(issues);
  return { config, secrets };
}
