import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { ConfigIssue } from '../errors.js';
import { createHealthSource, createJsonSource, createPrometheusSource } from './backend-source.js';
import { createCgroupSource } from './cgroup-source.js';
import type { CollectConfig } from './config.js';
import { type DockerNet, openDockerEngine } from './docker-engine.js';
import { createDockerSource } from './docker-source.js';
import type { FetchText } from './fetch-text.js';
import { createMachineSource } from './machine-source.js';
import { createMonitoringSource } from './monitoring-source.js';
import { parseFormat } from './nginx-format.js';
import { createNginxLogSource, createStubStatusSource } from './nginx-source.js';
import { createPostgresSource } from './postgres-source.js';
import { createProcessSource, type KernelFiles } from './process-source.js';
import type { Source } from './reading.js';
import { createRedisSource, keyName } from './redis-source.js';
import { createSrsLogSource, createSrsSource } from './srs-source.js';
import { CHAT_KEY, VIEWERS_KEY } from './store-config.js';

export interface SourceDeps {
  readonly fetchText: FetchText;
  readonly env: Readonly<Record<string, string | undefined>>;
  nowMs(): number;
  /** Of one source. */
  readonly deadlineMs: number;
  readonly dockerNet: Pick<DockerNet, 'unix' | 'tcp'>;
  /** Certificates that are not known are accepted. */
  readonly insecure?: boolean;
  /** Of the run that the platform is looked at for. */
  readonly streamKey?: string | undefined;
}

/** The kernel's files as they are: small, made when they are read, and never waited for. */
export const KERNEL_FILES: KernelFiles = {
  text: (path) => orAbsent(() => readFileSync(path, 'utf8')),
  names: (path) => orAbsent(() => readdirSync(path)),
};

/** Every source that a configuration names, in its order. */
export function makeSources(config: CollectConfig, deps: SourceDeps): Source[] {
  const { nginx, json = [], prometheus = [] } = config;
  const { fetchText, env, nowMs } = deps;
  const log = nginx?.['access-log'];
  return [
    ...dockerSources(config, deps),
    ...processSources(config, nowMs),
    ...machineSources(config, deps),
    ...(log === undefined
      ? []
      : [createNginxLogSource(log, parseFormat(nginx?.format ?? 'combined'), nowMs)]),
    ...(nginx?.status === undefined ? [] : [createStubStatusSource(nginx.status, fetchText, nowMs)]),
    ...srsSources(config, deps),
    ...backendSources(config, deps),
    ...storeSources(config, deps),
    ...json.map((each) =>
      createJsonSource({ ...each, fetchText, headers: headersOf(each, env) }, each.values),
    ),
    ...prometheus.map((each) =>
      createPrometheusSource({ ...each, fetchText, headers: headersOf(each, env) }, each.metrics, nowMs),
    ),
  ];
}

function processSources({ processes = [] }: CollectConfig, nowMs: () => number): Source[] {
  const os = { cores: availableParallelism(), memoryBytes: totalmem() };
  return processes.map(({ name, pid, match, cgroup }) =>
    cgroup === undefined
      ? createProcessSource({
          ...{ name, os, nowMs, files: KERNEL_FILES, ownPid: process.pid },
          who: pid === undefined ? { match: new RegExp(match ?? '') } : { pid },
        })
      : createCgroupSource({
          ...{ name, os, nowMs, files: KERNEL_FILES },
          path: cgroup.replace(/^\/+|\/+$/g, ''),
        }),
  );
}

function dockerSources(
  { docker }: CollectConfig,
  { env, nowMs, dockerNet, deadlineMs }: SourceDeps,
): Source[] {
  if (docker === undefined) return [];
  const { host, containers = [], project } = docker;
  const choice = {
    project,
    containers: containers.map(({ name, match }) => ({ name, match: new RegExp(match) })),
  };
  const engine = openDockerEngine(host, env, { ...dockerNet, nowMs }, deadlineMs);
  return [createDockerSource({ engine, choice, nowMs })];
}

function machineSources({ host, generator }: CollectConfig, { nowMs }: SourceDeps): Source[] {
  const files = KERNEL_FILES;
  return [
    ...(host === true ? [createMachineSource({ section: 'host', files, nowMs })] : []),
    ...(generator === true ? [createMachineSource({ section: 'generator', files, nowMs })] : []),
  ];
}

