import type { Boxes } from './boxes.js';
import type { Intake } from './intake.js';
import type { PublisherClockLink } from './publisher-clock.js';

/**
 * Follows the publisher's clock while a run goes: each worker is told of every comparison, and events.ndjson of what a
 * reader of latencies should know: `capture_clock_gap`, `capture_clock_back`, `capture_clock_set`.
 */
export function tellOfClock(
  link: PublisherClockLink,
  boxes: Pick<Boxes, 'send'>,
  intake: Pick<Intake, 'remark'>,
  atMs: () => number,
): void {
  const { url, reason } = link.record;
  let inGap = url !== undefined && reason !== undefined;
  if (inGap) intake.remark('capture_clock_gap', atMs(), reason as string);
  link.follow((news) => {
    if (news.kind === 'gap') {
      // Said once: the next comparison that works ends it.
      if (!inGap) intake.remark('capture_clock_gap', atMs(), news.reason);
      inGap = true;
      return;
    }
    const { reading, steppedMs } = news;
    if (inGap) intake.remark('capture_clock_back', atMs(), `offset ${Math.round(reading.offsetMs)} ms`);
    inGap = false;
    if (steppedMs !== 0) {
      intake.remark(
        'capture_clock_set',
        atMs(),
        `the publisher's clock or ours, by ${Math.round(steppedMs)} ms`,
      );
    }
    const state = { kind: 'measured', reading } as const;
    boxes.send({ kind: 'publisher_clock', state, ...(steppedMs === 0 ? {} : { steppedMs }) });
  });
}
