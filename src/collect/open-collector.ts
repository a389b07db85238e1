import { createAllowList } from '../net/allow-list.js';
import { createHttpFactory, createUnixHttp } from '../net/http-node.js';
import type { Clock } from '../seams.js';
import { absentSections } from './absent.js';
import { Collector, type CollectorOptions } from './collector.js';
import type { CollectConfig } from './config.js';
import { createFetchText } from './fetch-text.js';
import { makeSources } from './make-sources.js';

/** What is to be asked, how often, and what may be asked. */
export interface CollectOrder {
  readonly config: CollectConfig;
  readonly intervalMs: number;
  readonly allowTargets: readonly string[];
  readonly insecure: boolean;
  /** Of the run, when it is within one: keys of Redis are named after it. */
  readonly streamKey?: string | undefined;
}

export interface OpenCollector {
  readonly collector: Collector;
  readonly sources: number;
  /** After the collector has stopped: nothing keeps a connection. */
  close(): void;
}

/** Of the interval: what is late by more would not be of this instant any more. */
const DEADLINE_SHARE = 0.8;
const MAX_DEADLINE_MS = 4000;

/** A collector with the real network; it asks nothing before it is started. */
export function openCollector(
  { config, intervalMs, allowTargets, insecure, streamKey }: CollectOrder,
  clock: Clock,
  env: Readonly<Record<string, string | undefined>>,
  on: Pick<CollectorOptions, 'onLine' | 'onTurn'>,
): OpenCollector {
  const factory = createHttpFactory({ clock, allowList: createAllowList(allowTargets), insecure });
  const http = factory.forViewer();
  const deadlineMs = Math.min(MAX_DEADLINE_MS, Math.round(intervalMs * DEADLINE_SHARE));
  const fetchText = createFetchText(http, deadlineMs);
  const sources = makeSources(config, {
    ...{ fetchText, env, nowMs: () => clock.nowMs(), deadlineMs, insecure, streamKey },
    dockerNet: { unix: (path) => createUnixHttp(path, clock), tcp: () => factory.forViewer() },
  });
  const collector = new Collector({
    ...{ clock, sources, intervalMs, deadlineMs, absent: absentSections(config) },
    ...{ onLine: on.onLine, onTurn: on.onTurn },
  });
  return { collector, sources: sources.length, close: () => http.close() };
}
