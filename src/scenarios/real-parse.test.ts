import { describe, expect, test } from 'vitest';
import { parseFaults } from './fault-parse.js';
import { type FaultAction, realActionOf, runsCommands, withRealCuts } from './fault-step.js';

function read(action: object, more: object = { for: '5s' }) {
  return parseFaults([{ name: 'x', stage: 'hold', do: action, ...more }], 'faults', ['hold']);
}

describe('faults of this machine in a profile file', () => {
  test.each<[object, FaultAction]>([
    [
      { network: 'partition', real: true },
      { on: 'network', do: 'partition', cut: { direction: 'both', peers: [] } },
    ],
    [
      { network: 'partition', direction: 'in', peer: '10.0.0.5:80', protocol: 'tcp' },
      { on: 'network', do: 'partition', cut: { direction: 'in', peers: [{ host: '10.0.0.5', port: 80 }] } },
    ],
    [
      { network: 'partition', peer: ['a', 'b'] },
      { on: 'network', do: 'partition', cut: { direction: 'both', peers: [{ host: 'a' }, { host: 'b' }] } },
    ],
    [
      { network: 'partition', real: false },
      { on: 'network', do: 'partition' },
    ],
    [
      { network: 'throttle', rate: '2M', interface: 'eth0' },
      { on: 'network', do: 'throttle', bitsPerS: 2e6, interface: 'eth0', peers: [] },
    ],
    [
      { network: 'throttle', rate: 64000 },
      { on: 'network', do: 'throttle', bitsPerS: 64_000, peers: [] },
    ],
    [
      { network: 'link-down', interface: 'br-12ab' },
      { on: 'network', do: 'link-down', interface: 'br-12ab' },
    ],
    [
      { process: 'pause', pidof: 'nginx' },
      { on: 'process', do: 'pause', pidof: 'nginx' },
    ],
    [
      { process: 'kill', 'pid-file': '/run/x.pid', start: ['systemctl', 'start', 'x'] },
      { on: 'process', do: 'kill', pidFile: '/run/x.pid', start: ['systemctl', 'start', 'x'] },
    ],
    [
      { container: 'disconnect', name: 'srs', network: 'back' },
      { on: 'container', do: 'disconnect', container: 'srs', network: 'back' },
    ],
  ])('%j', (action, wanted) => {
    const { faults, issues } = read(action);
    expect(issues).toEqual([]);
    expect(faults[0]?.action).toEqual(wanted);
    expect(runsCommands(faults)).toBe(!('real' in action) || action.real === true);
  });

  test.each<[object, string]>([
    [{ network: 'partition', direction: 'up' }, 'do.direction: no such direction'],
    [{ network: 'partition', protocol: 'udp' }, 'do.protocol: no such protocol'],
    [{ network: 'partition', real: 'yes' }, 'do.real: neither true nor false'],
    [{ network: 'partition', real: false, peer: 'a' }, 'do.real: the stage has no direction and no peer'],
    [{ network: 'partition', peer: [] }, 'do.peer: not a list of peers'],
    [{ network: 'partition', peer: '--flush' }, 'do.peer: not a peer'],
    [{ network: 'partition', rate: '1M' }, 'do.rate: no such key'],
    [{ network: 'throttle', interface: 'eth0' }, 'do.rate: missing'],
    [{ network: 'throttle', rate: 'slow' }, 'do.rate: not a rate'],
    [{ network: 'throttle', rate: '1M', interface: '-x' }, 'do.interface: not an interface'],
    [{ network: 'throttle', rate: '1M', interface: 'a/../b' }, 'do.interface: not an interface'],
    [{ network: 'link-down' }, 'do.interface: missing'],
    [{ process: 'pause' }, 'do: which process is not said'],
    [{ process: 'pause', pidof: 'a', 'pid-file': '/b' }, 'do: which process is not said'],
    [{ process: 'pause', pidof: '/usr/bin/x' }, 'do.pidof: not the name of a program'],
    [{ process: 'pause', 'pid-file': 'x.pid' }, 'do.pid-file: not a path'],
    [{ process: 'pause', pidof: 'x', start: ['y'] }, 'do.start: no such key'],
    [{ process: 'kill', pidof: 'x', start: 'reboot now' }, 'do.start: not a program and its arguments'],
    [{ process: 'stop', pidof: 'x' }, 'do.process: no such action'],
    [{ container: 'kill' }, 'do.name: missing'],
    [{ container: 'kill', name: '--all' }, 'do.name: not a container'],
    [{ container: 'kill', name: 'x', network: 'y' }, 'do.network: no such key'],
    [{ container: 'disconnect', name: 'x', network: '-y' }, 'do.network: not a network of Docker'],
  ])('%j is refused', (action, problem) => {
    const { issues } = read(action);
    expect(issues.map(({ path, problem: words }) => `${path}: ${words}`)).toContain(`faults[0].${problem}`);
  });

  test('what lasts says how long; a kill that nobody undoes may be one moment', () => {
    const problems = (action: object): number => read(action, {}).issues.length;
    expect(problems({ network: 'throttle', rate: '1M' })).toBe(1);
    expect(problems({ network: 'link-down', interface: 'eth1' })).toBe(1);
    expect(problems({ process: 'pause', pidof: 'x' })).toBe(1);
    expect(problems({ process: 'kill', pidof: 'x', start: ['x'] })).toBe(1);
    expect(problems({ container: 'kill', name: 'x' })).toBe(1);
    expect(problems({ process: 'kill', pidof: 'x' })).toBe(0);
  });

  test('what a process or a container breaks only its author can say', () => {
    const named = read({ container: 'kill', name: 'srs' }, { for: '5s', breaks: 'media' });
    expect([named.issues.length, named.faults[0]?.breaks]).toEqual([0, 'media']);
    expect(read({ process: 'pause', pidof: 'x' }).faults[0]?.breaks).toBe('other');
    expect(read({ network: 'throttle', rate: '1M' }).faults[0]?.breaks).toBe('network');
  });
});

test('a partition that says nothing more is from the target, where a platform may be cut off', () => {
  const [plain] = read({ network: 'partition' }).faults;
  const [asked] = read({ network: 'partition', direction: 'in', peer: 'a' }).faults;
  const [other] = read({ media: 'kill' }).faults;
  if (!plain || !asked || !other) throw new Error('a fault was not read');
  expect(realActionOf(plain.action)).toBeUndefined();
  const [cut, ...same] = withRealCuts([plain, asked, other]);
  expect(cut?.action).toEqual({ ...plain.action, cut: { direction: 'both', peers: [] } });
  expect(same).toEqual([asked, other]);
});
