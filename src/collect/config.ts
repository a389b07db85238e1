import { allowListOf } from '../config/target.js';
import { readTreeFile, type TreeFile } from '../config/tree-file.js';
import { hostOf, isLoopbackHost, parseDuration } from '../config/values.js';
import type { ConfigIssue } from '../errors.js';
import { z } from '../schema-library.js';
import { alertsEntry } from './alert-config.js';
import { dockerEntry } from './docker-config.js';
import { parseDockerHost } from './docker-host.js';
import { monitoringEntry } from './monitoring-config.js';
import { NAMED_FORMATS, parseFormat } from './nginx-format.js';
import { processEntry } from './process-config.js';
import { postgresEntry, redisEntry } from './store-config.js';

const name = z
  .string()
  .regex(/^[A-Za-z0-9][\w-]{0,39}$/, 'not a name: letters, digits, _ and -, at most 40')
  .meta({ description: 'its key in the line' });
const file = z.string().min(1, 'no path').max(4096);
const url = z
  .string()
  .refine(isPlainUrl, 'not an http(s) URL without credentials')
  .meta({ description: 'http(s), without credentials; a host off this machine needs --allow-target' });
const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'not the name of a variable');
const secrets = {
  'cookie-env': variable
    .optional()
    .meta({ description: 'variable of the environment with the Cookie header' }),
  'token-env': variable.optional().meta({ description: 'variable of the environment with a bearer token' }),
};

const kbps = z.number().nonnegative().max(1e6);

const configSchema = z
  .strictObject({
    $schema: z.string().optional(),
    interval: z
      .string()
      .regex(/^\s*(\d+(\.\d+)?(ms|s|m|h))+\s*$/, 'not a span of time')
      .optional()
      .meta({ description: 'between two lines, at least 1s; 5s when absent' }),
    docker: dockerEntry(name).optional(),
    processes: z.array(processEntry(name, file)).max(50).optional(),
    host: z.boolean().optional().meta({ description: "whether this machine is the platform's" }),
    generator: z
      .boolean()
      .optional()
      .meta({ description: 'whether this machine is one that the load comes from' }),
    nginx: z
      .strictObject({
        'access-log': file.optional(),
        format: z
          .string()
          .refine(isFormat, 'not a log_format that lines can be told apart by')
          .optional()
          .meta({
            description: `${Object.keys(NAMED_FORMATS).join(', ')}, or the log_format itself; combined when absent`,
          }),
        status: url.optional().meta({ description: 'where stub_status is' }),
      })
      .optional(),
    srs: z
      .strictObject({
        api: url.optional().meta({ description: 'without /api/v1, e.g. http://127.0.0.1:1985' }),
        log: file.optional(),
        bitrate: z
          .strictObject({ 'min-kbps': kbps, 'max-kbps': kbps })
          .refine((band) => band['min-kbps'] < band['max-kbps'], 'ends before it begins')
          .optional()
          .meta({ description: 'what a published stream may have; 500 to 6000 kbit/s when absent' }),
      })
      .optional(),
    backend: z
      .strictObject({ health: url.optional(), monitoring: monitoringEntry(url, secrets).optional() })
      .refine(
        ({ health, monitoring }) => (health ?? monitoring) !== undefined,
        'wants health, monitoring, or both',
      )
      .optional(),
    redis: redisEntry(variable).optional(),
    postgres: postgresEntry(variable).optional(),
    alerts: alertsEntry.optional(),
    json: z
      .array(
        z.strictObject({
          ...{ name, url },
          values: z
            .record(name, z.string().min(1))
            .meta({ description: 'field: path of a number in the answer' }),
          ...secrets,
        }),
      )
      .max(20)
      .optional(),
    prometheus: z
      .array(
        z.strictObject({
          ...{ name, url },
          metrics: z
            .array(z.string().regex(/^[a-zA-Z_:][\w:]*\*?$/, 'not a metric'))
            .min(1)
            .max(100)
            .meta({ description: 'names; a * at the end stands for any' }),
          ...secrets,
        }),
      )
      .max(20)
      .optional(),
  })
  .meta({ title: 'Sources of dorami-load collect: --config FILE' });

/** What a file of sources says, checked. */
export type CollectConfig = z.infer<typeof configSchema>;

/** The JSON Schema that the package carries as schema/collect-config.schema.json. */
export function collectConfigJsonSchema(): unknown {
  return z.toJSONSchema(configSchema, { target: 'draft-2020-12' });
}

