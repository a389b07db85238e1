import type { PostgresConnection } from '../collect/postgres-rows.js';
import type { RedisConnection } from '../collect/redis-info.js';
import type { RowId } from './checklist.js';
import { type Fact, NOTHING, type SideFacts } from './facts.js';

type Connect<T> = (signal: AbortSignal) => Promise<T>;

/** Asks Redis for its version and limits, by one INFO; one that does not answer is a note, never a value. */
export function askRedis(connect: Connect<RedisConnection>, signal: AbortSignal): Promise<SideFacts> {
  return asked('redis', 'redis-version', connect, signal, async (redis) => {
    const { info } = await redis.look([]);
    const said = (name: string): string | undefined => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1];
    const facts = {
      'redis-version': said('redis_version'),
      'redis-maxmemory': said('maxmemory')?.trim(),
      'redis-maxmemory-policy': said('maxmemory_policy'),
    };
    const isUnlimited = facts['redis-maxmemory'] === '0';
    const words = 'redis: maxmemory 0 is no limit at all';
    return { facts, notes: isUnlimited ? [{ row: 'redis-maxmemory' as const, text: words }] : [] };
  });
}

/** The same of PostgreSQL, in a session that can only read. */
export function askPostgres(connect: Connect<PostgresConnection>, signal: AbortSignal): Promise<SideFacts> {
  return asked('postgres', 'postgres-version', connect, signal, async (postgres) => {
    const { server } = await postgres.look();
    const facts = {
      'postgres-version': textOf(server.server_version),
      'postgres-max-connections': textOf(server.max_connections),
    };
    return { facts, notes: [] };
  });
}

interface Said {
  readonly facts: Readonly<Partial<Record<RowId, string | undefined>>>;
  readonly notes: SideFacts['notes'];
}

async function asked<T extends { cut(): void }>(
  from: string,
  row: RowId,
  connect: Connect<T>,
  signal: AbortSignal,
  ask: (connection: T) => Promise<Said>,
): Promise<SideFacts> {
  let connection: T | undefined;
  const cut = (): void => connection?.cut();
  signal.addEventListener('abort', cut, { once: true });
  try {
    connection = await connect(signal);
    const { facts, notes } = await ask(connection);
    return { ...NOTHING, facts: known(facts, from), notes };
  } catch (error) {
    const why = signal.aborted ? 'no answer in time' : error instanceof Error ? error.message : String(error);
    return { ...NOTHING, notes: [{ row, text: `${from}: ${why}` }] };
  } finally {
    signal.removeEventListener('abort', cut);
    cut();
  }
}

function known(facts: Said['facts'], from: string): Partial<Record<RowId, Fact>> {
  const told = Object.entries(facts).flatMap(([row, value]) =>
    value === undefined || value.trim() === '' ? [] : [[row, { value: value.trim(), from }] as const],
  );
  return Object.fromEntries(told);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
