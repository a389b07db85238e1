import { describe, expect, it } from 'vitest';
import { FIELDS } from './fields.js';
import { parseInfo, type RedisConnection, type Size, WRONG_TYPE } from './redis-info.js';
import { createRedisSource, keyName } from './redis-source.js';

const SIGNAL = new AbortController().signal;

/** Written by hand after the names of redis.io's page about INFO, as version 7 answers. */
function infoText(change: Readonly<Record<string, string | number>> = {}): string {
  const values = {
    ...{ redis_version: '7.2.4', run_id: 'a'.repeat(40), uptime_in_seconds: 90 },
    ...{ connected_clients: 12, maxclients: 10000, blocked_clients: 2 },
    ...{ used_memory: 12_000_000, used_memory_peak: 15_000_000, used_memory_rss: 18_000_000 },
    ...{ maxmemory: 48_000_000, mem_fragmentation_ratio: '1.50', mem_fragmentation_bytes: 6_000_000 },
    ...{ instantaneous_ops_per_sec: 240, pubsub_channels: 6, rejected_connections: 0 },
    ...{ total_connections_received: 40, total_commands_processed: 1000, total_error_replies: 3 },
    ...{ total_net_input_bytes: 5_000_000, total_net_output_bytes: 9_000_000 },
    ...{ evicted_keys: 7, expired_keys: 20, keyspace_hits: 500, keyspace_misses: 100 },
    ...{ db0: 'keys=30,expires=4,avg_ttl=0', db3: 'keys=5,expires=0,avg_ttl=0' },
    ...change,
  };
  const lines = Object.entries(values).map(([name, value]) => `${name}:${value}`);
  return ['# Server', ...lines, '', '# Keyspace', ''].join('\r\n');
}

describe('parseInfo', () => {
  it('reads gauges and counters by their names, in the units of the line', () => {
    const { gauges, counters, absent } = parseInfo(infoText());
    expect(gauges).toEqual({
      ...{ connected_clients: 12, blocked_clients: 2, max_clients: 10000, pubsub_channels: 6 },
      ...{ used_memory_mb: 12, used_memory_peak_mb: 15, rss_mb: 18, max_memory_mb: 48, memory_pct: 25 },
      ...{ mem_fragmentation_ratio: 1.5, mem_fragmentation_mb: 6, ops_per_sec: 240, keys: 35, uptime_s: 90 },
    });
    expect(counters).toMatchObject({ evicted_keys: 7, keyspace_hits: 500, net_out_mb: 9, commands: 1000 });
    expect(absent).toEqual({});
  });

  it('what a server does not tell, or tells as no number, is absent with the reason and never zero', () => {
    const { gauges, counters, absent } = parseInfo(
      infoText({ maxmemory: 0, total_error_replies: '', mem_fragmentation_ratio: '-nan' }),
    );
    expect(gauges).not.toHaveProperty('memory_pct');
    expect(gauges).not.toHaveProperty('mem_fragmentation_ratio');
    expect(counters).not.toHaveProperty('error_replies');
    expect(absent).toEqual({
      ...{ max_memory_mb: 'no maxmemory is set', memory_pct: 'no maxmemory is set' },
      mem_fragmentation_ratio: 'INFO has no number at mem_fragmentation_ratio',
      error_replies: 'INFO has no number at total_error_replies',
    });
  });

  it.each(['', 'HTTP/1.1 400 Bad Request', 'null', 'used_memory:1\r\nrun_id:\r\n'])(
    'refuses %j, which is no answer to INFO',
    (text) => expect(() => parseInfo(text)).toThrow('INFO is no answer of Redis'),
  );
});

describe('keyName', () => {
  it('fills in what is known, and says what is not', () => {
    const template = 'stream:{stream}:viewer_ids';
    expect(keyName(template, { stream: 'a$&b' })).toEqual({ key: 'stream:a$&b:viewer_ids' });
    expect(keyName(template, { live: 'x' })).toEqual({ absent: 'redis.stream is not configured' });
    expect(keyName('plain', {})).toEqual({ key: 'plain' });
  });
});

/** A server whose answers follow one another; `cut` and opened connections are counted. */
function server(answers: readonly (string | Error)[], sizes: readonly Size[] = []) {
  let nowMs = 0;
  let next = 0;
  let opened = 0;
  const asked: string[] = [];
  const connect = async (): Promise<RedisConnection> => {
    opened++;
    let isOpen = true;
    return {
      isOpen: () => isOpen,
      cut: () => {
        isOpen = false;
      },
      look: async (keys) => {
        asked.push(keys.map(({ command, key }) => `${command} ${key}`).join(', '));
        const answer = answers[next++] ?? '';
        if (answer instanceof Error) throw answer;
        return { info: answer, sizes };
      },
    };
  };
  const source = createRedisSource({
    ...{ connect, nowMs: () => nowMs },
    viewersKey: sizes.length > 0 ? { key: 'v' } : { absent: 'no stream' },
    chatKey: sizes.length > 1 ? { key: 'c' } : { absent: 'no live' },
  });
  const read = (atMs: number) => {
    nowMs = atMs;
    return source.read(SIGNAL);
  };
  return { read, asked, opened: () => opened };
}