/** Reads a file of sources that `place` names; every problem of it is added to `issues`, with file and line. */
export function readCollectConfig(
  path: string,
  allowTargets: readonly string[],
  issues: ConfigIssue[],
  place = '--config',
): CollectConfig | undefined {
  const tree = readTreeFile(path, place, issues);
  return tree === undefined ? undefined : checkCollectConfig(tree, allowTargets, issues);
}

/** The same of values that were read. */
export function checkCollectConfig(
  tree: TreeFile,
  allowTargets: readonly string[],
  issues: ConfigIssue[],
): CollectConfig | undefined {
  const parsed = configSchema.safeParse(tree.value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const at = pathText(issue.path);
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
      for (const key of keys) {
        const place = tree.place(key === undefined ? at : at === '' ? key : `${at}.${key}`);
        issues.push({ path: place, problem: key === undefined ? problemOf(issue.message) : 'no such key' });
      }
    }
    return undefined;
  }
  const before = issues.length;
  checkHosts(parsed.data, allowTargets, tree, issues);
  checkNames(parsed.data, tree, issues);
  return issues.length === before ? parsed.data : undefined;
}

function checkHosts(
  config: CollectConfig,
  allowTargets: readonly string[],
  tree: TreeFile,
  issues: ConfigIssue[],
): void {
  const allowed = allowListOf(allowTargets, issues);
  for (const [path, each] of urlsOf(config)) {
    const host = hostOf(each);
    if (isLoopbackHost(host) || allowed.check(host) === 'allowed') continue;
    const problem = `${host} is not on this machine and not allowed as a target`;
    const wanted = `--allow-target ${host}, and only for a staging platform of yours`;
    issues.push({ path: tree.place(path), problem, wanted });
  }
}

function urlsOf(config: CollectConfig): [string, string][] {
  const { docker, nginx, srs, backend, redis, postgres, json = [], prometheus = [] } = config;
  const engine = parseDockerHost(docker?.host ?? '');
  const named: [string, string | undefined][] = [
    ['docker.host', engine?.kind === 'tcp' ? engine.origin : undefined],
    ['nginx.status', nginx?.status],
    ['srs.api', srs?.api],
    ['backend.health', backend?.health],
    ['backend.monitoring.url', backend?.monitoring?.url],
    ['redis.url', redis?.url],
    ['postgres.url', postgres?.url],
    ...json.map((each, index): [string, string] => [`json[${index}].url`, each.url]),
    ...prometheus.map((each, index): [string, string] => [`prometheus[${index}].url`, each.url]),
  ];
  return named.filter((pair): pair is [string, string] => pair[1] !== undefined);
}

function checkNames(config: CollectConfig, tree: TreeFile, issues: ConfigIssue[]): void {
  const { docker, processes = [], json = [], prometheus = [], nginx, srs, interval } = config;
  const lists = [
    (docker?.containers ?? []).flatMap(({ name: own }, index) =>
      own === undefined ? [] : [[`docker.containers[${index}].name`, own] as const],
    ),
    processes.map((each, index) => [`processes[${index}].name`, each.name] as const),
    [
      ...json.map((each, index) => [`json[${index}].name`, each.name] as const),
      ...prometheus.map((each, index) => [`prometheus[${index}].name`, each.name] as const),
    ],
  ];
  for (const list of lists) {
    const seen = new Set<string>();
    for (const [path, each] of list) {
      if (seen.has(each))
        issues.push({ path: tree.place(path), problem: 'given more than once', seen: each });
      seen.add(each);
    }
  }
  const count =
    processes.length +
    urlsOf(config).length +
    [docker, config.host, config.generator, nginx?.['access-log'], srs?.log].filter(Boolean).length;
  if (count === 0)
    issues.push({ path: tree.place(''), problem: 'no source', wanted: 'one at least, see docs/collect.md' });
  if (interval !== undefined && (parseDuration(interval) ?? 0) < 1000)
    issues.push({ path: tree.place('interval'), problem: 'too short', seen: interval, wanted: '1s or more' });
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** `Invalid input: expected string, received number` -> `expected string, received number`. */
function problemOf(message: string): string {
  return message.replace(/^Invalid input: /, '').replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, hash } = new URL(text);
  return /^https?:$/.test(protocol) && hostname !== '' && username === '' && password === '' && hash === '';
}

function isFormat(text: string): boolean {
  try {
    return parseFormat(text).variables.size > 0;
  } catch {
    return false;
  }
}
