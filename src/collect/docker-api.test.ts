import { describe, expect, it } from 'vitest';
import {
  container,
  inspectBody,
  listBody,
  STATS_OF_NOTHING,
  statsV1,
  statsV2,
} from '../../test/support/docker-bodies.js';
import { coresOfSet, parseContainers, parseInspect, parseStats } from './docker-api.js';
import { parseDockerHost } from './docker-host.js';
import { chooseContainers } from './docker-names.js';

describe('stats of a container', () => {
  it('memory is without inactive files on a host with control groups version 2', () => {
    const change = { rxBytes: 5000, txBytes: 7000, readBytes: 2e6, writeBytes: 3e6 };
    expect(parseStats(statsV2(change))).toMatchObject({
      ...{ cpuMs: 5000, onlineCores: 2, memoryBytes: 200e6, limitBytes: 1e9, swapBytes: undefined, pids: 17 },
      network: { rxBytes: 6000, txBytes: 9000, drops: 1 },
      block: { readBytes: 2e6, writeBytes: 3e6 },
      readEpochMs: Date.UTC(2026, 10, 23, 3, 0, 0, 123),
    });
  });

  it('and without those of all its groups on one with version 1, whose cores are counted', () => {
    expect(parseStats(statsV1())).toMatchObject({
      ...{ memoryBytes: 120e6, limitBytes: 8e9, swapBytes: 3e6, onlineCores: 4, network: undefined },
      block: { readBytes: 4e6, writeBytes: 1e6 },
    });
  });

  it.each([
    ['what is sent for a container that does not run', STATS_OF_NOTHING],
    ['a memory of nothing, as of a control group that cannot be read', statsV2({ usage: 0 })],
    ['half a line', statsV2({}).slice(0, 200)],
    ['another kind of JSON', '[]'],
    ['garbage', '\u0000<html>'],
  ])('%s says nothing, and is no zero', (_, line) => {
    expect(parseStats(line)).toBeUndefined();
  });
});

describe('inspection', () => {
  it.each([
    [{ NanoCpus: 1_500_000_000 }, 1.5],
    [{ CpuQuota: 50_000, CpuPeriod: 200_000 }, 0.25],
    [{ CpuQuota: 50_000 }, 0.5],
    [{ CpuQuota: -1 }, undefined],
    [{}, undefined],
  ])('quota of %j is %s cores', (host, cores) => {
    expect(parseInspect(inspectBody(container('a', { host })))?.quotaCores).toBe(cores);
  });

  it.each([
    ['0-2,7', 4],
    ['3', 1],
    ['0-1,1', 2],
    ['', undefined],
    ['none', undefined],
  ])('a set %j is %s cores', (text, cores) => {
    expect(coresOfSet(text)).toBe(cores);
  });

  it('is none without a state', () => {
    expect(parseInspect('{"message":"no such container"}')).toBeUndefined();
    expect(parseInspect('')).toBeUndefined();
  });
});

describe('which containers are looked at', () => {
  const compose = (service: string, number: string) => ({
    'com.docker.compose.project': 'live',
    'com.docker.compose.service': service,
    'com.docker.compose.container-number': number,
  });
  const list = parseContainers(
    listBody([
      container('live-commerce-srs', { labels: compose('srs', '1') }),
      container('live-backend-1', { labels: compose('backend', '1') }),
      container('live-backend-2', { labels: compose('backend', '2') }),
      container('old-redis', { state: 'exited', created: 1 }),
      container('new-redis', { state: 'exited', created: 2 }),
      container('other'),
    ]),
  );
  const keys = (choice: Parameters<typeof chooseContainers>[0]) =>
    chooseContainers(choice, list ?? []).map((each) =>
      'gap' in each ? [each.key, each.gap] : [each.key, each.container.names[0]],
    );

  it('a project has the names of its services, and a name of one of them goes first', () => {
    expect(keys({ containers: [{ name: 'media', match: /srs/ }], project: 'live' })).toEqual([
      ['media', 'live-commerce-srs'],
      ['backend', 'live-backend-1'],
      ['backend-2', 'live-backend-2'],
    ]);
  });

  it('a name stands for one container: running before stopped, the newer before the older, and never for two', () => {
    expect(
      keys({
        containers: [
          { name: 'redis', match: /redis$/ },
          { name: 'backend', match: /backend/ },
          { name: 'none', match: /^nginx$/ },
        ],
      }),
    ).toEqual([
      ['redis', 'new-redis'],
      ['backend', '2 running containers have such a name: live-backend-1, live-backend-2'],
      ['none', 'no container has a name like ^nginx$'],
    ]);
  });

  it('without a name each has its own', () => {
    expect(keys({ containers: [{ match: /backend/ }] }).map(([key]) => key)).toEqual([
      'live-backend-1',
      'live-backend-2',
    ]);
  });

  it('an answer that is no list is none, and entries that are none are left out', () => {
    expect(parseContainers('{"message":"x"}')).toBeUndefined();
    expect(parseContainers('[1, {}, {"Id":"../../etc","Names":["/x"]}]')).toEqual([]);
  });
});

describe('where an engine listens', () => {
  it.each([
    ['unix:///run/user/1000/docker.sock', { kind: 'unix', path: '/run/user/1000/docker.sock' }],
    ['/var/run/docker.sock', { kind: 'unix', path: '/var/run/docker.sock' }],
    ['tcp://127.0.0.1:2375', { kind: 'tcp', origin: 'http://127.0.0.1:2375' }],
    ['ssh://host', undefined],
    ['tcp://user@host:2375', undefined],
    ['tcp://host', undefined],
    ['', undefined],
  ])('%s', (text, host) => {
    expect(parseDockerHost(text)).toEqual(host);
  });
});
