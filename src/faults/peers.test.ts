import { expect, test } from 'vitest';
import { distinct, peerProblems, type ResolvedPeer } from './peers.js';

const GUARDED = {
  ownAddresses: ['192.168.1.4'],
  kept: [{ what: 'the broker of this run', addresses: ['10.0.0.9'], port: 4222 }],
};

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
  ['the box of the broker', one('10.0.0.9'), /also the broker of this run: name the port/],
  ['the box of the broker as target', one('10.0.0.9', undefined, false), /the broker/],
  ['another port on it', one('10.0.0.9', 80), undefined],
  ['the broker by name and port', one('10.0.0.9', 4222), undefined],
  ['somebody else', one('10.0.0.5'), undefined],
  ['nobody', one('0.0.0.0'), /no address of one machine/],
  ['everybody', one('224.0.0.1'), /no address of one machine/],
  ['everybody in IPv6', one('ff02::1'), /no address of one machine/],
])('%s', (_, peer, problem) => {
  const problems = peerProblems([peer], GUARDED);
  if (problem === undefined) expect(problems).toEqual([]);
  else expect(problems).toEqual([expect.stringMatching(problem)]);
});

test('all reasons are told, and each address is cut once', () => {
  expect(peerProblems([one('127.0.0.1'), one('10.0.0.9'), one('10.0.0.5')], GUARDED)).toHaveLength(2);
  expect(distinct([one('10.0.0.5'), one('10.0.0.5', 80), one('10.0.0.5')])).toHaveLength(2);
});
