import { expect, test } from 'vitest';
import { distinct, peerProblems, type ResolvedPeer } from './peers.js';

const OWN = ['192.168.1.4'];

const one = (address: string, port?: number, named = true): ResolvedPeer => ({
  ...{ address, named, peer: { host: address, ...(port === undefined ? {} : { port }) } },
  ...(port === undefined ? {} : { port }),
});

test.each<[string, ResolvedPeer, RegExp | undefined]>([
  [
    'loopback of the target',
    one('127.0.0.1', undefined, false),
    /this machine itself: name it with its port/,
  ],
  ['loopback of the target with a port', one('127.0.0.1', 80, false), /this machine itself/],
  ['IPv6 loopback', one('::1'), /this machine itself.*\[::1\]:8080/],
  ['loopback in IPv6', one('::ffff:127.0.0.1'), /this machine itself/],
  ['an address of this machine', one('192.168.1.4'), /this machine itself/],
  ['loopback by name and port', one('127.0.0.1', 8080), undefined],
  ['somebody else', one('10.0.0.5'), undefined],
  ['nobody', one('0.0.0.0'), /no address of one machine/],
  ['everybody', one('224.0.0.1'), /no address of one machine/],
  ['everybody in IPv6', one('ff02::1'), /no address of one machine/],
])('%s', (_, peer, problem) => {
  const problems = peerProblems([peer], OWN);
  if (problem === undefined) expect(problems).toEqual([]);
  else expect(problems).toEqual([expect.stringMatching(problem)]);
});

test('all reasons are told, and each address is cut once', () => {
  expect(peerProblems([one('127.0.0.1'), one('192.168.1.4'), one('10.0.0.5')], OWN)).toHaveLength(2);
  expect(distinct([one('10.0.0.5'), one('10.0.0.5', 80), one('10.0.0.5')])).toHaveLength(2);
});
