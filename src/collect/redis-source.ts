import { Deltas } from './deltas.js';
import { KeptConnection } from './kept-connection.js';
import type { Source, Values } from './reading.js';
import {
  countsOf,
  type OwnWork,
  parseInfo,
  type RedisConnection,
  type Size,
  WRONG_TYPE,
} from './redis-info.js';
import { spanRates } from './span-rates.js';

/** Names of the platform's keys, or why they are not known. */
export type KeyName = { readonly key: string } | { readonly absent: string };

export interface RedisSourceOptions {
  connect(signal: AbortSignal): Promise<RedisConnection>;
  readonly viewersKey: KeyName;
  readonly chatKey: KeyName;
  nowMs(): number;
}

/** A key's name of a template with `{stream}` and `{live}`. */
export function keyName(
  template: string,
  known: { readonly stream?: string | undefined; readonly live?: string | undefined },
): KeyName {
  const missing = (['stream', 'live'] as const).find(
    (part) => template.includes(`{${part}}`) && known[part] === undefined,
  );
  if (missing !== undefined) return { absent: `redis.${missing} is not configured` };
  return { key: template.replace(/\{(stream|live)\}/g, (_, part: 'stream' | 'live') => known[part] ?? '') };
}

const NO_WORK: OwnWork = { hits: 0, misses: 0, commands: 0, errors: 0 };

/** Redis: INFO, and how many members the platform's keys have. Nothing is asked that grows with what is stored. */
export function createRedisSource(options: RedisSourceOptions): Source {
  const { connect, viewersKey, chatKey, nowMs } = options;
  const connection = new KeptConnection(connect);
  const deltas = new Deltas();
  let runId: string | undefined;
  let ownWork = NO_WORK;
  /** Lookups of looks that failed: the server may have made them all the same, also long after. */
  let doubtful = 0;
  const asked = [
    { field: 'viewers_set', command: 'SCARD', name: viewersKey },
    { field: 'chat_list', command: 'LLEN', name: chatKey },
  ] as const;
  const keys = asked.flatMap(({ command, name }) => ('key' in name ? [{ command, key: name.key }] : []));
  return {
    name: 'redis',
    section: 'redis',
    read: async (signal) => {
      doubtful += keys.length;
      const { info: text, sizes } = await connection.use(signal, (redis) => redis.look(keys));
      const doubt = doubtful - keys.length;
      doubtful = 0;
      const info = parseInfo(text);
      const isOther = runId !== undefined && runId !== info.runId;
      runId = info.runId;
      const { by, spanMs, restarted } = deltas.take(info.counters, nowMs());
      const grown: Values = by === undefined || isOther ? {} : countsOf(by, ownWork);
      const [counts, unsure] = withoutDoubt(grown, doubt);
      const { commands } = counts;
      const rates = spanRates(commands === undefined ? undefined : spanMs, (ms) => ({
        commands_per_sec: ((commands ?? 0) * 1000) / ms,
      }));
      ownWork = workOf(sizes);
      const answers = [...sizes];
      const known: Record<string, number> = {};
      const absent: Record<string, string> = { ...info.absent, ...rates.absent, ...unsure };
      for (const { field, name } of asked) {
        const answer = 'key' in name ? answers.shift() : name;
        if (answer !== undefined && 'size' in answer) known[field] = answer.size;
        else absent[field] = answer?.absent ?? 'not answered';
      }
      return {
        values: { ...info.gauges, ...counts, ...rates.values, ...known },
        absent,
        ...(spanMs === undefined ? {} : { spanMs }),
        restarted: restarted || isOther,
      };
    },
    close: async () => connection.close(),
  };
}

/** Beyond this share of all lookups those of our own that nobody has counted would be seen. */
const DOUBT_SHARE = 0.01;

/** After looks that failed the ratio of hits is not known where our own lookups may have made it. */
function withoutDoubt(counts: Values, doubt: number): readonly [Values, Readonly<Record<string, string>>] {
  const { hit_pct: ratio, ...others } = counts;
  const { keyspace_hits: hits = 0, keyspace_misses: misses = 0 } = counts;
  if (ratio === undefined || doubt <= (hits + misses) * DOUBT_SHARE) return [counts, {}];
  return [others, { hit_pct: 'lookups of our own that were not answered may be among so few' }];
}

/** What one look adds to the server's own counts after it has told them: a key that is not there is a miss. */
function workOf(sizes: readonly Size[]): OwnWork {
  const told = sizes.flatMap((each) => ('size' in each ? [each.size] : []));
  const full = told.filter((size) => size > 0).length;
  const wrongType = sizes.filter((each) => 'absent' in each && each.absent === WRONG_TYPE).length;
  return {
    ...{ hits: full + wrongType, misses: told.length - full },
    ...{ commands: 1 + told.length + wrongType, errors: sizes.length - told.length },
  };
}
