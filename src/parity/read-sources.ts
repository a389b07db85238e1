import { readdirSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { readYamlLoosely } from '../config/yaml-map.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { filesOfDump } from '../nginx-conf/dump.js';
import { type ConfFile, type ExpandedConf, expandConf, matchesInclude } from '../nginx-conf/expand.js';
import type { Side } from './checklist.js';
import { readCompose } from './compose.js';
import { composeFacts } from './compose-facts.js';
import { joined, nginxConfFacts, srsConfFacts } from './conf-facts.js';
import type { SideSources } from './config.js';
import { baseImage } from './dockerfile.js';
import { NOTHING, type SideFacts } from './facts.js';
import { readSourceFile } from './source-file.js';

/** Where nginx of the platform's containers has its files: paths below it are looked for beside the file given. */
const NGINX_PREFIX = '/etc/nginx';

/**
 * Reads the files of one side.
 * @param folder that their paths are relative to
 * @throws {ConfigError} with every file that cannot be read
 */
export function readSources(side: Side, sources: SideSources, folder: string): SideFacts {
  const issues: ConfigIssue[] = [];
  const at = (name: keyof SideSources): string => `${side}.${name}`;
  const text = (name: keyof SideSources, path: string): string =>
    readSourceFile(resolve(folder, path), at(name), issues) ?? '';
  const { 'srs-conf': srs, 'nginx-conf': nginx, compose, dockerfile } = sources;
  const parts = [
    compose === undefined
      ? NOTHING
      : composeFacts(
          readCompose(
            [compose].flat().map((path) => readYamlLoosely(path, text('compose', path), issues) ?? {}),
          ),
        ),
    dockerfile === undefined ? NOTHING : dockerfileFacts(text('dockerfile', dockerfile)),
    srs === undefined ? NOTHING : srsConfFacts(expanded(text('srs-conf', srs), resolve(folder, srs))),
    nginx === undefined
      ? NOTHING
      : nginxConfFacts(expanded(text('nginx-conf', nginx), resolve(folder, nginx))),
  ];
  if (issues.length > 0) throw new ConfigError(issues);
  return joined(parts);
}

function dockerfileFacts(text: string): SideFacts {
  const image = baseImage(text);
  if (image !== undefined && /(?:^|\/)node:/.test(image))
    return { ...NOTHING, facts: { 'node-version': { value: image, from: 'dockerfile' } } };
  const why =
    image === undefined ? 'the Dockerfile leaves its image to an argument' : `it stands on ${image}`;
  return { ...NOTHING, notes: [{ row: 'node-version', text: why }] };
}

/** With its includes: of a dump from the dump, of a file from the folder it lies in. */
function expanded(text: string, path: string): ExpandedConf {
  const files = filesOfDump(text);
  const [main] = files ?? [];
  if (files === undefined || main === undefined) return expandConf(text, (pattern) => beside(path, pattern));
  return expandConf(
    main[1],
    (pattern) => {
      const whole = isAbsolute(pattern) ? pattern : join(dirname(main[0]), pattern);
      const found = [...files].filter(([each]) => matchesInclude(whole, each));
      // What the dump has no file for matched none: nginx would not have started without a named one.
      return found.map(([each, content]): ConfFile => ({ path: each, text: content }));
    },
    main[0],
  );
}

/** Files in the folder of the configuration; nothing outside of it is read. */
function beside(path: string, pattern: string): readonly ConfFile[] | undefined {
  const folder = dirname(path);
  const inside = isAbsolute(pattern) ? relative(NGINX_PREFIX, pattern) : pattern;
  if (inside.split('/').includes('..')) return undefined;
  const whole = join(folder, inside);
  let names: string[];
  try {
    names = readdirSync(dirname(whole)).sort();
  } catch {
    return undefined;
  }
  const paths = names
    .map((name) => join(dirname(whole), name))
    .filter((each) => matchesInclude(basename(whole), basename(each)));
  const found = paths.flatMap((each): ConfFile[] => {
    const content = readSourceFile(each, each, []);
    return content === undefined ? [] : [{ path: relative(folder, each), text: content }];
  });
  return found.length === 0 || found.length < paths.length ? undefined : found;
}
