import type { CollectConfig } from '../collect/config.js';
import { NAMED_FORMATS, parseFormat } from '../collect/nginx-format.js';
import type { Http } from '../seams.js';
import type { Target } from '../target.js';
import type { Finding } from './finding.js';

/** A part of the platform that could be asked while it is under load. */
export interface Found {
  /** What it is, and where. */
  readonly text: string;
  /** For a file of sources; absent = it wants something that only a person knows. */
  readonly source?: Partial<CollectConfig>;
}

export interface Surroundings {
  readonly http: Http;
  readonly target: Target;
  /** The begin of what a port says to a line; undefined = nobody is there. Empty line = it is only connected to. */
  ask(host: string, port: number, line: string): Promise<string | undefined>;
  /** True for a path that can be read, or a socket that is there. */
  has(path: string): boolean;
  /** The last whole line of a file; undefined when there is none, or it cannot be read. */
  lastLine(path: string): string | undefined;
  /** Command lines of all processes of this machine. */
  readonly commands: readonly string[];
}

const PATIENCE_MS = 1500;
const MAX_BYTES = 200_000;
const SRS_API_PORT = 1985;
const STATUS_PATHS = ['/nginx_status', '/stub_status', '/basic_status'] as const;
const HEALTH_PATH = '/api/health/ready';
const ACCESS_LOG = '/var/log/nginx/access.log';
const DOCKER_SOCKET = '/var/run/docker.sock';

/** By their command lines, as the processes of the platform's own compose are called. */
const PROCESSES: readonly (readonly [string, string])[] = [
  ['nginx', '^nginx: '],
  ['srs', '(^|/)srs( |$)'],
  ['redis', '(^|/)redis-server( |$)'],
  ['postgres', '(^|/)postgres( |:|$)'],
];

/** Looks for what could be asked: on the target's own hosts and on this machine, a question each. */
export async function discover(around: Surroundings): Promise<readonly Found[]> {
  const { target } = around;
  const hosts = new Set([target.flvUrl, target.hlsUrl, target.apiUrl].map((url) => new URL(url).hostname));
  const origins = new Set([target.apiUrl, target.flvUrl].map((url) => new URL(url).origin));
  const asked = await Promise.all([
    ...[...hosts].map((host) => findSrs(around, `http://${host}:${SRS_API_PORT}`)),
    ...[...origins].map((origin) => findSrs(around, origin)),
    ...[...origins].map((origin) => findStatus(around, origin)),
    findHealth(around),
    ...[...new Set([...hosts, '127.0.0.1'])].flatMap((host) => [
      findRedis(around, host),
      findPostgres(around, host),
    ]),
  ]);
  return [...asked.filter((found) => found !== undefined), ...findHere(around)];
}

/** One file of sources of all that was found; the first of a kind counts. */
export function collectConfigOf(found: readonly Found[]): CollectConfig | undefined {
  let config: CollectConfig = {};
  for (const { source } of found) {
    if (source === undefined) continue;
    const { nginx = {}, processes = [] } = config;
    config = {
      ...{ ...source, ...config },
      ...(source.nginx || config.nginx ? { nginx: { ...source.nginx, ...nginx } } : {}),
      ...(source.processes || config.processes
        ? { processes: [...processes, ...(source.processes ?? [])] }
        : {}),
    };
  }
  return Object.keys(config).length > 0 ? config : undefined;
}

/** What is to be said of them where no `--collect` was given. Pure. */
export function discoverFindings(found: readonly Found[], written: string | undefined): readonly Finding[] {
  const about = { id: 'sources', area: 'sources' } as const;
  const fix =
    'dorami-load doctor --write-collect FILE writes what it finds; on the machine of the platform it finds the most';
  if (found.length === 0) {
    const text =
      'no --collect, and nothing was found that could be asked: why viewers saw what they saw will not be known';
    return [{ ...about, severity: 'warning', text, fix }];
  }
  const [first, ...more] = found.map(
    ({ text, source }): Finding => ({
      ...about,
      severity: 'ok',
      text: `found: ${text}${source === undefined ? ' (to be added by hand)' : ''}`,
    }),
  ) as [Finding, ...Finding[]];
  if (written !== undefined) {
    const use: Finding = {
      ...about,
      severity: 'ok',
      text: `${written} is written: run with --collect ${written}`,
    };
    return [first, ...more, use];
  }
  const text = 'no --collect: what the machines of the platform do under load will not be known';
  return [first, ...more, { ...about, severity: 'warning', text, fix }];
}

