import { describe, expect, test } from 'vitest';
import { planOf } from './carry-out.js';
import { CHANGE, changeWords } from './change.js';
import { containerFacts } from './container-plan.js';
import { addressWords, routeWords } from './link-plan.js';
import type { StepPlan, ToolEnd } from './steps.js';

const calls = (plan: StepPlan, what: 'make' | 'undo'): string[] =>
  plan[what].map(({ argv, mayFail }) => `${mayFail ? '(' : ''}${argv.join(' ')}${mayFail ? ')' : ''}`);
const ok = (stdout: string): ToolEnd => ({ ok: true, stdout, problem: '' });
const failed = (problem: string): ToolEnd => ({ ok: false, stdout: '', problem });

const CHAIN = 'DORAMI-0123456789ab';

describe('a partition', () => {
  const both = planOf({
    kind: 'partition',
    chain: CHAIN,
    direction: 'both',
    peers: [{ address: '10.0.0.5', port: 80 }, { address: 'fd00::1' }],
  });

  test('fills a chain of its own for each family, and jumps to it last', () => {
    expect(calls(both, 'make')).toEqual([
      `iptables -w 5 -N ${CHAIN}`,
      `iptables -w 5 -A ${CHAIN} -p tcp -d 10.0.0.5 --dport 80 -j DROP`,
      `iptables -w 5 -A ${CHAIN} -p tcp -s 10.0.0.5 --sport 80 -j DROP`,
      `ip6tables -w 5 -N ${CHAIN}`,
      `ip6tables -w 5 -A ${CHAIN} -p tcp -d fd00::1 -j DROP`,
      `ip6tables -w 5 -A ${CHAIN} -p tcp -s fd00::1 -j DROP`,
      `iptables -w 5 -I OUTPUT 1 -j ${CHAIN}`,
      `iptables -w 5 -I INPUT 1 -j ${CHAIN}`,
      `ip6tables -w 5 -I OUTPUT 1 -j ${CHAIN}`,
      `ip6tables -w 5 -I INPUT 1 -j ${CHAIN}`,
    ]);
  });

  test('is undone by the name of its chain alone, whatever part of it was made', () => {
    expect(calls(both, 'undo').slice(0, 4)).toEqual([
      `(iptables -w 5 -D OUTPUT -j ${CHAIN})`,
      `(iptables -w 5 -D INPUT -j ${CHAIN})`,
      `(iptables -w 5 -F ${CHAIN})`,
      `(iptables -w 5 -X ${CHAIN})`,
    ]);
  });

  test.each([
    ['out', '-d', 'OUTPUT'],
    ['in', '-s', 'INPUT'],
  ] as const)('%s cuts one way only', (direction, flag, hook) => {
    const plan = planOf({ kind: 'partition', chain: CHAIN, direction, peers: [{ address: '10.0.0.5' }] });
    expect(calls(plan, 'make')).toEqual([
      `iptables -w 5 -N ${CHAIN}`,
      `iptables -w 5 -A ${CHAIN} -p tcp ${flag} 10.0.0.5 -j DROP`,
      `iptables -w 5 -I ${hook} 1 -j ${CHAIN}`,
    ]);
  });

  test('is there while its chain is, in one family or the other; one that may not look knows nothing', () => {
    const others = '-P INPUT ACCEPT\n-N DORAMI-ffffffffffff\n-A INPUT -j DORAMI-ffffffffffff\n';
    expect(both.see([ok(others), ok('')])).toBe('gone');
    expect(both.see([ok(others), ok(`-P INPUT ACCEPT\n-N ${CHAIN}\n`)])).toBe('there');
    expect(both.see([failed('iptables: Permission denied'), ok('')])).toEqual({
      unseen: 'iptables: Permission denied',
    });
  });
});

