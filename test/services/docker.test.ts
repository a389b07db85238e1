import { afterEach, describe, expect, it } from 'vitest';
import { openDockerEngine } from '../../src/collect/docker-engine.js';
import type { ContainerChoice } from '../../src/collect/docker-names.js';
import { createDockerSource } from '../../src/collect/docker-source.js';
import type { Part, Source } from '../../src/collect/reading.js';
import { createUnixHttp } from '../../src/net/http-node.js';
import { createClock } from '../../src/seams-node.js';
import { type Container, container, statsV2 } from '../support/docker-bodies.js';
import { DockerEngineDouble } from './docker-engine.js';

const ALL: ContainerChoice = { containers: [{ match: /./ }] };
/** Far below that of a collector, and far above what the double takes. */
const DEADLINE_MS = 8000;

let double: DockerEngineDouble;
let source: Source;
/** Time here goes faster: over less than 0.5 s nothing is told per time, and looks are 0.2 s apart. */
const FAST = 4;
const LOOK_MS = 200;
/** Added to the time that the source sees. */
let aheadMs = 0;

async function open(containers: Container[], choice = ALL): Promise<void> {
  aheadMs = 0;
  double = await DockerEngineDouble.start(containers);
  const clock = createClock(performance.timeOrigin + performance.now());
  const nowMs = (): number => clock.nowMs() * FAST + aheadMs;
  const net = {
    unix: (path: string) => createUnixHttp(path, clock),
    tcp: () => {
      throw new Error('not over TCP');
    },
    nowMs,
  };
  const env = { DOCKER_HOST: `unix://${double.path}` };
  source = createDockerSource({
    ...{ choice, nowMs },
    engine: openDockerEngine(undefined, env, net, DEADLINE_MS),
  });
}

afterEach(async () => {
  await source.close?.();
  await double.stop();
});

async function look(): Promise<Readonly<Record<string, Part>>> {
  const { parts = [] } = await source.read(AbortSignal.timeout(DEADLINE_MS));
  return Object.fromEntries(parts.map((part) => [part.key, part]));
}

/** Looks until it is as wanted: the machine may be slow. */
async function until(
  wanted: (parts: Readonly<Record<string, Part>>) => boolean,
): Promise<Readonly<Record<string, Part>>> {
  let parts = await look();
  for (let tries = 0; tries < 100 && !wanted(parts); tries++) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    parts = await look();
  }
  expect(wanted(parts), JSON.stringify(parts)).toBe(true);
  return parts;
}

const valuesOf = (part: Part | undefined): Readonly<Record<string, number>> =>
  part !== undefined && 'reading' in part ? part.reading.values : {};
const gapOf = (part: Part | undefined): string => (part !== undefined && 'gap' in part ? part.gap : 'no gap');
const hasCpu = (part: Part | undefined): boolean => valuesOf(part).cpu_cores !== undefined;

/** Uses half a core. */
function busy(): () => string {
  const begunEpochMs = Date.now();
  return () => {
    const epochMs = begunEpochMs + (Date.now() - begunEpochMs) * FAST;
    return statsV2({ read: new Date(epochMs).toISOString(), cpuNs: (epochMs - begunEpochMs) * 5e5 });
  };
}

describe('a Docker Engine behind its socket', () => {
  it('containers are read by their streams; they go, come, stop and begin anew while we look', async () => {
    const srs = container('srs', { stats: busy(), host: { NanoCpus: 1e9 } });
    const redis = container('redis', { stats: busy() });
    await open([srs, redis]);
    const first = await look();
    expect(gapOf(first.srs)).toBe('no gap');
    expect(valuesOf(first.srs)).toMatchObject({ cpu_limit_cores: 1 });
    expect(valuesOf(first.srs)).not.toHaveProperty('mem_mb');
    const { srs: seen } = await until((parts) => hasCpu(parts.srs) && hasCpu(parts.redis));
    expect(valuesOf(seen).mem_mb).toBe(200);

    srs.state = 'exited';
    srs.exitCode = 137;
    srs.oomKilled = true;
    double.containers.push(container('nginx', { stats: busy() }));
    double.containers.splice(double.containers.indexOf(redis), 1);
    const later = await until((parts) => hasCpu(parts.nginx));
    expect(gapOf(later.srs)).toBe('the container is exited, code 137, killed for want of memory');
    expect(gapOf(later.redis)).toBe('the container has gone');
    expect(double.openStreams).toBe(1);

    Object.assign(srs, {
      state: 'running',
      startedAt: new Date().toISOString(),
      restartCount: 1,
      stats: busy(),
    });
    const again = await until((parts) => valuesOf(parts.srs).restarts !== undefined);
    expect(valuesOf(again.srs).restarts).toBe(1);
    expect(valuesOf(again.srs)).not.toHaveProperty('cpu_pct');
    const running = await until((parts) => hasCpu(parts.srs));
    expect(valuesOf(running.srs).restarts).toBe(0);
  }, 30_000);

  it.each([
    ['endless', 'a line of its stats does not end'],
    ['garbage', 'its stats say nothing'],
    ['half', 'its stats say nothing'],
    ['cut', 'its stats broke off'],
  ] as const)(
    'a stream that is %s is a gap of its own and is opened again',
    async (fault, words) => {
      await open([container('bad', { stats: busy() }), container('good', { stats: busy() })]);
      await until((parts) => hasCpu(parts.bad) && hasCpu(parts.good));
      double.faults.set('bad', fault);
      const broken = await until((parts) => gapOf(parts.bad).startsWith(words));
      expect(gapOf(broken.good)).toBe('no gap');
      double.faults.clear();
      const back = await until((parts) => hasCpu(parts.bad));
      expect(valuesOf(back.bad).cpu_cores).toBeCloseTo(0.5, 6);
    },
    30_000,
  );

  it('a stream that falls silent is a gap, and a new one takes its place', async () => {
    await open([container('srs', { stats: busy() })]);
    await until((parts) => hasCpu(parts.srs));
    double.faults.set('srs', 'silent');
    await new Promise((resolve) => setTimeout(resolve, 200));
    aheadMs = 30_000;
    expect(gapOf((await look()).srs)).toMatch(/^no stats for \d+ s$/);
    double.faults.clear();
    await until((parts) => hasCpu(parts.srs));
    expect(double.asked.filter((url) => url.endsWith('stats?stream=true'))).toHaveLength(2);
  }, 30_000);

  it('an engine that does not answer is a gap of all, and so is one that is not there', async () => {
    await open([container('srs', { stats: busy() })]);
    double.hangs = true;
    await expect(look()).rejects.toThrow('it does not answer in time');
    double.hangs = false;
    await until((parts) => hasCpu(parts.srs));
    await double.stop();
    await expect(look()).rejects.toThrow(`there is no socket ${double.path}`);
    double = await DockerEngineDouble.start([]);
  }, 30_000);
});
