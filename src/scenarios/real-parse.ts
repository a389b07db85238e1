import { isRecord, type Problems, shown } from './fault-problems.js';
import type { FaultAction } from './fault-step.js';
import {
  CONTAINER_NAME,
  CUT_DIRECTIONS,
  INTERFACE_NAME,
  type Peer,
  PID_FILE,
  PROGRAM_NAME,
  type ProcessChoice,
  parseBitRate,
  parsePeer,
} from './real-fault.js';

type Fields = Readonly<Record<string, unknown>>;

const MAX_PEERS = 20;
const MAX_START_WORDS = 50;
const LONGEST_WORD = 1000;

const NETWORK_KEYS: Readonly<Record<string, readonly string[]>> = {
  partition: ['network', 'real', 'direction', 'peer', 'protocol'],
  reset: ['network'],
  throttle: ['network', 'rate', 'interface', 'peer'],
  'link-down': ['network', 'interface'],
};

/** `network: partition | reset | throttle | link-down`; undefined when it is no action, which is told. */
export function networkAction(value: Fields, problems: Problems): FaultAction | undefined {
  const form = formOf('network', Object.keys(NETWORK_KEYS), value, problems);
  if (form === undefined) return undefined;
  checkKeys(value, NETWORK_KEYS[form] ?? [], problems);
  if (form === 'reset') return { on: 'network', do: 'reset' };
  if (form === 'partition') return partition(value, problems);
  const name = value.interface === undefined ? undefined : interfaceOf(value.interface, problems);
  if (form === 'link-down') {
    if (value.interface === undefined) problems.add('do.interface', 'missing', undefined, 'e.g. eth1');
    return name === undefined ? undefined : { on: 'network', do: 'link-down', interface: name };
  }
  const bitsPerS = parseBitRate(value.rate);
  const peers = peersOf(value.peer, problems);
  if (bitsPerS === undefined) {
    const seen = value.rate === undefined ? undefined : shown(value.rate);
    problems.add(
      'do.rate',
      seen === undefined ? 'missing' : 'not a rate',
      seen,
      'e.g. 500k or 2M, 8k to 100G',
    );
    return undefined;
  }
  if (value.interface !== undefined && name === undefined) return undefined;
  return {
    on: 'network',
    do: 'throttle',
    bitsPerS,
    peers,
    ...(name === undefined ? {} : { interface: name }),
  };
}

function partition(value: Fields, problems: Problems): FaultAction {
  const { real, direction, peer, protocol } = value;
  if (real !== undefined && typeof real !== 'boolean')
    problems.add('do.real', 'neither true nor false', shown(real));
  if (protocol !== undefined && protocol !== 'tcp')
    problems.add('do.protocol', 'no such protocol', shown(protocol), 'tcp');
  const way = CUT_DIRECTIONS.find((name) => name === (direction ?? 'both'));
  if (way === undefined)
    problems.add('do.direction', 'no such direction', shown(direction), CUT_DIRECTIONS.join(', '));
  const peers = peersOf(peer, problems);
  const asked = direction !== undefined || peer !== undefined || protocol !== undefined;
  if (real === false && asked)
    problems.add(
      'do.real',
      'the stage has no direction and no peer',
      'false',
      'no direction, peer, protocol',
    );
  if (real !== true && !asked) return { on: 'network', do: 'partition' };
  return { on: 'network', do: 'partition', cut: { direction: way ?? 'both', peers } };
}

/** `process: kill | pause`. */
export function processAction(value: Fields, problems: Problems): FaultAction | undefined {
  const form = formOf('process', ['kill', 'pause'], value, problems);
  checkKeys(value, ['process', 'pidof', 'pid-file', ...(form === 'pause' ? [] : ['start'])], problems);
  const choice = processOf(value, problems);
  const start = value.start === undefined ? undefined : startOf(value.start, problems);
  if (form === undefined || choice === undefined) return undefined;
  return { on: 'process', do: form as 'kill' | 'pause', ...choice, ...(start && { start }) };
}

