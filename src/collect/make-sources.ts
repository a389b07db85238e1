import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { ConfigIssue } from '../errors.js';
import { createHealthSource, createJsonSource, createPrometheusSource } from './backend-source.js';
import { createCgroupSource } from './cgroup-source.js';
import type { CollectConfig } from './config.js';
import type { FetchText } from './fetch-text.js';
import { parseFormat } from './nginx-format.js';
import { createNginxLogSource, createStubStatusSource } from './nginx-source.js';
import { createProcessSource, type KernelFiles } from './process-source.js';
import type { Source } from './reading.js';
import { createSrsLogSource, createSrsSource } from './srs-source.js';

export interface SourceDeps {
  readonly fetchText: FetchText;
  readonly env: Readonly<Record<string, string | undefined>>;
  nowMs(): number;
}

/** The kernel's files as they are: small, made when they are read, and never waited for. */
export const KERNEL_FILES: KernelFiles = {
  text: (path) => orAbsent(() => readFileSync(path, 'utf8')),
  names: (path) => orAbsent(() => readdirSync(path)),
};

/** Every source that a configuration names, in its order. */
export function makeSources(config: CollectConfig, deps: SourceDeps): Source[] {
  const { nginx, srs, backend, json = [], prometheus = [] } = config;
  const { fetchText, env, nowMs } = deps;
  const log = nginx?.['access-log'];
  return [
    ...processSources(config, nowMs),
    ...(log === undefined
      ? []
      : [createNginxLogSource(log, parseFormat(nginx?.format ?? 'combined'), nowMs)]),
    ...(nginx?.status === undefined ? [] : [createStubStatusSource(nginx.status, fetchText, nowMs)]),
    ...(srs?.api === undefined ? [] : [createSrsSource(srs.api.replace(/\/+$/, ''), fetchText, nowMs)]),
    ...(srs?.log === undefined ? [] : [createSrsLogSource(srs.log, nowMs)]),
    ...(backend === undefined ? [] : [createHealthSource(backend.health, fetchText)]),
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
  { json = [], prometheus = [] }: CollectConfig,
  env: SourceDeps['env'],
  issues: ConfigIssue[],
): readonly string[] {
  const names = [...json, ...prometheus].flatMap((each) => [each['cookie-env'], each['token-env']]);
  return names.flatMap((name) => {
    if (name === undefined) return [];
    const value = env[name];
    if (value !== undefined && /^[\x20-\x7e]+$/.test(value)) return [value];
    issues.push({ path: name, problem: value === undefined ? 'not set' : 'not the value of a header' });
    return [];
  });
}

function orAbsent<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
