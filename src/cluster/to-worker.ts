import { checkClockState } from '../clock/clock-state.js';
import { ProtocolError } from '../errors.js';
import type { ToWorker } from '../protocol.js';
import { z } from '../schema-library.js';

const atMs = z.number();

const shapes = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('start'), startEpochMs: z.number().positive() }),
  z.strictObject({
    kind: z.literal('publisher_clock'),
    state: z.unknown(),
    steppedMs: z.number().optional(),
  }),
  z.strictObject({
    kind: z.literal('replan'),
    change: z.strictObject({
      atMs,
      segments: z
        .array(
          z.looseObject({
            name: z.string().max(100),
            role: z.string().max(50),
            durationMs: z.number().nonnegative(),
            fromVus: z.number().nonnegative(),
            toVus: z.number().nonnegative(),
          }),
        )
        .max(10_000),
    }),
  }),
  z.strictObject({
    kind: z.literal('fault'),
    news: z.discriminatedUnion('what', [
      z.looseObject({ what: z.literal('begins'), fault: z.looseObject({}) }),
      z.looseObject({ what: z.literal('mended'), index: z.int(), begunAtMs: atMs, atMs }),
      z.looseObject({ what: z.literal('called_off'), index: z.int() }),
    ]),
  }),
  z.strictObject({ kind: z.literal('leave') }),
]);

/**
 * An order of the coordinator to the threads of a box.
 * @throws {ProtocolError} when it is none: a thread would die of it
 */
export function checkToWorker(value: { readonly kind: string }): ToWorker {
  const read = shapes.safeParse(value);
  if (!read.success) throw new ProtocolError(`an order (${value.kind.slice(0, 20)}) of a wrong shape`);
  if (read.data.kind === 'publisher_clock') checkClockState(read.data.state);
  return read.data as ToWorker;
}
