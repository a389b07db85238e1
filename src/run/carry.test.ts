import { describe, expect, it } from 'vitest';
import { type RunConfig, resolveConfig } from '../config.js';
import { type CarryInput, carries, carryWords } from './carry.js';
import type { Machine } from './machine.js';

const BOX: Machine = { cores: 8, memoryBytes: 32e9, openFiles: 1_000_000, ephemeralPorts: 60_000 };

function config(flags: Parameters<typeof resolveConfig>[0] = {}): RunConfig {
  return resolveConfig({ workers: '7', vus: '100', ...flags }, { cores: 8 });
}

function input(
  machine: Partial<Machine>,
  flags: Parameters<typeof resolveConfig>[0] = {},
  speed = 1,
): CarryInput {
  return { machine: { ...BOX, ...machine }, speed, config: config(flags) };
}

const PLATFORM = { target: 'http://127.0.0.1:1' };

describe('what a machine carries', () => {
  it.each([
    ['descriptors', { openFiles: 256 }, 88],
    ['ports', { ephemeralPorts: 400 }, 200],
    ['memory', { memoryBytes: 300e6 }, 200],
  ] as const)('%s may run out first', (limit, machine, vus) => {
    expect(carries(input(machine, PLATFORM))).toEqual({ vus, limit });
  });

  it('has ports for more viewers with more local addresses', () => {
    const machine = { ephemeralPorts: 100 };
    expect(carries(input(machine, PLATFORM)).vus).toBe(50);
    const flags = { ...PLATFORM, 'local-ips': ['127.0.0.2', '127.0.0.3'] };
    expect(carries(input(machine, flags)).vus).toBe(100);
  });

  it('is bounded by the CPU that its workers may take, whatever the machine has', () => {
    const one = carries(input({}, { ...PLATFORM, workers: '1' }));
    expect(one.limit).toBe('worker CPU');
    expect(carries(input({}, { ...PLATFORM, workers: '4' })).vus).toBeGreaterThan(one.vus);
  });

  it('grows with the speed of the machine and with its cores', () => {
    const base = carries(input({ cores: 2 }, PLATFORM)).vus;
    expect(carries(input({ cores: 2 }, PLATFORM, 2)).vus).toBeGreaterThan(base * 1.3);
    expect(carries(input({ cores: 4 }, PLATFORM)).vus).toBeGreaterThan(base * 1.3);
    expect(carries(input({ cores: 0.5 }, PLATFORM)).vus).toBeLessThan(base / 1.3);
  });

  it('is less when the stage runs on the same machine', () => {
    expect(carries(input({ cores: 2 })).vus).toBeLessThan(carries(input({ cores: 2 }, PLATFORM)).vus);
  });

  it('falls with a mix of more HLS, and with a chat that is livelier', () => {
    const hls = carries(input({ cores: 2 }, { ...PLATFORM, mix: 'hls=1,flv=0' })).vus;
    const flv = carries(input({ cores: 2 }, { ...PLATFORM, mix: 'hls=0,flv=1' })).vus;
    expect(hls).toBeLessThan(flv);
    const quiet = carries(input({ cores: 2 }, { ...PLATFORM, rate: ['chat=10m'] })).vus;
    expect(quiet).toBeGreaterThan(carries(input({ cores: 2 }, PLATFORM)).vus);
  });

  it('is nobody where not even the process fits', () => {
    expect(carries(input({ openFiles: 20 })).vus).toBe(0);
  });
});

describe('its words', () => {
  it('say what there is, how many viewers, and what runs out', () => {
    const words = carryWords(input({ openFiles: 2080 }, PLATFORM));
    expect(words.line).toBe(
      '8 cores, 32.0 GB, 2080 descriptors, 60000 ports: about 1000 viewers of this load, then descriptors run out',
    );
    expect(words.warning).toBeUndefined();
  });

  it('warn of a load that is too large, in words that name the code of an invalid run', () => {
    expect(carryWords(input({ openFiles: 256 }, PLATFORM)).warning).toBe(
      'this machine carries about 88 viewers of this load (descriptors), asked for are 100: the run may come out invalid',
    );
  });

  it('leave out what the system does not say', () => {
    const machine: Machine = { cores: 1, memoryBytes: 8e9 };
    const { line } = carryWords({ machine, speed: 1, config: config(PLATFORM) });
    expect(line).toMatch(/^1 core, 8\.0 GB: about \d+ viewers/);
  });
});