describe('a throttle', () => {
  const change = { kind: 'throttle', interface: 'eth0', handle: 'd0ab', bitsPerS: 2_000_000 } as const;

  test('is a token bucket in front of the interface, added and never put in place of another', () => {
    const plan = planOf({ ...change, peers: [] });
    expect(calls(plan, 'make')).toEqual([
      'tc qdisc add dev eth0 root handle d0ab: tbf rate 2000000bit burst 16000 latency 400ms',
    ]);
    expect(calls(plan, 'undo')).toEqual(['tc qdisc del dev eth0 root handle d0ab:']);
  });

  test('towards peers lets all else pass', () => {
    const plan = planOf({ ...change, peers: [{ address: '10.0.0.5', port: 80 }, { address: 'fd00::1' }] });
    expect(calls(plan, 'make')).toEqual([
      'tc qdisc add dev eth0 root handle d0ab: htb',
      'tc class add dev eth0 parent d0ab: classid d0ab:1 htb rate 1000000000bit quantum 60000',
      'tc qdisc add dev eth0 parent d0ab:1 tbf rate 2000000bit burst 16000 latency 400ms',
      'tc filter add dev eth0 parent d0ab: protocol ip prio 1 u32 match ip dst 10.0.0.5/32 match ip protocol 6 0xff match ip dport 80 0xffff flowid d0ab:1',
      'tc filter add dev eth0 parent d0ab: protocol ipv6 prio 2 u32 match ip6 dst fd00::1/128 match ip6 protocol 6 0xff flowid d0ab:1',
    ]);
  });

  test('is there while the root queue has its number', () => {
    const { see } = planOf({ ...change, peers: [] });
    expect(see([ok('[{"kind":"tbf","handle":"d0ab:","root":true}]')])).toBe('there');
    expect(see([ok('[{"kind":"tbf","handle":"8001:","root":true}]')])).toBe('gone');
    expect(see([ok('[{"kind":"tbf","handle":"d0ab:","parent":"1:1"}]')])).toBe('gone');
    expect(see([failed('tc: Cannot find device "eth0"')])).toBe('gone');
    expect(see([failed('tc: Operation not permitted')])).toEqual({ unseen: 'tc: Operation not permitted' });
  });
});

describe('a link that is down', () => {
  const plan = planOf({
    kind: 'link-down',
    interface: 'eth1',
    addresses: [['fd00::5/64', 'nodad']],
    routes: [
      ['4', '10.9.0.0/16', 'via', '10.1.0.1'],
      ['6', 'default', 'via', 'fd00::1'],
    ],
  });

  test('comes up with the addresses and routes that it had', () => {
    expect(calls(plan, 'make')).toEqual(['ip link set dev eth1 down']);
    expect(calls(plan, 'undo')).toEqual([
      'ip link set dev eth1 up',
      'ip -6 addr replace fd00::5/64 nodad dev eth1',
      'ip -4 route replace 10.9.0.0/16 via 10.1.0.1 dev eth1',
      'ip -6 route replace default via fd00::1 dev eth1',
    ]);
  });

  test('is seen by its flags', () => {
    expect(plan.see([ok('[{"ifname":"eth1","flags":["BROADCAST"]}]')])).toBe('there');
    expect(plan.see([ok('[{"ifname":"eth1","flags":["BROADCAST","UP"]}]')])).toBe('gone');
    expect(plan.see([failed('ip: Device "eth1" does not exist.')])).toBe('gone');
    expect(plan.see([ok('what?')])).toEqual({ unseen: 'ip says nothing of eth1' });
  });

  test('of its routes those are kept that nobody makes by himself, gateways last', () => {
    const routes = [
      { dst: 'default', gateway: '10.1.0.1', protocol: 'static', metric: 100, flags: ['onlink'] },
      { dst: '10.1.0.0/24', protocol: 'kernel', scope: 'link', prefsrc: '10.1.0.5', flags: [] },
      { dst: '10.1.0.1', scope: 'link', flags: [] },
      { type: 'broadcast', dst: '10.1.0.255', table: 'local', flags: [] },
    ];
    expect(routeWords(JSON.stringify(routes), 4)).toEqual([
      ['4', '10.1.0.1', 'scope', 'link'],
      ['4', 'default', 'via', '10.1.0.1', 'proto', 'static', 'metric', '100', 'onlink'],
    ]);
    const several = [{ dst: 'default', nexthops: [{}, {}] }];
    expect(() => routeWords(JSON.stringify(several), 4)).toThrow(
      'its route to default could not be put back',
    );
    expect(routeWords('', 6)).toEqual([]);
  });

  test('of its IPv6 addresses those are kept that somebody gave it', () => {
    const info = [
      { local: 'fd00::5', prefixlen: 64, scope: 'global' },
      { local: 'fd00::6', prefixlen: 64, scope: 'global', dynamic: true },
      { local: 'fe80::1', prefixlen: 64, scope: 'link' },
    ];
    expect(addressWords(JSON.stringify([{ addr_info: info }]))).toEqual([['fd00::5/64', 'nodad']]);
    expect(addressWords('')).toEqual([]);
  });
});