describe('createRedisSource', () => {
  it('tells what has grown since the last look, the hit ratio of the interval, and only documented fields', async () => {
    const { read } = server([
      infoText(),
      infoText({
        ...{ evicted_keys: 9, keyspace_hits: 590, keyspace_misses: 110, total_commands_processed: 1501 },
      }),
    ]);
    const first = await read(0);
    expect(first.values).not.toHaveProperty('evicted_keys');
    expect(first.values).not.toHaveProperty('hit_pct');
    const { values, spanMs, restarted } = await read(5000);
    expect(values).toMatchObject({ evicted_keys: 2, expired_keys: 0, keyspace_hits: 90, hit_pct: 90 });
    expect(values).toMatchObject({ commands: 500, commands_per_sec: 100 });
    expect({ spanMs, restarted }).toEqual({ spanMs: 5000, restarted: false });
    expect(Object.keys(FIELDS.redis)).toEqual(expect.arrayContaining(Object.keys(values)));
  });

  it('after looks that were not answered makes no ratio of what may be its own lookups', async () => {
    const silent = new Error('no answer');
    const sizes = [{ size: 480 }, { size: 0 }] as const;
    const few = server([infoText(), silent, infoText({ keyspace_hits: 503, keyspace_misses: 103 })], sizes);
    await few.read(0);
    await expect(few.read(5000)).rejects.toThrow('no answer');
    const { values, absent } = await few.read(10_000);
    expect(values).not.toHaveProperty('hit_pct');
    expect(absent?.hit_pct).toBe('lookups of our own that were not answered may be among so few');
    const many = server(
      [infoText(), silent, infoText({ keyspace_hits: 9500, keyspace_misses: 1100 })],
      sizes,
    );
    await many.read(0);
    await expect(many.read(5000)).rejects.toThrow('no answer');
    expect((await many.read(10_000)).values.hit_pct).toBeCloseTo(90, 0);
  });

  it('takes its own lookups and commands off: an idle server is idle, with no ratio of hits', async () => {
    // After its first answer the look itself made a hit, a miss and three commands.
    const { read, asked } = server(
      [
        infoText(),
        infoText({ keyspace_hits: 501, keyspace_misses: 101, total_commands_processed: 1003 }),
        infoText({ keyspace_hits: 502, keyspace_misses: 102, total_commands_processed: 1006 }),
      ],
      [{ size: 480 }, { size: 0 }],
    );
    await read(0);
    for (const atMs of [5000, 10_000]) {
      const { values } = await read(atMs);
      expect(values).toMatchObject({ keyspace_hits: 0, keyspace_misses: 0, commands: 0 });
      expect(values).toMatchObject({ viewers_set: 480, chat_list: 0 });
      expect(values).not.toHaveProperty('hit_pct');
    }
    expect(asked[0]).toBe('SCARD v, LLEN c');
  });

  it('a key of another type, and one that is not known, are absent with the reason', async () => {
    const { read } = server([infoText()], [{ absent: WRONG_TYPE }]);
    const { values, absent } = await read(0);
    expect(values).not.toHaveProperty('viewers_set');
    expect(absent).toEqual({ viewers_set: 'the key is of another type', chat_list: 'no live' });
  });

  it('another server behind the address is a restart and has no counts, also when its numbers are higher', async () => {
    const other = infoText({ run_id: 'b'.repeat(40), evicted_keys: 900, keyspace_hits: 9000 });
    const { read } = server([infoText(), other, other]);
    await read(0);
    const after = await read(5000);
    expect(after.restarted).toBe(true);
    expect(after.values).not.toHaveProperty('evicted_keys');
    expect(after.values.used_memory_mb).toBe(12);
    expect((await read(10_000)).values.evicted_keys).toBe(0);
  });

  it('counters that were reset by hand are a restart', async () => {
    const { read } = server([infoText(), infoText({ evicted_keys: 0, keyspace_hits: 1 })]);
    await read(0);
    const { restarted, values } = await read(5000);
    expect(restarted).toBe(true);
    expect(values).not.toHaveProperty('keyspace_hits');
  });

  it('after a failure it connects again, and counts from the last good answer', async () => {
    const { read, opened } = server([infoText(), new Error('cut'), 'junk', infoText({ evicted_keys: 10 })]);
    await read(0);
    await expect(read(5000)).rejects.toThrow('cut');
    await expect(read(10_000)).rejects.toThrow('no answer of Redis');
    const { values, spanMs } = await read(15_000);
    expect(values.evicted_keys).toBe(3);
    expect(spanMs).toBe(15_000);
    expect(opened()).toBe(2);
  });
});