async function get({ http }: Surroundings, url: string): Promise<string | undefined> {
  const answer = await http.text(
    { method: 'GET', url },
    { maxBytes: MAX_BYTES, totalTimeoutMs: PATIENCE_MS },
  );
  return answer.kind === 'response' && answer.status === 200 ? answer.body : undefined;
}

async function findSrs(around: Surroundings, api: string): Promise<Found | undefined> {
  const body = await get(around, `${api}/api/v1/summaries`);
  if (body === undefined || !/^\s*\{[\s\S]*"code"\s*:\s*0/.test(body)) return undefined;
  return { text: `the API of SRS at ${api}`, source: { srs: { api } } };
}

async function findStatus(around: Surroundings, origin: string): Promise<Found | undefined> {
  for (const path of STATUS_PATHS) {
    const body = await get(around, origin + path);
    if (body === undefined || !/^Active connections: \d/.test(body)) continue;
    return { text: `stub_status of nginx at ${origin}${path}`, source: { nginx: { status: origin + path } } };
  }
  return undefined;
}

async function findHealth(around: Surroundings): Promise<Found | undefined> {
  const health = around.target.apiUrl + HEALTH_PATH;
  if ((await get(around, health)) === undefined) return undefined;
  return { text: `health of the backend at ${health}`, source: { backend: { health } } };
}

const REDIS_PORT = 6379;
const POSTGRES_PORT = 5432;

async function findRedis({ ask }: Surroundings, host: string): Promise<Found | undefined> {
  const said = await ask(host, REDIS_PORT, 'PING\r\n');
  const url = `redis://${host}:${REDIS_PORT}`;
  if (said?.startsWith('+PONG'))
    return { text: `Redis at ${url}, without a password`, source: { redis: { url } } };
  return said?.startsWith('-NOAUTH') ? { text: `Redis at ${url}; it wants password-env` } : undefined;
}

async function findPostgres({ ask }: Surroundings, host: string): Promise<Found | undefined> {
  if ((await ask(host, POSTGRES_PORT, '')) === undefined) return undefined;
  return { text: `PostgreSQL at ${host}:${POSTGRES_PORT}, as it seems; it wants a user and password-env` };
}

/** The log with the format that its last line is of; in one of its own it must be written down by a person. */
function findAccessLog({ has, lastLine }: Surroundings): Found[] {
  if (!has(ACCESS_LOG)) return [];
  const line = lastLine(ACCESS_LOG);
  const nginx = { 'access-log': ACCESS_LOG };
  if (line === undefined) return [{ text: `the access log ${ACCESS_LOG}, empty so far`, source: { nginx } }];
  const format = Object.keys(NAMED_FORMATS).find((name) => parseFormat(name).parse(line) !== undefined);
  if (format === undefined)
    return [
      { text: `the access log ${ACCESS_LOG}; its log_format is none that is known here: nginx.format` },
    ];
  const text = `the access log ${ACCESS_LOG}, format ${format}`;
  return [{ text, source: { nginx: { ...nginx, format } } }];
}

function findHere(around: Surroundings): Found[] {
  const { has, commands } = around;
  const running = PROCESSES.filter(([, match]) => commands.some((line) => new RegExp(match).test(line)));
  return [
    ...findAccessLog(around),
    ...(has(DOCKER_SOCKET) ? [{ text: `Docker at ${DOCKER_SOCKET}` }] : []),
    ...running.map(([name, match]) => ({
      text: `processes of ${name} on this machine`,
      source: { processes: [{ name, match }] },
    })),
  ];
}