describe('a container', () => {
  const inspected = (state: object, networks: object = {}): ToolEnd =>
    ok(JSON.stringify([{ State: state, NetworkSettings: { Networks: networks } }]));

  test.each([
    ['container-killed', 'docker kill srs', 'docker start srs', { Running: false }, { Running: true }],
    ['container-paused', 'docker pause srs', 'docker unpause srs', { Paused: true }, { Paused: false }],
  ] as const)('%s', (kind, make, undo, there, gone) => {
    const plan = planOf({ kind, container: 'srs' });
    expect([...calls(plan, 'make'), ...calls(plan, 'undo')]).toEqual([make, undo]);
    expect([plan.see([inspected(there)]), plan.see([inspected(gone)])]).toEqual(['there', 'gone']);
    expect(plan.see([failed('docker: Error: No such container: srs')])).toBe('gone');
    expect(plan.see([failed('docker: Cannot connect')])).toEqual({ unseen: 'docker: Cannot connect' });
  });

  test('comes back to its network with the names and the address it had there', () => {
    const was = { back: { Aliases: ['srs', 'media'], IPAMConfig: { IPv4Address: '172.20.0.5' } } };
    const facts = containerFacts(inspected({ Running: true }, was).stdout);
    expect(facts).toEqual({
      running: true,
      paused: false,
      networks: { back: { aliases: ['srs', 'media'], ip: '172.20.0.5' } },
    });
    const plan = planOf({
      ...{ kind: 'container-disconnected', container: 'srs', network: 'back' },
      ...{ aliases: ['srs', 'media'], ip: '172.20.0.5' },
    });
    expect([...calls(plan, 'make'), ...calls(plan, 'undo')]).toEqual([
      'docker network disconnect back srs',
      'docker network connect --ip 172.20.0.5 --alias srs --alias media back srs',
    ]);
    expect(plan.see([inspected({ Running: true }, { other: {} })])).toBe('there');
    expect(plan.see([inspected({ Running: true }, was)])).toBe('gone');
  });
});

test('nothing that a program could read as an option or a path is a change', () => {
  const partition = { kind: 'partition', chain: CHAIN, direction: 'in', peers: [{ address: '10.0.0.5' }] };
  expect(CHANGE.safeParse(partition).success).toBe(true);
  const wrong = [
    { ...partition, chain: 'INPUT' },
    { ...partition, chain: `${CHAIN}x` },
    { ...partition, peers: [{ address: '10.0.0.0/8' }] },
    { ...partition, peers: [{ address: '-j' }] },
    { ...partition, peers: [] },
    { ...partition, extra: 1 },
    { kind: 'throttle', interface: '--help', handle: 'd001', bitsPerS: 8000, peers: [] },
    { kind: 'throttle', interface: 'eth0', handle: '1', bitsPerS: 8000, peers: [] },
    { kind: 'link-down', interface: 'eth0', addresses: [], routes: [['-all', 'x']] },
    { kind: 'container-killed', container: '-f' },
    { kind: 'process-paused', pidof: 'x', processes: [{ pid: 1, startTicks: 0 }] },
    { kind: 'process-paused', pidof: 'x', processes: [{ pid: -5, startTicks: 0 }] },
    { kind: 'shell', command: 'reboot' },
  ];
  expect(wrong.filter((change) => CHANGE.safeParse(change).success)).toEqual([]);
});

test('a change is told in one line', () => {
  expect(
    changeWords({
      kind: 'partition',
      chain: CHAIN,
      direction: 'both',
      peers: [{ address: 'fd00::1', port: 80 }],
    }),
  ).toBe(`${CHAIN} drops TCP from and to [fd00::1]:80`);
  expect(
    changeWords({ kind: 'process-paused', pidof: 'nginx', processes: [{ pid: 7, startTicks: 1 }] }),
  ).toBe('nginx (7) stopped (SIGSTOP)');
});
