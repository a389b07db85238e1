import { Deltas } from './deltas.js';
import { KeptConnection } from './kept-connection.js';
import {
  cacheHitAsWritten,
  intervalOf,
  type PostgresConnection,
  parseServer,
  SlowStatements,
} from './postgres-rows.js';
import type { Source, Values } from './reading.js';
import { spanRates } from './span-rates.js';

export interface PostgresSourceOptions {
  connect(signal: AbortSignal): Promise<PostgresConnection>;
  /** How many connections the platform's own pool may have. */
  readonly poolLimit?: number;
  nowMs(): number;
}

/** PostgreSQL: the strategy's six queries, by one connection that can only read. */
export function createPostgresSource({ connect, poolLimit, nowMs }: PostgresSourceOptions): Source {
  const connection = new KeptConnection(connect);
  const deltas = new Deltas();
  const slow = new SlowStatements();
  let identity: string | undefined;
  return {
    name: 'postgres',
    section: 'postgres',
    read: async (signal) => {
      const { server, statements } = await connection.use(signal, (postgres) => postgres.look());
      const stats = parseServer(server, poolLimit);
      const isOther = identity !== undefined && identity !== stats.identity;
      identity = stats.identity;
      const { by, spanMs, restarted } = deltas.take(stats.counters, nowMs());
      const counts: Values = by === undefined || isOther ? {} : intervalOf(by);
      const { commits, rollbacks = 0 } = counts;
      const rates = spanRates(commits === undefined ? undefined : spanMs, (ms) => ({
        transactions_per_sec: (((commits ?? 0) + rollbacks) * 1000) / ms,
      }));
      const statementsNow = slow.take(statements);
      return {
        values: {
          ...stats.gauges,
          ...cacheHitAsWritten(stats.counters),
          ...counts,
          ...rates.values,
          ...statementsNow.values,
        },
        absent: { ...stats.absent, ...statementsNow.absent, ...rates.absent },
        ...(spanMs === undefined ? {} : { spanMs }),
        restarted: restarted || isOther,
      };
    },
    close: async () => connection.close(),
  };
}
