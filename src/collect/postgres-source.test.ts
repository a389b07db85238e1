import { describe, expect, it } from 'vitest';
import { FIELDS } from './fields.js';
import { SERVER_QUERY, statementsQuery } from './postgres-queries.js';
import { parseServer, type Row, SlowStatements, type Statements } from './postgres-rows.js';
import { createPostgresSource } from './postgres-source.js';

/** Written by hand: 40 of 100 connections, 12 of them at work, since the begin 99 % of blocks found. */
function row(change: Row = {}): Row {
  return {
    ...{
      identity: 'started 1',
      uptime_s: 3600,
      max_connections: 100,
      hidden: 0,
      hidden_of_all: 0,
      untracked: 0,
    },
    ...{
      connections: 40,
      active_connections: 12,
      idle_in_transaction: 3,
      pool_connections: 30,
      pool_busy: 15,
    },
    ...{ waiting_queries: 4, waiting_as_written: 31, waiting_locks: 2 },
    ...{ longest_transaction_s: 2.5, longest_query_s: null },
    ...{ commits: 1000, rollbacks: 10, blocks_hit: 99_000, blocks_read: 1000, deadlocks: 2, temp_bytes: 0 },
    ...change,
  };
}

describe('parseServer', () => {
  it('reads sessions, their share of the limits, and leaves out a span that nobody has', () => {
    const { gauges, absent } = parseServer(row(), 30);
    expect(gauges).toEqual({
      ...{
        connections: 40,
        max_connections: 100,
        connections_pct: 40,
        active_connections: 12,
        active_pct: 12,
      },
      ...{ pool_connections: 30, pool_busy: 15, pool_limit: 30, pool_busy_pct: 50, idle_in_transaction: 3 },
      ...{ waiting_queries: 4, waiting_as_written: 31, waiting_locks: 2, longest_transaction_s: 2.5 },
      uptime_s: 3600,
    });
    expect(absent).toEqual({});
    const why = 'no pool-limit is configured';
    expect(parseServer(row(), undefined).absent).toEqual({ pool_limit: why, pool_busy_pct: why });
  });

  it('with sessions whose state the role may not see, nothing that is made of states is told', () => {
    const { gauges, absent } = parseServer(
      row({ hidden: 28, active_connections: 0, waiting_queries: 0 }),
      30,
    );
    for (const name of ['active_connections', 'waiting_queries', 'pool_busy_pct', 'longest_query_s']) {
      expect(gauges).not.toHaveProperty(name);
      expect(absent[name]).toBe('the role may not see the state of 28 sessions (GRANT pg_monitor TO it)');
    }
    expect(gauges).toMatchObject({ connections: 40, connections_pct: 40, pool_connections: 30 });
    // Nobody is connected whose state is hidden, but the server's own processes are.
    const alone = parseServer(row({ hidden_of_all: 5, waiting_as_written: 0 }), 30);
    expect(alone.gauges.waiting_queries).toBe(4);
    expect(alone.gauges).not.toHaveProperty('waiting_as_written');
    expect(alone.absent.waiting_as_written).toContain('own processes');
    expect(parseServer(row({ untracked: 1 }), 30).absent.active_pct).toContain('track_activities');
  });

  it.each([{ connections: null }, { deadlocks: 'many' }, { identity: 7 }, { max_connections: Number.NaN }])(
    'refuses %j, which is no row of the query',
    (change) => expect(() => parseServer(row(change), undefined)).toThrow('the answer has no'),
  );

  it('the query gives every name that is read', () => {
    for (const name of Object.keys(row()).filter((each) => each !== 'identity'))
      expect(SERVER_QUERY).toContain(` AS ${name}`);
    expect(SERVER_QUERY).toContain(' AS identity');
  });
});

const statement = (id: string | null, calls: number, totalMs: number): Row => ({
  ...{ id, calls, total_ms: totalMs },
  mean_ms: totalMs / calls,
});

