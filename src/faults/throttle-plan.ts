import { isAddress } from '../scenarios/address.js';
import type { ChangeOf } from './change.js';
import { type Argv, jsonOf, type Step, type StepPlan, type ToolEnd } from './steps.js';

type Throttle = ChangeOf<'throttle'>;

/** What a full queue holds: longer, and the network is not slow but far away. */
const QUEUE_MS = 400;
/** The bucket: what may leave at once. */
const BURST_MS = 10;
const LEAST_BURST_BYTES = 16_000;
const MOST_BURST_BYTES = 10_000_000;

/**
 * A token bucket (tbf) in front of the interface; towards peers one behind a class (htb) that only they fall into, all
 * else passes untouched. It is added, never put in place of another: an interface whose root queue somebody made is
 * refused by the kernel.
 */
export function throttlePlan({ interface: dev, handle, bitsPerS, peers }: Throttle): StepPlan {
  const root = ['dev', dev, 'root', 'handle', `${handle}:`] as const;
  const burst = Math.round(
    Math.min(MOST_BURST_BYTES, Math.max(LEAST_BURST_BYTES, (bitsPerS / 8) * (BURST_MS / 1000))),
  );
  const bucket = ['tbf', 'rate', `${bitsPerS}bit`, 'burst', String(burst), 'latency', `${QUEUE_MS}ms`];
  const one = `${handle}:1`;
  const make: Argv[] =
    peers.length === 0
      ? [['tc', 'qdisc', 'add', ...root, ...bucket]]
      : [
          ['tc', 'qdisc', 'add', ...root, 'htb'],
          // The bucket is the limit, not the class.
          ...[classOf(dev, handle, Math.max(1e9, 10 * bitsPerS))],
          ['tc', 'qdisc', 'add', 'dev', dev, 'parent', one, ...bucket],
          ...peers.map((peer) => filterOf(dev, handle, peer)),
        ];
  return {
    make: make.map((argv) => ({ argv })),
    look: [['tc', '-j', 'qdisc', 'show', 'dev', dev]],
    see([end]) {
      if (end === undefined || !end.ok) return seenDevice(end);
      return rootHandle(end.stdout) === `${handle}:` ? 'there' : 'gone';
    },
    undo: [{ argv: ['tc', 'qdisc', 'del', ...root] } satisfies Step],
  };
}

function classOf(dev: string, handle: string, bitsPerS: number): Argv {
  const parent = ['dev', dev, 'parent', `${handle}:`, 'classid', `${handle}:1`];
  return ['tc', 'class', 'add', ...parent, 'htb', 'rate', `${bitsPerS}bit`, 'quantum', '60000'];
}

function filterOf(dev: string, handle: string, { address, port }: Throttle['peers'][number]): Argv {
  const isV6 = isAddress(address) === 6;
  const [word, whole, protocol, priority] = isV6 ? ['ip6', '128', 'ipv6', '2'] : ['ip', '32', 'ip', '1'];
  const to = port === undefined ? [] : ['match', word, 'dport', String(port), '0xffff'];
  return [
    ...(['tc', 'filter', 'add', 'dev', dev, 'parent', `${handle}:`] as const),
    ...['protocol', protocol, 'prio', priority, 'u32', 'match', word, 'dst', `${address}/${whole}`],
    ...['match', word, 'protocol', '6', '0xff', ...to, 'flowid', `${handle}:1`],
  ];
}

/** Handle of the root queue in what `tc -j qdisc show` printed; `0:` is the kernel's own. */
export function rootHandle(stdout: string): string | undefined {
  const queues = jsonOf(stdout);
  if (!Array.isArray(queues)) return undefined;
  const root = (queues as { root?: boolean; handle?: unknown }[]).find((queue) => queue.root === true);
  return typeof root?.handle === 'string' ? root.handle : undefined;
}

/** Of an interface that is not there any more everything is gone. */
export function seenDevice(end: ToolEnd | undefined): 'gone' | { readonly unseen: string } {
  if (/cannot find device|does not exist/i.test(end?.problem ?? '')) return 'gone';
  return { unseen: end?.problem ?? 'nothing was looked at' };
}
