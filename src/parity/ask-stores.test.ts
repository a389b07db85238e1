import { expect, it } from 'vitest';
import type { PostgresConnection } from '../collect/postgres-rows.js';
import type { RedisConnection } from '../collect/redis-info.js';
import { askPostgres, askRedis } from './ask-stores.js';

const SIGNAL = new AbortController().signal;
const INFO =
  '# Server\r\nredis_version:7.2.4\r\nrun_id:abc\r\n# Memory\r\nmaxmemory:268435456\r\nmaxmemory_policy:allkeys-lru\r\n';

function redis(info: string | Error) {
  const made = { cuts: 0 };
  const connection: RedisConnection = {
    isOpen: () => true,
    cut: () => made.cuts++,
    look: async () => {
      if (info instanceof Error) throw info;
      return { info, sizes: [] };
    },
  };
  return { made, connect: async () => connection };
}

it('Redis tells version, memory and policy by its INFO, and keeps no connection', async () => {
  const { made, connect } = redis(INFO);
  expect((await askRedis(connect, SIGNAL)).facts).toEqual({
    'redis-version': { value: '7.2.4', from: 'redis' },
    'redis-maxmemory': { value: '268435456', from: 'redis' },
    'redis-maxmemory-policy': { value: 'allkeys-lru', from: 'redis' },
  });
  expect(made.cuts).toBe(1);
  const unlimited = await askRedis(redis('maxmemory:0\r\n').connect, SIGNAL);
  expect(unlimited.facts).toEqual({ 'redis-maxmemory': { value: '0', from: 'redis' } });
  expect(unlimited.notes).toEqual([
    { row: 'redis-maxmemory', text: 'redis: maxmemory 0 is no limit at all' },
  ]);
});

it('PostgreSQL tells its version and its limit', async () => {
  const server = { server_version: '16.4 (Debian 16.4-1)', max_connections: 200 };
  const connection: PostgresConnection = {
    isOpen: () => true,
    cut: () => {},
    look: async () => ({ server, statements: { rows: [] } }),
  };
  expect((await askPostgres(async () => connection, SIGNAL)).facts).toEqual({
    'postgres-version': { value: '16.4 (Debian 16.4-1)', from: 'postgres' },
    'postgres-max-connections': { value: '200', from: 'postgres' },
  });
});

it('one that does not answer is a note, never a value', async () => {
  const refused = () => Promise.reject(new Error('the connection is refused'));
  expect(await askPostgres(refused, SIGNAL)).toMatchObject({
    facts: {},
    notes: [{ row: 'postgres-version', text: 'postgres: the connection is refused' }],
  });
  const broken = redis(new Error('NOAUTH Authentication required.'));
  const { facts, notes } = await askRedis(broken.connect, SIGNAL);
  expect([facts, notes[0]?.text, broken.made.cuts]).toEqual([
    {},
    'redis: NOAUTH Authentication required.',
    1,
  ]);
});