function processOf(value: Fields, problems: Problems): ProcessChoice | undefined {
  const { pidof } = value;
  const pidFile = value['pid-file'];
  if ((pidof === undefined) === (pidFile === undefined)) {
    problems.add('do', 'which process is not said', undefined, 'one of pidof: NAME, pid-file: PATH');
    return undefined;
  }
  if (pidof !== undefined) {
    if (typeof pidof === 'string' && PROGRAM_NAME.test(pidof)) return { pidof };
    problems.add('do.pidof', 'not the name of a program', shown(pidof), 'a name without slashes');
  } else if (typeof pidFile === 'string' && PID_FILE.test(pidFile)) return { pidFile };
  else problems.add('do.pid-file', 'not a path', shown(pidFile), 'an absolute path');
  return undefined;
}

function startOf(value: unknown, problems: Problems): readonly string[] | undefined {
  const isWord = (one: unknown): one is string =>
    typeof one === 'string' && one.length <= LONGEST_WORD && !/\0/.test(one);
  if (Array.isArray(value) && value.length <= MAX_START_WORDS && value.every(isWord) && value[0])
    return value;
  problems.add(
    'do.start',
    'not a program and its arguments',
    shown(value),
    'a list: [systemctl, start, srs]',
  );
  return undefined;
}

/** `container: kill | pause | disconnect`. */
export function containerAction(value: Fields, problems: Problems): FaultAction | undefined {
  const form = formOf('container', ['kill', 'pause', 'disconnect'], value, problems);
  checkKeys(value, ['container', 'name', ...(form === 'disconnect' ? ['network'] : [])], problems);
  const { name, network } = value;
  const isName = typeof name === 'string' && CONTAINER_NAME.test(name);
  const isNetwork = network === undefined || (typeof network === 'string' && CONTAINER_NAME.test(network));
  const wanted = 'a name or id as docker ps shows it';
  if (!isName)
    problems.add('do.name', name === undefined ? 'missing' : 'not a container', shownIf(name), wanted);
  if (!isNetwork) problems.add('do.network', 'not a network of Docker', shown(network));
  if (form === undefined || !isName || !isNetwork) return undefined;
  const off = network === undefined ? {} : { network };
  return { on: 'container', do: form as 'kill' | 'pause' | 'disconnect', container: name, ...off };
}

function formOf(on: string, forms: readonly string[], value: Fields, problems: Problems): string | undefined {
  const what = value[on];
  if (typeof what === 'string' && forms.includes(what)) return what;
  problems.add(`do.${on}`, 'no such action', shown(what), forms.join(', '));
  return undefined;
}

function checkKeys(value: Fields, known: readonly string[], problems: Problems): void {
  for (const key of Object.keys(value)) if (!known.includes(key)) problems.unknown(`do.${key}`, known);
}

function interfaceOf(value: unknown, problems: Problems): string | undefined {
  if (typeof value === 'string' && INTERFACE_NAME.test(value)) return value;
  problems.add('do.interface', 'not an interface', shown(value), 'a name as ip link shows it');
  return undefined;
}

/** One peer or a list of them; none = the hosts of the target. */
function peersOf(value: unknown, problems: Problems): readonly Peer[] {
  if (value === undefined) return [];
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (all.length === 0 || all.length > MAX_PEERS || isRecord(value)) {
    problems.add('do.peer', 'not a list of peers', undefined, `1 to ${MAX_PEERS} of HOST or HOST:PORT`);
    return [];
  }
  return all.flatMap((one) => {
    const peer = typeof one === 'string' ? parsePeer(one) : undefined;
    if (peer !== undefined) return [peer];
    problems.add('do.peer', 'not a peer', shown(one), 'HOST, HOST:PORT or [IPv6]:PORT');
    return [];
  });
}

function shownIf(value: unknown): string | undefined {
  return value === undefined ? undefined : shown(value);
}
