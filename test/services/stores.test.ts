import { once } from 'node:events';
import { createServer, connect as tcpConnect } from 'node:net';
import { createClient } from '@redis/client';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { absentSections } from '../../src/collect/absent.js';
import { Collector } from '../../src/collect/collector.js';
import { checkCollectConfig } from '../../src/collect/config.js';
import type { SystemLine } from '../../src/collect/line.js';
import { systemLineSchema } from '../../src/collect/line-schema.js';
import { makeSources } from '../../src/collect/make-sources.js';
import { connectPostgres } from '../../src/collect/postgres-client.js';
import { treeOfText } from '../../src/config/tree-file.js';
import type { ConfigIssue } from '../../src/errors.js';
import { createClock } from '../../src/seams-node.js';
import { needs, servicesRequired, serviceVersion } from './available.js';
import { startPostgres } from './postgres.js';
import { startRedis } from './redis.js';
import type { Store } from './store.js';

const PASSWORD = 'passphrase-of-the-test';
/** Short, so that little is waited for; the deadline is long enough for a busy machine. */
const INTERVAL_MS = 1000;
const DEADLINE_MS = 900;

let redis: Store;
let postgres: Store;
let lines: SystemLine[] = [];
let collector: Collector;

const hasStores = serviceVersion('redis') !== undefined && serviceVersion('postgres') !== undefined;

beforeAll(async () => {
  if (!hasStores && !servicesRequired(process.env)) return;
  [redis, postgres] = await Promise.all([
    startRedis([
      ...['maxmemory 6mb', 'maxmemory-policy allkeys-lru', 'maxclients 20', `requirepass ${PASSWORD}`],
    ]),
    startPostgres(
      [
        "shared_preload_libraries = 'pg_stat_statements'",
        ...['deadlock_timeout = 100ms', 'max_connections = 25', 'autovacuum = off'],
      ],
      ['host all monitor 127.0.0.1/32 scram-sha-256'],
    ),
  ]);
  await asOwner(async (owner) => {
    await owner.query(`CREATE ROLE monitor LOGIN PASSWORD '${PASSWORD}'; GRANT pg_monitor TO monitor`);
    await owner.query('CREATE EXTENSION pg_stat_statements; CREATE TABLE t (id int PRIMARY KEY, n int)');
    await owner.query('INSERT INTO t VALUES (1, 0), (2, 0)');
  });
}, 60_000);

afterAll(async () => {
  await Promise.all([redis?.stop(), postgres?.stop()]);
});

beforeEach(() => {
  if (redis === undefined) return;
  const issues: ConfigIssue[] = [];
  const tree = treeOfText('sources.yaml', sourcesFile(), issues);
  const config = tree === undefined ? undefined : checkCollectConfig(tree, [], issues);
  expect(issues).toEqual([]);
  if (config === undefined) return;
  lines = [];
  const clock = createClock(performance.timeOrigin + performance.now());
  const fetchText = () => Promise.reject(new Error('nothing to fetch'));
  const noDocker = (): never => {
    throw new Error('no Docker here');
  };
  const sources = makeSources(config, {
    ...{ fetchText, env: { PASSWORD }, nowMs: () => clock.nowMs(), deadlineMs: 4000 },
    dockerNet: { unix: noDocker, tcp: noDocker },
  });
  collector = new Collector({
    ...{ clock, sources, absent: absentSections(config), intervalMs: INTERVAL_MS, deadlineMs: DEADLINE_MS },
    onLine: (line) => lines.push(line),
    onTurn: () => {},
  });
  collector.start();
});

afterEach(async () => {
  await collector?.stop();
  for (const line of lines) expect(systemLineSchema.safeParse(line).error).toBeUndefined();
  expect(JSON.stringify(lines)).not.toContain(PASSWORD);
});

function sourcesFile(): string {
  return `redis: { url: "${redis.url}", password-env: PASSWORD, stream: key, live: id }
postgres: { url: "${postgres.url.replace(/\/\/\w+@/, '//monitor@')}", password-env: PASSWORD, pool-limit: 8 }
`;
}

