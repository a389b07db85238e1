import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'vitest';
import { noNamespaces } from './netns.js';

/** The real programs, written by others, that tests talk to. */
export type ServiceName =
  | 'ffmpeg'
  | 'ffprobe'
  | 'nginx'
  | 'nginx-rtmp'
  | 'node-media-server'
  | 'chromium'
  | 'bash'
  | 'zsh'
  | 'fish'
  | 'ip'
  | 'iptables'
  | 'redis'
  | 'postgres'
  | 'nats';

declare module 'vitest' {
  interface TaskMeta {
    /** Services that this test really used; the closing report lists them. */
    services?: ServiceName[];
  }
}

/** Where Debian puts the module of libnginx-mod-rtmp. */
export const NGINX_RTMP_MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

const POSTGRES_VERSIONS = '/usr/lib/postgresql';

const DEBIAN_PACKAGE: Readonly<Record<ServiceName, string | undefined>> = {
  ffmpeg: 'ffmpeg',
  ffprobe: 'ffmpeg',
  nginx: 'nginx',
  'nginx-rtmp': 'libnginx-mod-rtmp',
  'node-media-server': undefined,
  chromium: 'chromium',
  bash: 'bash',
  zsh: 'zsh',
  fish: 'fish',
  ip: 'iproute2',
  iptables: 'iptables',
  redis: 'redis-server',
  postgres: 'postgresql',
  nats: 'nats-server',
};

/**
 * To be called first in a test that needs real services. Notes them for the closing report. When one is not
 * installed the test is skipped with the reason in words, or fails where services are required (`CI=true` or
 * `DORAMI_TEST_REQUIRE_SERVICES=1`).
 */
export function needs(context: TestContext, ...names: readonly ServiceName[]): void {
  const missing = names.filter((name) => serviceVersion(name) === undefined);
  if (missing.length > 0) {
    const reason = missing.map(howToInstall).join('; ');
    if (servicesRequired(process.env)) throw new Error(reason);
    context.skip(reason);
  }
  context.task.meta.services = [...(context.task.meta.services ?? []), ...names];
}

/**
 * As `needs`, of network namespaces with iptables in them: they take root and a kernel that has them. Where they cannot
 * be made the test is skipped with the reason, or fails where services are required.
 */
export function needsNamespaces(context: TestContext): void {
  needs(context, 'ip', 'iptables');
  const reason = noNamespaces();
  if (reason === undefined) return;
  if (servicesRequired(process.env)) throw new Error(reason);
  context.skip(reason);
}

/** True where a missing service is a failure. */
export function servicesRequired(env: Readonly<Record<string, string | undefined>>): boolean {
  return env.DORAMI_TEST_REQUIRE_SERVICES === '1' || env.CI === 'true';
}

/** One line that names the installed version, or undefined when the service is not there. */
export function serviceVersion(name: ServiceName): string | undefined {
  switch (name) {
    case 'ffmpeg':
    case 'ffprobe':
      return firstLine(name, ['-version'])?.replace(/ Copyright.*/, '');
    case 'nginx':
      return firstLine(name, ['-v'])?.replace('nginx version: ', '');
    case 'nginx-rtmp':
      return isReadable(NGINX_RTMP_MODULE) && serviceVersion('nginx') !== undefined
        ? rtmpVersion()
        : undefined;
    case 'node-media-server':
      return packageVersion(name);
    case 'chromium':
    case 'bash':
    case 'zsh':
    case 'fish':
      return firstLine(name, ['--version']);
    case 'ip':
      return firstLine(name, ['-V']);
    case 'iptables':
      return firstLine('iptables', ['--version']);
    case 'redis':
      return firstLine('redis-server', ['--version']);
    case 'postgres':
      return firstLine('postgres', ['--version']);
    case 'nats':
      return firstLine('nats-server', ['--version']);
  }
}

/** Absolute path of a program, looking where Debian puts daemons too; undefined when it is not installed. */
export function programPath(program: string): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...['/usr/sbin', '/usr/local/sbin', ...postgresFolders()],
  ];
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

/** Debian keeps the programs of each PostgreSQL in a folder of its own; the newest first. */
function postgresFolders(): string[] {
  try {
    const versions = readdirSync(POSTGRES_VERSIONS).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(POSTGRES_VERSIONS, version, 'bin'));
  } catch {
    return [];
  }
}

function howToInstall(name: ServiceName): string {
  const debian = DEBIAN_PACKAGE[name];
  const how = debian === undefined ? 'npm ci' : `npm run services, or apt-get install ${debian}`;
  return `${name} is not installed (${how})`;
}

function firstLine(program: string, args: readonly string[]): string | undefined {
  const path = programPath(program);
  if (path === undefined) return undefined;
  const done = spawnSync(path, [...args], { encoding: 'utf8', timeout: 20_000 });
  if (done.status !== 0) return undefined;
  return `${done.stdout}${done.stderr}`.split('\n')[0]?.trim();
}

function rtmpVersion(): string {
  const status = spawnSync('dpkg-query', ['-s', 'libnginx-mod-rtmp'], { encoding: 'utf8' }).stdout ?? '';
  return `libnginx-mod-rtmp ${/^Version: (.*)$/m.exec(status)?.[1] ?? NGINX_RTMP_MODULE}`;
}

function packageVersion(name: string): string | undefined {
  try {
    const url = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
    const { version } = JSON.parse(readFileSync(url, 'utf8')) as { version: string };
    return `${name} ${version}`;
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  return canAccess(path, constants.X_OK);
}

function isReadable(path: string): boolean {
  return canAccess(path, constants.R_OK);
}

function canAccess(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
