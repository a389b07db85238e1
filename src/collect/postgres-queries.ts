/** As in the strategy's section 3.7. */
export const SLOW_MS = 1000;
/** Of the statements that were ever slow; more are not looked at. */
const MAX_STATEMENTS = 500;

/**
 * One row about the whole server in one statement, so that all of it is of one moment. Sessions: those of clients,
 * without our own. `hidden` are sessions of other roles whose state this role may not see, `hidden_of_all` the server's
 * own processes, too, `untracked` sessions that tell no state at all (`track_activities` off). The names are those of `postgres-rows.ts`.
 */
export const SERVER_QUERY = `
SELECT activity.*, stats.*,
  extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8 AS uptime_s,
  current_setting('max_connections')::float8 AS max_connections,
  current_setting('server_version') AS server_version,
  pg_postmaster_start_time()::text || ' ' || coalesce(stats.reset_at::text, '') || ' ' ||
    coalesce((SELECT stats_reset::text FROM pg_stat_bgwriter), '') AS identity
FROM (
  SELECT
    count(*) FILTER (WHERE is_client)::float8 AS connections,
    count(*) FILTER (WHERE is_client AND state = 'active')::float8 AS active_connections,
    count(*) FILTER (WHERE is_client AND state LIKE 'idle in transaction%')::float8 AS idle_in_transaction,
    count(*) FILTER (WHERE is_client AND is_here)::float8 AS pool_connections,
    count(*) FILTER (WHERE is_client AND is_here AND state <> 'idle')::float8 AS pool_busy,
    count(*) FILTER (WHERE NOT is_own AND wait_event IS NOT NULL AND state <> 'idle')::float8 AS waiting_queries,
    count(*) FILTER (WHERE wait_event IS NOT NULL)::float8 AS waiting_as_written,
    count(*) FILTER (WHERE is_client AND wait_event_type = 'Lock')::float8 AS waiting_locks,
    max(extract(epoch FROM clock_timestamp() - xact_start))
      FILTER (WHERE is_client AND state <> 'idle')::float8 AS longest_transaction_s,
    max(extract(epoch FROM clock_timestamp() - query_start))
      FILTER (WHERE is_client AND state = 'active')::float8 AS longest_query_s,
    count(*) FILTER (WHERE is_client AND is_hidden)::float8 AS hidden,
    count(*) FILTER (WHERE is_hidden)::float8 AS hidden_of_all,
    count(*) FILTER (WHERE is_client AND state = 'disabled')::float8 AS untracked
  FROM (
    SELECT state, wait_event, wait_event_type, xact_start, query_start,
      pid = pg_backend_pid() AS is_own,
      datname = current_database() AS is_here,
      query = '<insufficient privilege>' AS is_hidden,
      pid <> pg_backend_pid() AND datid IS NOT NULL
        AND coalesce(backend_type, 'client backend') = 'client backend' AS is_client
    FROM pg_stat_activity
  ) AS sessions
) AS activity, (
  SELECT
    sum(xact_commit)::float8 AS commits,
    sum(xact_rollback)::float8 AS rollbacks,
    sum(blks_hit)::float8 AS blocks_hit,
    sum(blks_read)::float8 AS blocks_read,
    sum(deadlocks)::float8 AS deadlocks,
    sum(temp_bytes)::float8 AS temp_bytes,
    max(stats_reset) AS reset_at
  FROM pg_stat_database
) AS stats`;

/** Where the extension is, and whether its columns have the names of version 1.8 and later (PostgreSQL 13). */
export const EXTENSION_QUERY = `
SELECT n.nspname AS schema, EXISTS (
    SELECT FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
    WHERE c.relnamespace = n.oid AND c.relname = 'pg_stat_statements' AND a.attname = 'mean_exec_time'
  ) AS has_exec_time
FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'`;

export interface Extension {
  readonly schema: string;
  readonly hasExecTime: boolean;
}

/** Statements that have taken longer than the limit once at least; without their texts, which lie in a file. */
export function statementsQuery({ schema, hasExecTime }: Extension): string {
  const kind = hasExecTime ? 'exec_time' : 'time';
  return `
SELECT userid || '.' || dbid || '.' || queryid AS id, calls::float8 AS calls,
  total_${kind}::float8 AS total_ms, mean_${kind}::float8 AS mean_ms
FROM "${schema.replaceAll('"', '""')}".pg_stat_statements(false)
WHERE max_${kind} > ${SLOW_MS}
ORDER BY mean_${kind} DESC LIMIT ${MAX_STATEMENTS}`;
}