it('Redis: hits, misses, evictions, refused connections and the sizes of keys are what was done', async (context) => {
  needs(context, 'redis', 'postgres');
  const client = createClient({ url: redis.url, password: PASSWORD, RESP: 2 });
  client.on('error', () => {});
  await client.connect();
  try {
    await seen(({ redis: values }) => values !== undefined);
    await client.set('there', 'x');
    for (let i = 0; i < 30; i++) await client.get('there');
    for (let i = 0; i < 10; i++) await client.get('nowhere');
    await client.set('short', 'x', { expiration: { type: 'PX', value: 1 } });
    for (let i = 0; i < 80; i++) await client.set(`large:${i}`, 'x'.repeat(100_000));
    await client.sAdd(
      'stream:key:viewer_ids',
      Array.from({ length: 12 }, (_, id) => `viewer-${id}`),
    );
    await client.rPush('chat:id:history', ['a', 'b', 'c']);
    const sockets = Array.from({ length: 25 }, () =>
      tcpConnect(redis.port, '127.0.0.1').on('error', () => {}),
    );
    await Promise.all(sockets.slice(0, 15).map((socket) => once(socket, 'connect')));
    await infoOf(client, 'rejected_connections', (refused) => refused > 0);
    for (const socket of sockets) socket.destroy();
    const evicted = await infoOf(client, 'evicted_keys');
    const refused = await infoOf(client, 'rejected_connections');
    expect(evicted).toBeGreaterThan(10);

    const last = await seen(({ redis: values }) => values?.viewers_set === 12 && values.chat_list === 3);
    await seen(() => sum('redis', 'rejected_connections') >= refused);
    expect(sum('redis', 'evicted_keys')).toBe(evicted);
    expect(sum('redis', 'rejected_connections')).toBe(refused);
    expect(sum('redis', 'keyspace_hits')).toBe(30);
    expect(sum('redis', 'keyspace_misses')).toBe(10);
    expect(last.redis?.max_memory_mb).toBeCloseTo(6.291, 2);
    expect(last.redis?.memory_pct).toBeGreaterThan(60);
    expect(last.redis).toMatchObject({ max_clients: 20 });
    const ratios = lines.flatMap(({ redis: values = {} }) => {
      const { keyspace_hits: hits = 0, keyspace_misses: misses = 0, hit_pct: told } = values;
      return hits + misses === 0 && told === undefined ? [] : [{ told, is: (hits / (hits + misses)) * 100 }];
    });
    expect(ratios.length).toBeGreaterThan(0);
    for (const { told, is } of ratios) expect(told).toBeCloseTo(is, 2);
  } finally {
    client.destroy();
  }
}, 40_000);

it('PostgreSQL: a deadlock, a wait for a lock, sessions, rollbacks, blocks and a slow statement are what was done', async (context) => {
  needs(context, 'redis', 'postgres');
  await seen(({ postgres: values }) => values !== undefined);
  const [a, b, c] = [await session(), await session(), await session()];
  try {
    await Promise.all([a.query('BEGIN'), b.query('BEGIN')]);
    await a.query('UPDATE t SET n = n + 1 WHERE id = 1');
    await b.query('UPDATE t SET n = n + 1 WHERE id = 2');
    const waits = a.query('UPDATE t SET n = n + 1 WHERE id = 2').catch((error: Error) => error);
    const { postgres: waiting } = await seen(({ postgres: values }) => values?.waiting_locks === 1);
    // Two sessions are at work in transactions: one waits for the lock, the other one for its client; the third is idle.
    expect(waiting).toMatchObject({ connections: 3, active_connections: 1, idle_in_transaction: 1 });
    expect(waiting).toMatchObject({
      waiting_queries: 2,
      pool_connections: 3,
      pool_busy: 2,
      pool_busy_pct: 25,
    });
    expect(waiting).toMatchObject({ max_connections: 25, connections_pct: 12, active_pct: 4 });
    expect(waiting?.waiting_as_written).toBeGreaterThan(3);
    expect(waiting?.longest_transaction_s).toBeGreaterThan(0);
    const deadlock = b.query('UPDATE t SET n = n + 1 WHERE id = 1').catch((error: Error) => error);
    const failed = (await Promise.all([waits, deadlock])).filter((each) => each instanceof Error);
    expect(failed.map(String)).toEqual(['error: deadlock detected']);

    for (let i = 0; i < 5; i++) await expect(c.query('SELECT 1 / 0')).rejects.toThrow('zero');
    await c.query("CREATE TABLE large AS SELECT repeat('x', 1000) AS x FROM generate_series(1, 24000)");
    for (let i = 0; i < 3; i++) await c.query('SELECT count(*) FROM large');
    await c.query('SELECT pg_sleep(1.2)');
  } finally {
    // What a session has done is told at its end at the latest.
    await Promise.all([a.end(), b.end(), c.end()]);
  }
  await seen(() => sum('postgres', 'deadlocks') > 0 && sum('postgres', 'rollbacks') >= 5);
  await seen(() => sum('postgres', 'slow_queries') > 0 && sum('postgres', 'blocks_read') > 0);
  expect(sum('postgres', 'deadlocks')).toBe(1);
  // Five statements that failed, and one transaction or both: who has lost in a deadlock, and who was ended open.
  expect([6, 7]).toContain(sum('postgres', 'rollbacks'));
  // The one that slept, and on a slow machine the one that waited for the lock until the other had lost.
  expect([1, 2]).toContain(sum('postgres', 'slow_queries'));
  // A table of 3429 blocks of 8 KiB, larger than the 2048 shared buffers, was read three times through.
  expect(sum('postgres', 'blocks_read')).toBeGreaterThan(3 * 1300);
  expect(lines.some(({ postgres: values }) => (values?.cache_hit_pct ?? 100) < 95)).toBe(true);
  const own = await asOwner(async (owner) =>
    owner.query("SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'dorami-load'"),
  );
  expect(own.rows).toEqual([{ n: 1 }]);
}, 40_000);

