import { allowListOf } from '../config/target.js';
import { readTreeFile, type TreeFile } from '../config/tree-file.js';
import { hostOf, isLoopbackHost } from '../config/values.js';
import type { ConfigIssue } from '../errors.js';
import { z } from '../schema-library.js';
import { SIDES, type Side } from './checklist.js';

const file = z.string().min(1, 'no path').max(4096);
const url = z.string().refine(isPlainUrl, 'not an http(s) URL without credentials').meta({
  description: 'without /api/v1, e.g. http://127.0.0.1:1985; a host off this machine needs --allow-target',
});

const sideSchema = z.strictObject({
  'srs-conf': file.optional().meta({ description: 'srs.conf as the container reads it' }),
  'nginx-conf': file
    .optional()
    .meta({ description: 'what nginx -T prints, or nginx.conf with its includes beside it' }),
  compose: z
    .union([file, z.array(file).min(1).max(10)])
    .optional()
    .meta({ description: 'compose files; later ones lie over earlier ones' }),
  dockerfile: file.optional().meta({ description: 'of the backend' }),
  'srs-api': url.optional(),
  collect: file.optional().meta({
    description:
      'a file of sources of dorami-load collect: its Redis, PostgreSQL and SRS are asked, only read',
  }),
});

const configSchema = z
  .strictObject({
    $schema: z.string().optional(),
    production: sideSchema.optional(),
    staging: sideSchema.optional().meta({ description: 'the system that is tested' }),
  })
  .meta({ title: 'Sources of dorami-load parity: --config FILE; paths are relative to the file' });

export type SideSources = z.infer<typeof sideSchema>;
/** What a file of sources says, checked. */
export type ParityConfig = z.infer<typeof configSchema>;

/** The JSON Schema that the package carries as schema/parity-config.schema.json. */
export function parityConfigJsonSchema(): unknown {
  return z.toJSONSchema(configSchema, { target: 'draft-2020-12' });
}

/** Reads a file of sources; every problem of it is added to `issues`, with file and line. */
export function readParityConfig(
  path: string,
  allowTargets: readonly string[],
  issues: ConfigIssue[],
): ParityConfig | undefined {
  const tree = readTreeFile(path, '--config', issues);
  return tree === undefined ? undefined : checkParityConfig(tree, allowTargets, issues);
}

/** The same of values that were read. */
export function checkParityConfig(
  tree: TreeFile,
  allowTargets: readonly string[],
  issues: ConfigIssue[],
): ParityConfig | undefined {
  const parsed = configSchema.safeParse(tree.value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const at = issue.path.map(String).join('.');
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
      for (const key of keys) {
        const place = tree.place([at, key].filter((part) => part !== undefined && part !== '').join('.'));
        const problem = key === undefined ? issue.message.replace(/^Invalid input: /, '') : 'no such key';
        issues.push({ path: place, problem });
      }
    }
    return undefined;
  }
  const before = issues.length;
  const allowed = allowListOf(allowTargets, issues);
  for (const side of SIDES) {
    const host = hostOfApi(parsed.data, side);
    if (host === undefined || isLoopbackHost(host) || allowed.check(host) === 'allowed') continue;
    const problem = `${host} is not on this machine and not allowed as a target`;
    issues.push({ path: tree.place(`${side}.srs-api`), problem, wanted: `--allow-target ${host}` });
  }
  return issues.length === before ? parsed.data : undefined;
}

function hostOfApi(config: ParityConfig, side: Side): string | undefined {
  const api = config[side]?.['srs-api'];
  return api === undefined ? undefined : hostOf(api);
}

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, hash, search } = new URL(text);
  return /^https?:$/.test(protocol) && hostname !== '' && `${username}${password}${hash}${search}` === '';
}
