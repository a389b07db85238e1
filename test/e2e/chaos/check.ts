import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What is left of a round, read without any code of what is tested: the records that lay in the outboxes, and the folder of
 * the run.
 */
export interface Remains {
  /** Ticks that lay in an outbox, as `box/worker/seq`, with their frames. */
  readonly written: ReadonlyMap<string, number>;
  /** Ticks that a box had begun to write, alike: of a killed one the last may be on its disk without a word of it. */
  readonly begun?: ReadonlyMap<string, number>;
  /** Lines of ticks.ndjson, in order. */
  readonly counted: readonly { readonly key: string; readonly frames: number }[];
  readonly unreadable: number;
  /** Frames that summary.json tells; undefined = there is no summary. */
  readonly told: number | undefined;
  /** Boxes whose last words nobody waits for; absent = there is none. */
  readonly unheard?: readonly string[];
}

interface TickLike {
  readonly box: string;
  readonly worker: number;
  readonly seq: number;
  readonly counters: Readonly<Record<string, number>>;
}

const keyOf = ({ box, worker, seq }: TickLike): string => `${box}/${worker}/${seq}`;
const framesOf = ({ counters }: TickLike): number =>
  Object.values(counters).reduce((sum, count) => sum + count, 0);

export function remainsOf(ledgers: readonly string[], folder: string): Remains {
  const written = new Map<string, number>();
  const begun = new Map<string, number>();
  for (const path of ledgers) {
    for (const line of linesOf(path)) {
      const { is, record } = JSON.parse(line) as {
        is: 'begun' | 'written';
        record: { kind: string; message?: { kind: string; tick?: TickLike } };
      };
      const { kind, message } = record;
      if (kind === 'message' && message?.kind === 'tick' && message.tick !== undefined)
        (is === 'begun' ? begun : written).set(keyOf(message.tick), framesOf(message.tick));
    }
  }
  const counted: { key: string; frames: number }[] = [];
  let unreadable = 0;
  for (const line of linesOf(join(folder, 'ticks.ndjson'))) {
    try {
      const tick = JSON.parse(line) as TickLike;
      counted.push({ key: keyOf(tick), frames: framesOf(tick) });
    } catch {
      unreadable += 1;
    }
  }
  const summary = readdirSync(folder).includes('summary.json')
    ? (JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as Summary)
    : undefined;
  return {
    ...{ written, begun, counted, unreadable },
    told: summary?.metrics.frame_count?.total ?? (summary ? 0 : undefined),
  };
}

interface Summary {
  readonly metrics: Readonly<Record<string, { readonly total?: number } | undefined>>;
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

/** What does not add up, in words; empty = everything does. */
export function faultsIn({
  written: all,
  begun = new Map(),
  counted,
  unreadable,
  told,
  unheard = [],
}: Remains): string[] {
  const seen = new Map<string, number>();
  for (const { key, frames } of counted) {
    if (seen.has(key)) seen.set(key, Number.NaN);
    else seen.set(key, frames);
  }
  const lastOnes = [...begun].filter(([key]) => seen.has(key) && !all.has(key));
  const written = new Map(
    [...all, ...lastOnes].filter(
      ([key]) => seen.has(key) || !unheard.some((box) => key.startsWith(`${box}/`)),
    ),
  );
  const twice = [...seen].filter(([, frames]) => Number.isNaN(frames)).map(([key]) => key);
  const missing = [...written.keys()].filter((key) => !seen.has(key));
  const invented = [...seen.keys()].filter((key) => !written.has(key));
  const changed = [...written].filter(
    ([key, frames]) => (seen.get(key) ?? frames) !== frames && !twice.includes(key),
  );
  const sum = [...written.values()].reduce((total, frames) => total + frames, 0);
  const list = (what: string, keys: readonly string[]): string[] =>
    keys.length === 0 ? [] : [`${keys.length} ${what}: ${keys.slice(0, 8).join(' ')}`];
  return [
    ...list('missing', missing),
    ...list('counted twice', twice),
    ...list('never written', invented),
    ...list(
      'changed',
      changed.map(([key]) => key),
    ),
    ...(unreadable > 0 ? [`${unreadable} lines that are no ticks`] : []),
    ...(written.size === 0 ? ['nothing was written at all'] : []),
    ...(told === sum ? [] : [`the summary tells ${told} frames, ${sum} were written`]),
  ];
}
