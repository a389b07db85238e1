import { isAddress } from '../scenarios/address.js';
import {
  bitRateWords,
  CONTAINER_NAME,
  CUT_DIRECTIONS,
  INTERFACE_NAME,
  PID_FILE,
  PROGRAM_NAME,
  peerWords,
} from '../scenarios/real-fault.js';
import { z } from '../schema-library.js';

/**
 * One change of this machine, as it is written down before it is made: all that it takes to see whether it is still
 * there, and to undo it. Every text in it ends as one word of an argument list, never in a shell; what a journal may
 * hold is held to the same rules as what a profile may ask for.
 */
const peer = z.strictObject({
  address: z.string().refine((text) => isAddress(text) !== 0),
  port: z.int().min(1).max(65_535).optional(),
});
const peers = z.array(peer).max(200);
const interfaceName = z.string().regex(INTERFACE_NAME);
/** Of a route or an address: no word of those that ip prints begins with a dash. */
const word = z.string().regex(/^[A-Za-z0-9:][A-Za-z0-9_.:/@-]{0,99}$/);
const words = z.array(word).max(40);
const processes = z.array(z.strictObject({ pid: z.int().min(2), startTicks: z.int().nonnegative() })).max(64);
const choice = {
  pidof: z.string().regex(PROGRAM_NAME).optional(),
  pidFile: z.string().regex(PID_FILE).optional(),
};
const container = z.string().regex(CONTAINER_NAME);

export const CHANGE = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('partition'),
    /** A chain of its own: nothing else of the tables is touched but the jump to it. */
    chain: z.string().regex(/^DORAMI-[0-9a-f]{12}$/),
    direction: z.enum(CUT_DIRECTIONS),
    peers: peers.min(1),
  }),
  z.strictObject({
    kind: z.literal('throttle'),
    interface: interfaceName,
    /** Major number of the queue: nobody else's root queue has it. */
    handle: z.string().regex(/^d[0-9a-f]{3}$/),
    bitsPerS: z.int().positive(),
    /** Empty = all that the interface sends. */
    peers,
  }),
  z.strictObject({
    kind: z.literal('link-down'),
    interface: interfaceName,
    /** What goes with the link and does not come back with it, as words for `ip`. */
    addresses: z.array(words).max(200),
    routes: z.array(words).max(1000),
  }),
  z.strictObject({ kind: z.literal('process-paused'), ...choice, processes }),
  z.strictObject({
    kind: z.literal('process-killed'),
    ...choice,
    processes,
    start: z.array(z.string().max(1000)).min(1).max(50).optional(),
  }),
  z.strictObject({ kind: z.literal('container-killed'), container }),
  z.strictObject({ kind: z.literal('container-paused'), container }),
  z.strictObject({
    kind: z.literal('container-disconnected'),
    container,
    network: container,
    aliases: z.array(container).max(50),
    /** Only where it was given, not dealt out. */
    ip: z
      .string()
      .refine((text) => isAddress(text) === 4)
      .optional(),
  }),
]);

export type Change = z.infer<typeof CHANGE>;
export type ChangeOf<K extends Change['kind']> = Extract<Change, { readonly kind: K }>;

/** Whether a change belongs to one network namespace, and means nothing in another. */
export function isOfNetwork({ kind }: Change): boolean {
  return kind === 'partition' || kind === 'throttle' || kind === 'link-down';
}

/** Whether a change is gone when the machine has been started anew. */
export function endsWithBoot({ kind }: Change): boolean {
  return isOfNetwork({ kind } as Change) || kind === 'process-paused';
}

/** One line for lists and events. */
export function changeWords(change: Change): string {
  switch (change.kind) {
    case 'partition':
      return `${change.chain} drops TCP ${WAY[change.direction]} ${change.peers.map(peerWordsOf).join(', ')}`;
    case 'throttle': {
      const to = change.peers.length === 0 ? '' : ` to ${change.peers.map(peerWordsOf).join(', ')}`;
      return `queue ${change.handle}: on ${change.interface} lets ${bitRateWords(change.bitsPerS)} out${to}`;
    }
    case 'link-down':
      return `link ${change.interface} is down`;
    case 'process-paused':
      return `${processWords(change)} stopped (SIGSTOP)`;
    case 'process-killed':
      return `${processWords(change)} killed`;
    case 'container-killed':
      return `container ${change.container} killed`;
    case 'container-paused':
      return `container ${change.container} paused`;
    case 'container-disconnected':
      return `container ${change.container} taken off network ${change.network}`;
  }
}

const WAY = { in: 'from', out: 'to', both: 'from and to' } as const;

function peerWordsOf({ address, port }: ChangeOf<'partition'>['peers'][number]): string {
  return peerWords({ host: address, ...(port === undefined ? {} : { port }) });
}

function processWords({
  pidof,
  pidFile,
  processes: all,
}: ChangeOf<'process-paused'> | ChangeOf<'process-killed'>): string {
  return `${pidof ?? pidFile ?? 'process'} (${all.map(({ pid }) => pid).join(', ')})`;
}
