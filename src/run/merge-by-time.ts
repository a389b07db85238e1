/** Something that happened at a time of the run. */
interface Timed {
  readonly atMs: number;
}

/**
 * Several lists as one by time, each in its own order; of each, one entry is held. Of equal times the earlier list's
 * comes first.
 */
export async function* mergeByTime<T extends Timed>(
  lists: readonly AsyncGenerator<T, undefined>[],
): AsyncGenerator<T> {
  try {
    const heads = await Promise.all(lists.map((list) => list.next()));
    for (;;) {
      let oldest: number | undefined;
      for (const [i, { value }] of heads.entries())
        if (value && (oldest === undefined || value.atMs < (heads[oldest]?.value?.atMs ?? 0))) oldest = i;
      if (oldest === undefined) return;
      yield heads[oldest]?.value as T;
      heads[oldest] = await (lists[oldest] as (typeof lists)[number]).next();
    }
  } finally {
    // However it ended, no file stays open.
    await Promise.all(lists.map((list) => list.return(undefined)));
  }
}
