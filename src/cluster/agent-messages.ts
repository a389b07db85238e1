import { ProtocolError } from '../errors.js';
import { z } from '../schema-library.js';

/**
 * Every message between an agent and the coordinator of a run, as it is checked where it arrives: bounded, and
 * nothing but what is named here. What only workers read (a profile, a tick) is checked by whoever takes it in.
 */

/** No message is larger; a broker's usual limit is 1 MB. */
export const MAX_WIRE_BYTES = 900_000;
/** Viewers of one part of a share, as JSON before it is sealed. */
export const MAX_PART_BYTES = 200_000;
const MAX_PARTS = 4000;
const MAX_BOXES = 500;
const MAX_WORKERS = 4096;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
const name = z.string().regex(NAME);
const text = (most: number) => z.string().max(most);
const count = z.int().nonnegative();
const base64 = text(MAX_WIRE_BYTES).regex(/^[A-Za-z0-9+/]*={0,2}$/);

/** May stand in a subject, a file's name and a key: letters, digits, `_` and `-`. */
export function isName(value: string): boolean {
  return NAME.test(value);
}

const facts = z.strictObject({
  id: name,
  version: text(100),
  nodeVersion: text(100),
  hostname: text(255),
  os: text(255).optional(),
  cores: z.number().positive(),
  memoryBytes: z.number().positive(),
  openFiles: count.optional(),
  workers: z.int().min(1).max(MAX_WORKERS),
  weight: z.number().min(1).max(1e6),
  maxVus: count.optional(),
  allowTargets: z.array(text(255)).max(1000),
});

/** What an agent answers when it is asked who is there. */
export const helloSchema = z.strictObject({
  kind: z.literal('hello'),
  /** Of this process: a box that comes back with another one has lost its viewers. Sorts by the time it was begun. */
  epoch: name,
  facts,
  /** Seals what only this process may read. */
  publicKey: base64.max(2000),
  /** The run that it serves; absent = it waits for one. */
  run: name.optional(),
});

/** An order to one agent that it answers at once, or (`stand`) when its threads stand ready. */
export const askSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('take'),
    run: name,
    epoch: name,
    version: text(100),
    boxes: z.array(name).min(1).max(MAX_BOXES),
    parts: z.int().min(0).max(MAX_PARTS),
    viewers: count,
    /** The work, sealed. */
    work: base64,
  }),
  z.strictObject({
    kind: z.literal('part'),
    run: name,
    epoch: name,
    index: z.int().min(0).max(MAX_PARTS),
    viewers: base64,
  }),
  z.strictObject({ kind: z.literal('stand'), run: name, epoch: name }),
  z.strictObject({ kind: z.literal('drop'), run: name, epoch: name }),
]);

export const replySchema = z.union([
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ ok: z.literal(false), reason: text(1000) }),
]);

/** How far an agent is with its run. */
export const BOX_PHASES = ['idle', 'taking', 'ready', 'running', 'leaving', 'over'] as const;

const outbox = z.strictObject({
  /** Records that the broker has not acknowledged yet. */
  waiting: count,
  /** Records that no disk had room for: they are sent, but do not outlive the process. */
  unsaved: count,
  /** Records that nothing had room for. */
  dropped: count,
});

const boxClock = z.strictObject({
  /** To be added to the box's clock to read the coordinator's, ms. */
  offsetMs: z.number(),
  uncertaintyMs: z.number().nonnegative(),
  /** How fast the two part, ms per second; absent = measured over too short a time. */
  driftMsPerS: z.number().optional(),
});

/** A sign of life. */
export const beatSchema = z.strictObject({
  kind: z.literal('beat'),
  box: name,
  epoch: name,
  run: name.optional(),
  phase: z.enum(BOX_PHASES),
  /** Why its viewers have left before they should: it was cut off for too long. */
  gaveUp: text(300).optional(),
  clock: boxClock.optional(),
  outbox: outbox.optional(),
});

/** The coordinator's own sign of life. */
export const headBeatSchema = z.strictObject({
  ...{ kind: z.literal('head'), run: name, head: name },
  /** It took the run up from an earlier process, which has to do no more, should it be there after all. */
  took: z.literal(true).optional(),
});