describe('SlowStatements', () => {
  const counts = (slow: SlowStatements, rows: readonly Row[]) => slow.take({ rows }).values;

  it('tells those of the interval from those that were slow once', () => {
    const slow = new SlowStatements();
    const old = statement('1', 2, 6000);
    expect(counts(slow, [old])).toEqual({ slow_queries_as_written: 1 });
    expect(counts(slow, [old])).toEqual({ slow_queries_as_written: 1, slow_queries: 0 });
    // Three calls of 10 ms: it is slow no more, whatever its mean says.
    expect(counts(slow, [statement('1', 5, 6030)])).toEqual({ slow_queries_as_written: 1, slow_queries: 0 });
    // A hundred quick calls have hidden it in the mean; two of 1.5 s in the interval have not.
    expect(counts(slow, [statement('1', 105, 7030)])).toMatchObject({ slow_queries_as_written: 0 });
    expect(counts(slow, [statement('1', 107, 10_030)])).toEqual({
      slow_queries_as_written: 0,
      slow_queries: 1,
    });
  });

  it('one that was never slow before is, and one whose statistics began anew', () => {
    const slow = new SlowStatements();
    counts(slow, [statement('1', 50, 60_000)]);
    expect(counts(slow, [statement('1', 50, 60_000), statement('2', 90, 2000)]).slow_queries).toBe(1);
    expect(counts(slow, [statement('1', 1, 1200), statement('2', 90, 2000)]).slow_queries).toBe(1);
  });

  it('without the extension both are absent with the reason, and after it the first look is a begin', () => {
    const slow = new SlowStatements();
    const { values, absent } = slow.take({ absent: 'no extension' });
    expect(values).toEqual({});
    expect(absent).toEqual({ slow_queries: 'no extension', slow_queries_as_written: 'no extension' });
    expect(counts(slow, [statement('1', 1, 1200)])).toEqual({ slow_queries_as_written: 1 });
  });

  it('statements of others that have no id for this role cannot be followed', () => {
    const { values, absent } = new SlowStatements().take({ rows: [statement(null, 1, 4000)] });
    expect(values).toEqual({ slow_queries_as_written: 1 });
    expect(absent.slow_queries).toContain('pg_monitor');
  });

  it('before PostgreSQL 13 the columns have other names, and a schema may have any', () => {
    const query = statementsQuery({ schema: 'a"b', hasExecTime: false });
    expect(query).toContain('mean_time');
    expect(query).not.toContain('exec_time');
    expect(query).toContain('"a""b".pg_stat_statements(false)');
    expect(statementsQuery({ schema: 'public', hasExecTime: true })).toContain('mean_exec_time');
  });
});

function source(rows: readonly (Row | Error)[], statements: Statements = { absent: 'none' }) {
  let nowMs = 0;
  let next = 0;
  const { read } = createPostgresSource({
    nowMs: () => nowMs,
    connect: async () => ({
      isOpen: () => true,
      cut: () => {},
      look: async () => {
        const server = rows[next++] ?? {};
        if (server instanceof Error) throw server;
        return { server, statements };
      },
    }),
  });
  return (atMs: number) => {
    nowMs = atMs;
    return read(new AbortController().signal);
  };
}

describe('createPostgresSource', () => {
  it('tells counts and the cache hit ratio of the interval beside the one since the begin', async () => {
    const read = source([
      row(),
      row({ ...{ commits: 1450, rollbacks: 60, blocks_hit: 99_080, blocks_read: 1020, deadlocks: 3 } }),
    ]);
    const first = await read(0);
    expect(first.values.cache_hit_as_written_pct).toBe(99);
    for (const name of ['deadlocks', 'cache_hit_pct', 'commits'])
      expect(first.values).not.toHaveProperty(name);
    const { values, spanMs } = await read(5000);
    expect(values).toMatchObject({ commits: 450, rollbacks: 50, transactions_per_sec: 100, deadlocks: 1 });
    expect(values).toMatchObject({ blocks_hit: 80, blocks_read: 20, cache_hit_pct: 80 });
    expect(spanMs).toBe(5000);
    expect(Object.keys(FIELDS.postgres)).toEqual(expect.arrayContaining(Object.keys(values)));
  });

  it('no block in the interval is no ratio', async () => {
    const read = source([row(), row({ commits: 1002 })]);
    await read(0);
    expect((await read(5000)).values).not.toHaveProperty('cache_hit_pct');
  });

  it('a rate over a moment is none: the counts of many seconds may be told in it', async () => {
    const read = source([row(), row({ commits: 1400 })]);
    await read(0);
    const { values } = await read(2);
    expect(values.commits).toBe(400);
    expect(values).not.toHaveProperty('transactions_per_sec');
  });

  it('statistics that were reset, or a server that was started anew, are a restart without counts', async () => {
    const read = source([row(), row({ identity: 'started 2', commits: 5000 }), row({ commits: 1 })]);
    await read(0);
    const other = await read(5000);
    expect(other.restarted).toBe(true);
    expect(other.values).not.toHaveProperty('commits');
    expect((await read(10_000)).restarted).toBe(true);
  });

  it('a failure is told as it is, and counts go on from the last good answer', async () => {
    const read = source([row(), new Error('sorry, too many clients already'), row({ deadlocks: 5 })]);
    await read(0);
    await expect(read(5000)).rejects.toThrow('too many clients');
    expect(await read(10_000)).toMatchObject({ values: { deadlocks: 3 }, spanMs: 10_000 });
  });
});
