import type { Connection } from './kept-connection.js';
import { SLOW_MS } from './postgres-queries.js';
import type { Reading, Values } from './reading.js';

/** A row as the server sent it. */
export type Row = Readonly<Record<string, unknown>>;

/** Rows of pg_stat_statements, or why there are none. */
export type Statements = { readonly rows: readonly Row[] } | { readonly absent: string };

/** A connection to PostgreSQL that can only look. */
export interface PostgresConnection extends Connection {
  /** The one row of the server, and the statements that were slow. @throws {Error} in words */
  look(): Promise<{ readonly server: Row; readonly statements: Statements }>;
}

/** What the row of the server says. */
export interface ServerStats {
  /** Another one = started anew, or its statistics were. */
  readonly identity: string;
  readonly gauges: Values;
  readonly counters: Values;
  readonly absent: Readonly<Record<string, string>>;
}

const COUNTERS = ['commits', 'rollbacks', 'blocks_hit', 'blocks_read', 'deadlocks', 'temp_bytes'] as const;
/** What everybody may see of all sessions. */
const OPEN_GAUGES = ['connections', 'pool_connections', 'max_connections', 'uptime_s'] as const;
/** What must be known of each session. */
const STATE_GAUGES = [
  ...['active_connections', 'idle_in_transaction', 'pool_busy'],
  ...['waiting_queries', 'waiting_locks'],
];
/** Of what must be known of every process. */
const WRITTEN = 'waiting_as_written';
/** Absent when there is none. */
const SPANS = ['longest_transaction_s', 'longest_query_s'];

/**
 * Reads the row of `SERVER_QUERY`. What a role may not see of others is absent, not a smaller number.
 * @throws {Error} for what is no such row
 */
export function parseServer(row: Row, poolLimit: number | undefined): ServerStats {
  const number = (name: string): number => {
    const value = row[name];
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new Error(`the answer has no ${name}`);
    return value;
  };
  const picked = (names: readonly string[]): Record<string, number> =>
    Object.fromEntries(names.map((name) => [name, number(name)]));
  const { identity } = row;
  if (typeof identity !== 'string') throw new Error('the answer has no identity');
  const open = picked(OPEN_GAUGES);
  const share = (part: number): number => (part / number('max_connections')) * 100;
  const gauges = { ...open, connections_pct: share(number('connections')) };
  const counters = picked(COUNTERS);
  const limited = poolLimit === undefined ? {} : { pool_limit: poolLimit };
  const why = unseen(number('hidden'), number('untracked'));
  const noLimit: Record<string, string> =
    poolLimit === undefined
      ? { pool_limit: 'no pool-limit is configured', pool_busy_pct: 'no pool-limit is configured' }
      : {};
  if (why !== undefined) {
    const fields = [...STATE_GAUGES, WRITTEN, ...SPANS, 'active_pct', 'pool_busy_pct'];
    const absent = { ...noLimit, ...Object.fromEntries(fields.map((name) => [name, why])) };
    return { identity, counters, gauges: { ...gauges, ...limited }, absent };
  }
  const spans = picked(SPANS.filter((name) => row[name] !== null));
  const isWhole = number('hidden_of_all') === 0;
  const states = {
    ...{ ...picked(STATE_GAUGES), ...spans, ...limited, ...(isWhole ? picked([WRITTEN]) : {}) },
    active_pct: share(number('active_connections')),
    ...(poolLimit === undefined ? {} : { pool_busy_pct: (number('pool_busy') / poolLimit) * 100 }),
  };
  const notWhole: Record<string, string> = isWhole
    ? {}
    : { [WRITTEN]: "the role may not see the server's own processes (GRANT pg_monitor TO it)" };
  return { identity, counters, gauges: { ...gauges, ...states }, absent: { ...noLimit, ...notWhole } };
}

function unseen(hidden: number, untracked: number): string | undefined {
  if (hidden > 0) return `the role may not see the state of ${hidden} sessions (GRANT pg_monitor TO it)`;
  return untracked > 0 ? `${untracked} sessions tell no state (track_activities is off)` : undefined;
}

/** Counts of the interval. */
export function intervalOf(by: Values): Values {
  const of = (name: (typeof COUNTERS)[number]): number => by[name] ?? 0;
  const blocks = of('blocks_hit') + of('blocks_read');
  return {
    ...{ commits: of('commits'), rollbacks: of('rollbacks'), deadlocks: of('deadlocks') },
    ...{ blocks_hit: of('blocks_hit'), blocks_read: of('blocks_read'), temp_mb: of('temp_bytes') / 1e6 },
    ...(blocks > 0 ? { cache_hit_pct: (of('blocks_hit') / blocks) * 100 } : {}),
  };
}

/** The strategy's written form: since the statistics began. */
export function cacheHitAsWritten(counters: Values): Values {
  const { blocks_hit: hit = 0, blocks_read: read = 0 } = counters;
  return hit + read > 0 ? { cache_hit_as_written_pct: (hit / (hit + read)) * 100 } : {};
}

interface Statement {
  readonly calls: number;
  readonly totalMs: number;
}

/**
 * Tells slow statements of the interval from those that were slow once: pg_stat_statements has a mean since its
 * beginning only. It hands out statements that were ever above the limit; one that is new among them was so since the
 * last look.
 */
export class SlowStatements {
  #before: ReadonlyMap<string, Statement> | undefined;

  take(statements: Statements): Required<Pick<Reading, 'values' | 'absent'>> {
    if ('absent' in statements) {
      this.#before = undefined;
      const why = statements.absent;
      return { values: {}, absent: { slow_queries: why, slow_queries_as_written: why } };
    }
    const { rows } = statements;
    const written = rows.filter(({ mean_ms: mean }) => typeof mean === 'number' && mean > SLOW_MS).length;
    const values = { slow_queries_as_written: written };
    const now = new Map<string, Statement>();
    for (const { id, calls, total_ms: totalMs } of rows) {
      if (typeof id !== 'string' || typeof calls !== 'number' || typeof totalMs !== 'number') {
        this.#before = undefined;
        const why = 'the role may not see whose statements they are (GRANT pg_monitor TO it)';
        return { values, absent: { slow_queries: why } };
      }
      const known = now.get(id) ?? { calls: 0, totalMs: 0 };
      now.set(id, { calls: known.calls + calls, totalMs: known.totalMs + totalMs });
    }
    const before = this.#before;
    this.#before = now;
    if (before === undefined) return { values, absent: {} };
    const slow = [...now].filter(([id, statement]) => isSlow(statement, before.get(id))).length;
    return { values: { ...values, slow_queries: slow }, absent: {} };
  }
}

function isSlow(now: Statement, before: Statement | undefined): boolean {
  // Fewer calls than before: its statistics began anew, and it is among the slow ones since then.
  if (before === undefined || now.calls < before.calls) return true;
  const calls = now.calls - before.calls;
  return calls > 0 && (now.totalMs - before.totalMs) / calls > SLOW_MS;
}
