import { isAddress } from '../scenarios/address.js';
import type { ChangeOf } from './change.js';
import type { Argv, Step, StepPlan } from './steps.js';

type Partition = ChangeOf<'partition'>;

const TOOLS = { 4: 'iptables', 6: 'ip6tables' } as const;
/** Others may hold the lock of the tables. */
const WAIT = ['-w', '5'] as const;

/**
 * A chain of its own with a DROP for each peer, and a jump to it in front of INPUT, OUTPUT or both: what is open stays
 * open and is silent. The jumps come last, so that the cut begins at one moment; they go first.
 */
export function partitionPlan({ chain, direction, peers }: Partition): StepPlan {
  const hooks = [...(direction === 'in' ? [] : ['OUTPUT']), ...(direction === 'out' ? [] : ['INPUT'])];
  const families = ([4, 6] as const).filter((family) =>
    peers.some(({ address }) => isAddress(address) === family),
  );
  const of = (family: 4 | 6, ...args: string[]): Argv => [TOOLS[family], ...WAIT, ...args];
  const rules = (family: 4 | 6): Argv[] =>
    peers
      .filter(({ address }) => isAddress(address) === family)
      .flatMap((peer) => rulesOf(peer, direction).map((rule) => of(family, '-A', chain, ...rule)));
  const step = (argv: Argv): Step => ({ argv });
  return {
    make: [
      ...families.flatMap((family) => [of(family, '-N', chain), ...rules(family)]),
      ...families.flatMap((family) => hooks.map((hook) => of(family, '-I', hook, '1', '-j', chain))),
    ].map(step),
    look: families.map((family) => of(family, '-S')),
    see(ends) {
      const failed = ends.find(({ ok }) => !ok);
      if (failed !== undefined) return { unseen: failed.problem };
      const lines = ends.flatMap(({ stdout }) => stdout.split('\n').map((line) => line.trim()));
      return lines.includes(`-N ${chain}`) ? 'there' : 'gone';
    },
    undo: families.flatMap((family): Step[] => [
      ...hooks.map((hook): Step => ({ argv: of(family, '-D', hook, '-j', chain), mayFail: true })),
      { argv: of(family, '-F', chain), mayFail: true },
      { argv: of(family, '-X', chain), mayFail: true },
    ]),
  };
}

function rulesOf(
  { address, port }: Partition['peers'][number],
  direction: Partition['direction'],
): string[][] {
  const at = (flag: '--dport' | '--sport'): string[] => (port === undefined ? [] : [flag, String(port)]);
  return [
    ...(direction === 'in' ? [] : [['-p', 'tcp', '-d', address, ...at('--dport'), '-j', 'DROP']]),
    ...(direction === 'out' ? [] : [['-p', 'tcp', '-s', address, ...at('--sport'), '-j', 'DROP']]),
  ];
}
