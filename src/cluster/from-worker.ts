import { ProtocolError } from '../errors.js';
import type { FromWorker } from '../protocol.js';
import { z } from '../schema-library.js';
import { checkTick } from '../stats/tick-codec.js';

const vu = z.int().nonnegative();
const atMs = z.number();
const MAX_LINE_CHARS = 20_000;

const rest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({
    kind: z.literal('trace'),
    vu,
    lines: z.array(z.string().max(MAX_LINE_CHARS)).max(10_000),
  }),
  z.strictObject({
    kind: z.literal('troubled'),
    fromMs: atMs,
    toMs: atMs,
    vus: z.record(z.string().max(100), z.array(vu).max(100)),
  }),
  z.strictObject({
    kind: z.literal('notable'),
    what: z.string().max(100),
    atMs,
    vu: vu.optional(),
    detail: z.string().max(2000).optional(),
  }),
]);

/**
 * What a thread of another box said.
 * @throws {ProtocolError} when it is no such message, or speaks for another box or thread
 */
export function checkFromWorker(value: { readonly kind: string }, box: string, worker: number): FromWorker {
  if (value.kind === 'tick') {
    const tick = checkTick((value as { tick?: unknown }).tick);
    if (tick.box !== box || tick.worker !== worker)
      throw new ProtocolError('a tick of another box or thread');
    return { kind: 'tick', tick };
  }
  const read = rest.safeParse(value);
  if (!read.success)
    throw new ProtocolError(`what a thread said (${value.kind.slice(0, 20)}) has a wrong shape`);
  return read.data as FromWorker;
}