it('PostgreSQL: roles, extensions and sessions', async (context) => {
  needs(context, 'redis', 'postgres');
  const look = async (user: string, database: string) => {
    const url = postgres.url.replace(/\/\/\w+@/, `//${user}@`).replace(/\w+$/, database);
    const { signal } = new AbortController();
    const connection = await connectPostgres(
      { url, password: PASSWORD, tls: false, insecure: false },
      signal,
    );
    try {
      return await connection.look();
    } finally {
      connection.cut();
    }
  };
  await asOwner(async (owner) => {
    await owner.query('CREATE ROLE blind LOGIN');
    await owner.query('CREATE DATABASE old');
    const other = await session('old');
    await other.query("CREATE EXTENSION pg_stat_statements VERSION '1.7'");
    await other.query('SELECT pg_sleep(1.1)');
    // The columns of PostgreSQL 12: mean_time instead of mean_exec_time.
    const { statements } = await look('monitor', 'old');
    expect('rows' in statements && statements.rows.some(({ mean_ms: ms }) => Number(ms) >= 1100)).toBe(true);
    await other.end();
    expect((await look('monitor', 'template1')).statements).toEqual({
      absent: 'the database has no extension pg_stat_statements (CREATE EXTENSION)',
    });
    const { server } = await look('blind', 'postgres');
    expect(server).toMatchObject({ hidden: expect.any(Number), active_connections: 0 });
    expect(Number(server.hidden)).toBeGreaterThanOrEqual(2);
    expect(Number(server.hidden_of_all)).toBeGreaterThan(Number(server.hidden));
  });
  await expect(look('nobody', 'postgres')).rejects.toThrow('role "nobody" does not exist');
  expect(await startupPacket()).toEqual(
    expect.arrayContaining([
      'dorami-load',
      '-c default_transaction_read_only=on -c statement_timeout=3000 -c lock_timeout=1000 -c idle_in_transaction_session_timeout=3000',
    ]),
  );
}, 40_000);

for (const [name, other] of [
  ['redis', 'postgres'],
  ['postgres', 'redis'],
] as const) {
  it(`${name} that hangs or is killed is a gap with its reason and comes back, and ${other} stands in the same line`, async (context) => {
    needs(context, 'redis', 'postgres');
    const store = name === 'redis' ? redis : postgres;
    await seen((line) => line[name] !== undefined && line[other] !== undefined);
    store.signal('SIGSTOP');
    const hung = await seen((line) => name in line.gaps && line[other] !== undefined);
    expect(hung.gaps[name]).toBe(`no answer within ${DEADLINE_MS} ms`);
    expect(hung).not.toHaveProperty(name);
    store.signal('SIGCONT');
    const back = await seen((line) => line[name] !== undefined, lines.length);
    expect(back.restarted).toEqual([]);

    store.signal('SIGKILL');
    const isDead = ({ gaps }: SystemLine): boolean => gaps[name] === 'the connection is refused';
    const dead = await seen((line) => isDead(line) && line[other] !== undefined, lines.length);
    expect(dead).not.toHaveProperty(name);
    await store.revive();
    const anew = await seen((line) => line[name] !== undefined, lines.length);
    expect(anew.restarted).toEqual([name]);
    const count = name === 'redis' ? 'evicted_keys' : 'deadlocks';
    expect(anew[name]).not.toHaveProperty(count);
    const next = await seen((line) => line[name] !== undefined, lines.indexOf(anew) + 1);
    expect(next[name]?.[count]).toBe(0);
  }, 40_000);
}

async function asOwner<T>(act: (owner: pg.Client) => Promise<T>): Promise<T> {
  const owner = await session();
  try {
    return await act(owner);
  } finally {
    await owner.end();
  }
}

async function session(database = 'postgres'): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: postgres.url.replace(/\w+$/, database) });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Texts of the first packet that a server sees: its session is what they say. */
async function startupPacket(): Promise<string[]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const url = `postgresql://a@127.0.0.1:${port}/b`;
  const failed = connectPostgres({ url, tls: false, insecure: false }, AbortSignal.timeout(5000)).catch(
    () => {},
  );
  const [socket] = await once(server, 'connection');
  const [packet] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  server.close();
  await failed;
  return packet.subarray(8).toString().split('\0');
}

/** A number of INFO, as soon as it is as wanted. */
async function infoOf(
  client: { info(): Promise<string> },
  name: string,
  isWanted: (value: number) => boolean = () => true,
): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const value = Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await client.info())?.[1]);
    if (isWanted(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${name} is not as wanted`);
}

function sum(section: 'redis' | 'postgres', field: string): number {
  return lines.reduce((total, line) => total + (line[section]?.[field] ?? 0), 0);
}

/** The first line from `from` on that is as wanted, waited for. */
async function seen(isWanted: (line: SystemLine) => boolean, from = 0): Promise<SystemLine> {
  for (let waited = 0; waited < 15_000; waited += 50) {
    const found = lines.slice(from).find(isWanted);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const told = lines.map(({ redis: r, postgres: p, gaps }) => JSON.stringify({ r, p, gaps }));
  throw new Error(`not seen: ${told.slice(-6).join('\n')}`);
}