/** Whoever gives a sign of life. */
export const signSchema = z.discriminatedUnion('kind', [beatSchema, headBeatSchema]);

const numbered = { v: z.literal(1), run: name, box: name, epoch: name, seq: z.int().positive() };

/** What a box says of its run, numbered from 1 without a gap within an epoch. */
export const recordSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...numbered,
    kind: z.literal('message'),
    worker: z.int().min(0).max(MAX_WORKERS),
    message: z.looseObject({ kind: text(50) }),
  }),
  z.strictObject({
    ...numbered,
    kind: z.literal('died'),
    worker: z.int().min(0).max(MAX_WORKERS),
    reason: text(2000),
  }),
  /** Those of `from` to `to` are lost: nothing had room for them. */
  z.strictObject({
    ...numbered,
    kind: z.literal('dropped'),
    from: z.int().positive(),
    to: z.int().positive(),
  }),
  /** The last one: all viewers have left; `gaveUp`: without an order, and why. */
  z.strictObject({
    ...{ ...numbered, kind: z.literal('done'), unsaved: count, dropped: count },
    gaveUp: text(300).optional(),
  }),
  /** Without a number, said by a later process of the box: this is all that was left of an earlier one. */
  z.strictObject({ v: z.literal(1), run: name, box: name, epoch: name, kind: z.literal('gone') }),
]);

/** An order to the threads of one box, numbered from 1 by each process of the coordinator. */
export const orderSchema = z.strictObject({
  v: z.literal(1),
  run: name,
  box: name,
  head: name,
  seq: z.int().positive(),
  message: z.looseObject({ kind: z.enum(['start', 'publisher_clock', 'replan', 'fault', 'leave']) }),
});

/** How many viewers of a box stood in the chat room, and from when on. */
export const roomSchema = z.strictObject({
  kind: z.literal('room'),
  box: name,
  epoch: name,
  /** The counts are complete up to this instant of the coordinator's clock, ms. */
  untilEpochMs: z.number(),
  /** [from, viewers], oldest first, times of the coordinator's clock. */
  counts: z.array(z.tuple([z.number(), count])).max(600),
  /** All its viewers have left. */
  left: z.literal(true).optional(),
});

/** What a box is sent of the work, unsealed; the rest of it is read by its threads only. */
export const workSchema = z.looseObject({
  runId: text(100),
  vus: count,
  insecure: z.boolean(),
  target: z.strictObject({
    apiUrl: text(2000),
    socketUrl: text(2000),
    flvUrl: text(2000),
    hlsUrl: text(2000),
    streamKey: text(1000),
  }),
  jwtSecret: text(10_000).optional(),
  profile: z.looseObject({}),
  mix: z.looseObject({}),
});

const token = text(20_000).optional();

/** The viewers of one part. */
export const viewersSchema = z
  .array(
    z.strictObject({
      vu: count,
      identity: z
        .strictObject({
          userId: text(300).optional(),
          accessToken: token,
          refreshToken: token,
          sid: token,
          email: text(500).optional(),
        })
        .optional(),
    }),
  )
  .max(100_000);

export type Hello = z.infer<typeof helloSchema>;
export type BoxAsk = z.infer<typeof askSchema>;
export type BoxReply = z.infer<typeof replySchema>;
export type BoxPhase = (typeof BOX_PHASES)[number];
export type Beat = z.infer<typeof beatSchema>;
export type HeadBeat = z.infer<typeof headBeatSchema>;
export type BoxRecord = z.infer<typeof recordSchema>;
export type BoxOrder = z.infer<typeof orderSchema>;
export type RoomNews = z.infer<typeof roomSchema>;

interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

/** @throws {ProtocolError} when the bytes are no such message; names the field, quotes nothing of it */
export function readWire<T>(schema: Schema<T>, payload: Uint8Array, what: string): T {
  if (payload.byteLength > MAX_WIRE_BYTES) throw new ProtocolError(`${what} of ${payload.byteLength} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (cause) {
    throw new ProtocolError(`${what} that is not JSON`, { cause });
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = (issue?.path ?? []).map(String).join('.').slice(0, 100);
  throw new ProtocolError(`${what}: ${field === '' ? 'of a wrong shape' : `${field} is wrong`}`);
}

export function writeWire(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
