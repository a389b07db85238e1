import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../seams.js';
import { isName, readWire, recordSchema, writeWire } from './agent-messages.js';
import { type Link, LinkError } from './link.js';
import { readLeftRing } from './ring-files.js';

/** What an earlier process of this box left behind, unsent. */
export interface LeftOutbox {
  readonly folder: string;
  readonly run: string;
  readonly epoch: string;
}

/** Nobody waits for the records of a run after this. */
const MAX_AGE_MS = 24 * 3_600_000;
const RETRY_MS = 500;
const AT_ONCE = 32;

export function outboxFolder(dir: string, run: string, epoch: string): string {
  return join(dir, `${run}~${epoch}`);
}

/** The outboxes in `dir` of processes other than `own`; those that nobody can want any more are removed. */
export async function findLeftOutboxes(
  dir: string,
  own: string,
  nowEpochMs: number,
): Promise<readonly LeftOutbox[]> {
  const left: LeftOutbox[] = [];
  for (const name of (await readdir(dir).catch(() => [])).sort()) {
    const [run = '', epoch = '', ...more] = name.split('~');
    if (!isName(run) || !isName(epoch) || more.length > 0 || epoch === own) continue;
    const folder = join(dir, name);
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: nowEpochMs }));
    if (nowEpochMs - mtimeMs > MAX_AGE_MS) await rm(folder, { recursive: true, force: true }).catch(() => {});
    else left.push({ folder, run, epoch });
  }
  return left;
}

export interface DeliverLeftDeps {
  readonly link: Pick<Link, 'append'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly box: string;
  subject(run: string): string;
  /** Whether to go on trying. */
  isWanted(): boolean;
}

/**
 * Sends what an earlier process left, then says that this was all, and removes it. Undefined = given up, and it stays
 * on disk: nobody has a stream of that run, or `isWanted` said so.
 */
export async function deliverLeft(left: LeftOutbox, deps: DeliverLeftDeps): Promise<number | undefined> {
  const { box } = deps;
  const { run, epoch, folder } = left;
  let sent = 0;
  let flying: Promise<boolean>[] = [];
  const landed = async (): Promise<boolean> => {
    const all = await Promise.all(flying);
    flying = [];
    return all.every((one) => one);
  };
  for await (const payload of readLeftRing(folder)) {
    const seq = seqOf(payload, left, box);
    if (seq === undefined) continue;
    flying.push(appendAgain(payload, `${box}:${epoch}:${seq}`, run, deps));
    sent += 1;
    if (flying.length >= AT_ONCE && !(await landed())) return undefined;
  }
  if (!(await landed())) return undefined;
  const gone = writeWire({ v: 1, run, box, epoch, kind: 'gone' });
  if (!(await appendAgain(gone, `${box}:${epoch}:gone`, run, deps))) return undefined;
  await rm(folder, { recursive: true, force: true }).catch(() => {});
  return sent;
}

/** The number of a record that is this box's own; nothing else that lies in a folder is sent. */
function seqOf(payload: Uint8Array, left: LeftOutbox, box: string): number | undefined {
  try {
    const record = readWire(recordSchema, payload, 'a record');
    const isOurs = record.box === box && record.run === left.run && record.epoch === left.epoch;
    return isOurs && record.kind !== 'gone' ? record.seq : undefined;
  } catch {
    return undefined;
  }
}

async function appendAgain(
  payload: Uint8Array,
  id: string,
  run: string,
  { link, clock, subject, isWanted }: DeliverLeftDeps,
): Promise<boolean> {
  while (isWanted()) {
    try {
      await link.append(subject(run), payload, id);
      return true;
    } catch (error) {
      if (!(error instanceof LinkError) || error.code === 'no_responders') return false;
      // Nobody will ever take this one: its number is missing, those behind it are not.
      if (error.code === 'too_large') return true;
    }
    await new Promise<void>((resolve) => void clock.after(RETRY_MS, resolve));
  }
  return false;
}
