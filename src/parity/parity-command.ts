import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createFetchText } from '../collect/fetch-text.js';
import { postgresOf, redisOf } from '../collect/make-sources.js';
import { ConfigError } from '../errors.js';
import { createAllowList } from '../net/allow-list.js';
import { createHttpFactory } from '../net/http-node.js';
import { createRedact } from '../redact.js';
import { EXIT } from '../report/exit-codes.js';
import type { Output } from '../run/output.js';
import { createClock } from '../seams-node.js';
import { type Answers, answersTemplate } from './answers.js';
import { askSrs } from './ask-srs.js';
import { askPostgres, askRedis } from './ask-stores.js';
import { SIDES, type Side } from './checklist.js';
import { compareSides } from './compare.js';
import { joined } from './conf-facts.js';
import type { ParityConfig } from './config.js';
import { NOTHING, type SideFacts, type Sides } from './facts.js';
import type { Parity } from './parity-schema.js';
import { formatParity } from './parity-text.js';
import { paritySentence } from './parity-words.js';
import { type LiveSources, readLive } from './read-live.js';
import { readSources } from './read-sources.js';

/** What `dorami-load parity` was asked to do; values checked. */
export interface ParityOptions {
  readonly config: ParityConfig;
  /** That paths of the configuration are relative to lies in its folder. */
  readonly configPath?: string;
  readonly answers: Answers;
  /** Write a file of questions there, and nothing else. */
  readonly initTo?: string;
  readonly out: string;
  readonly allowTargets: readonly string[];
  readonly insecure: boolean;
  readonly json: boolean;
}

const ASK_TIMEOUT_MS = 5000;

type Environment = Readonly<Record<string, string | undefined>>;
type Live = Readonly<Partial<Record<Side, LiveSources>>>;

/**
 * Compares production with the system under test, row by row, and writes what it found.
 * @throws {ConfigError} for a file that cannot be read or written
 */
export async function parityCommand(
  options: ParityOptions,
  output: Output,
  env: Environment = {},
): Promise<{ exitCode: number; reason?: string }> {
  const live = liveOf(options, env);
  const redact = createRedact(SIDES.flatMap((side) => [...(live[side]?.secrets ?? [])]));
  const facts = await gathered(options, live, env);
  const madeAt = new Date().toISOString();
  const parity = compareSides({ facts, answers: options.answers, redact, madeAt });
  if (options.initTo !== undefined) {
    await written('--answers', options.initTo, answersTemplate(parity), 'wx');
    output.result(options.initTo);
    return { exitCode: EXIT.pass };
  }
  await written('--out', options.out, `${JSON.stringify(parity, null, 2)}\n`, 'w');
  output.result(
    options.json
      ? JSON.stringify(parity, null, 2)
      : `${formatParity(parity, { color: output.resultColor === true })}\n${options.out}`,
  );
  return endOf(parity);
}

function endOf(parity: Parity): { exitCode: number; reason?: string } {
  const { differs, open } = parity.counts;
  if (differs > 0) return { exitCode: EXIT.unlike, reason: paritySentence(parity) };
  if (open > 0) return { exitCode: EXIT.unanswered, reason: paritySentence(parity) };
  return { exitCode: EXIT.pass };
}

/** @throws {ConfigError} */
function liveOf({ config, configPath = '.', allowTargets }: ParityOptions, env: Environment): Live {
  return Object.fromEntries(
    SIDES.flatMap((side) => {
      const path = config[side]?.collect;
      return path === undefined
        ? []
        : [[side, readLive(side, path, dirname(configPath), allowTargets, env)] as const];
    }),
  );
}

async function gathered(options: ParityOptions, live: Live, env: Environment): Promise<Sides<SideFacts>> {
  const { config, configPath = '.', allowTargets, insecure } = options;
  const folder = dirname(configPath);
  const clock = createClock(performance.timeOrigin + performance.now());
  const http = createHttpFactory({ clock, allowList: createAllowList(allowTargets), insecure }).forViewer();
  const fetchText = createFetchText(http, ASK_TIMEOUT_MS);
  const of = async (side: Side): Promise<SideFacts> => {
    const sources = config[side];
    if (sources === undefined) return NOTHING;
    const read = readSources(side, sources, folder);
    const { redis, postgres, srs } = live[side]?.config ?? {};
    const api = sources['srs-api'] ?? srs?.api;
    const signal = AbortSignal.timeout(ASK_TIMEOUT_MS);
    const said = await Promise.all([
      ...(api === undefined ? [] : [askSrs(api, fetchText, signal)]),
      ...(redis === undefined ? [] : [askRedis(redisOf(redis, env, insecure), signal)]),
      ...(postgres === undefined ? [] : [askPostgres(postgresOf(postgres, env, insecure), signal)]),
    ]);
    return joined([read, ...said]);
  };
  try {
    const [production, staging] = await Promise.all(SIDES.map(of));
    return { production: production ?? NOTHING, staging: staging ?? NOTHING };
  } finally {
    http.close();
  }
}

async function written(flag: string, path: string, text: string, how: 'w' | 'wx'): Promise<void> {
  try {
    await writeFile(path, text, { flag: how });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const problem = code === 'EEXIST' ? 'is there already' : `cannot be written: ${code ?? 'unknown'}`;
    throw new ConfigError([{ path: flag, problem, seen: path }], { cause });
  }
}
