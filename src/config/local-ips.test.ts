import { describe, expect, it } from 'vitest';
import type { ConfigIssue } from '../errors.js';
import { resolveLocalIps } from './local-ips.js';
import type { RunTarget } from './target.js';

const stage: RunTarget = { kind: 'stage', faults: [] };
const afar: RunTarget = {
  kind: 'platform',
  loopback: false,
  target: { apiUrl: '', socketUrl: '', flvUrl: '', hlsUrl: '', streamKey: 'k' },
};

function resolve(seen: readonly string[], target = stage) {
  const issues: ConfigIssue[] = [];
  return { addresses: resolveLocalIps(seen, target, issues), problems: issues.map((issue) => issue.problem) };
}

describe('--local-ips', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['one address', ['10.0.0.5'], ['10.0.0.5']],
    ['an IPv6 address', ['::1'], ['::1']],
    ['a list', ['10.0.0.5, 10.0.0.7', '10.0.0.6'], ['10.0.0.5', '10.0.0.7', '10.0.0.6']],
    ['a range over a border', ['10.0.0.254-10.0.1.1'], ['10.0.0.254', '10.0.0.255', '10.0.1.0', '10.0.1.1']],
    ['a range of one', ['127.0.0.2-127.0.0.2'], ['127.0.0.2']],
    ['a loopback block, whole', ['127.0.0.1/30'], ['127.0.0.0', '127.0.0.1', '127.0.0.2', '127.0.0.3']],
    ['a block without its ends', ['10.0.0.18/30'], ['10.0.0.17', '10.0.0.18']],
    ['a block of two', ['10.0.0.5/31'], ['10.0.0.4', '10.0.0.5']],
    ['a block of one', ['10.0.0.5/32'], ['10.0.0.5']],
    ['the same twice', ['127.0.0.2', '127.0.0.2-127.0.0.3'], ['127.0.0.2', '127.0.0.3']],
    ['none', [], []],
  ])('reads %s', (_, seen, addresses) => {
    expect(resolve(seen)).toEqual({ addresses, problems: [] });
  });

  it('takes a block of 1024 and not one more address', () => {
    expect(resolve(['127.0.0.0/22']).addresses).toHaveLength(1024);
    expect(resolve(['127.0.0.0/22', '127.0.4.0']).problems).toEqual(['too many addresses']);
  });

  it.each([
    ['eth0', 'not an address'],
    ['', 'not an address'],
    ['fe80::1%eth0', 'not an address'],
    ['0.0.0.0', 'not an address of a machine'],
    ['::', 'not an address of a machine'],
    ['127.0.0.256', 'not an address'],
    ['127.0.0.2-', 'not an address range'],
    ['127.0.0.2-127.0.0.4-127.0.0.5', 'not an address range'],
    ['127.0.0.9-127.0.0.2', 'an address range that runs backwards'],
    ['::1-::2', 'not an address range'],
    ['127.0.0.0-127.255.255.255', 'an address range of more than 1024'],
    ['10.0.0.0/8', 'an address block of more than 1024'],
    ['10.0.0.0/33', 'not an address block'],
    ['10.0.0.0/24/24', 'not an address block'],
    ['::/127', 'not an address block'],
  ])('refuses %s', (seen, problem) => {
    expect(resolve([seen])).toEqual({ addresses: [], problems: [problem] });
  });

  it('refuses loopback addresses for a target off this machine', () => {
    expect(resolve(['127.0.0.2'], afar).problems).toEqual([
      'a target off this machine cannot be reached from a loopback address',
    ]);
    expect(resolve(['10.0.0.5'], afar).problems).toEqual([]);
  });
});