function srsSources({ srs }: CollectConfig, { fetchText, nowMs }: SourceDeps): Source[] {
  const band = srs?.bitrate;
  const kbps = band === undefined ? undefined : { minKbps: band['min-kbps'], maxKbps: band['max-kbps'] };
  return [
    ...(srs?.api === undefined ? [] : [createSrsSource(srs.api.replace(/\/+$/, ''), fetchText, nowMs, kbps)]),
    ...(srs?.log === undefined ? [] : [createSrsLogSource(srs.log, nowMs)]),
  ];
}

function backendSources({ backend }: CollectConfig, { fetchText, env }: SourceDeps): Source[] {
  const { health, monitoring } = backend ?? {};
  return [
    ...(health === undefined ? [] : [createHealthSource(health, fetchText)]),
    ...(monitoring === undefined
      ? []
      : [
          createMonitoringSource({
            ...{ url: monitoring.url, headers: headersOf(monitoring, env), fetchText },
            places: monitoring.fields,
          }),
        ]),
  ];
}

type Env = SourceDeps['env'];

function secretOf(name: string | undefined, env: Env): { readonly password?: string } {
  const password = env[name ?? ''];
  return password === undefined ? {} : { password };
}

/** How Redis of a file of sources is connected to; its client is large, and loaded when it is needed first. */
export function redisOf(redis: NonNullable<CollectConfig['redis']>, env: Env, insecure: boolean) {
  const { url, username } = redis;
  const named = username === undefined ? {} : { username };
  const access = { url, insecure, ...secretOf(redis['password-env'], env), ...named };
  return async (signal: AbortSignal) => (await import('./redis-client.js')).connectRedis(access, signal);
}

/** The same of PostgreSQL. */
export function postgresOf(postgres: NonNullable<CollectConfig['postgres']>, env: Env, insecure: boolean) {
  const { url, tls = false } = postgres;
  const access = { url, tls, insecure, ...secretOf(postgres['password-env'], env) };
  return async (signal: AbortSignal) =>
    (await import('./postgres-client.js')).connectPostgres(access, signal);
}

function storeSources(
  { redis, postgres }: CollectConfig,
  { env, nowMs, insecure = false, streamKey }: SourceDeps,
): Source[] {
  const known = { stream: redis?.stream ?? streamKey, live: redis?.live };
  return [
    ...(redis === undefined
      ? []
      : [
          createRedisSource({
            nowMs,
            viewersKey: keyName(redis['viewers-key'] ?? VIEWERS_KEY, known),
            chatKey: keyName(redis['chat-key'] ?? CHAT_KEY, known),
            connect: redisOf(redis, env, insecure),
          }),
        ]),
    ...(postgres === undefined
      ? []
      : [
          createPostgresSource({
            nowMs,
            ...(postgres['pool-limit'] === undefined ? {} : { poolLimit: postgres['pool-limit'] }),
            connect: postgresOf(postgres, env, insecure),
          }),
        ]),
  ];
}

interface SecretNames {
  readonly 'cookie-env'?: string | undefined;
  readonly 'token-env'?: string | undefined;
}

function headersOf(names: SecretNames, env: SourceDeps['env']): Record<string, string> {
  const cookie = env[names['cookie-env'] ?? ''];
  const token = env[names['token-env'] ?? ''];
  return {
    ...(cookie === undefined ? {} : { cookie }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}

/** Values of the named variables, to be masked; one that is not set is an issue. */
export function collectSecrets(
  { json = [], prometheus = [], redis, postgres, backend }: CollectConfig,
  env: SourceDeps['env'],
  issues: ConfigIssue[],
): readonly string[] {
  const names = [
    ...json,
    ...prometheus,
    ...(backend?.monitoring === undefined ? [] : [backend.monitoring]),
  ].flatMap((each) => [each['cookie-env'], each['token-env']]);
  const secretsOf = (name: string | undefined, isGood: RegExp, bad: string): readonly string[] => {
    if (name === undefined) return [];
    const value = env[name];
    if (value !== undefined && isGood.test(value)) return [value];
    issues.push({ path: name, problem: value === undefined ? 'not set' : bad });
    return [];
  };
  return [
    ...names.flatMap((name) => secretsOf(name, /^[\x20-\x7e]+$/, 'not the value of a header')),
    ...[redis, postgres].flatMap((store) => secretsOf(store?.['password-env'], /^[^\0]+$/, 'not a password')),
  ];
}

function orAbsent<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
