import { describe, expect, it } from 'vitest';
import { emptyCounts } from '../stage/counts.js';
import { findLeftOpen, leftOpenWords } from './left-open.js';

/** As the stage itself has them. */
function counts(sockets: number, flv: number, now: number): unknown {
  const all = emptyCounts();
  all.sockets.connectionsNow = sockets;
  all.flv.viewersNow = flv;
  all.viewers.now = now;
  return all;
}

async function find(
  answers: readonly unknown[],
): Promise<{ left: Awaited<ReturnType<typeof findLeftOpen>>; waitedMs: number }> {
  let [asked, waitedMs] = [0, 0];
  const left = await findLeftOpen(
    async () => answers[Math.min(asked++, answers.length - 1)],
    async (ms) => {
      waitedMs += ms;
    },
  );
  return { left, waitedMs };
}

describe('what is left open on the stage', () => {
  it('is nothing when nothing is counted, and nobody waits for it', async () => {
    expect(await find([counts(0, 0, 0)])).toEqual({ left: undefined, waitedMs: 0 });
  });

  it('is nothing when it goes within a moment', async () => {
    const { left, waitedMs } = await find([counts(3, 1, 2), counts(1, 0, 0), counts(0, 0, 0)]);
    expect(left).toBeUndefined();
    expect(waitedMs).toBe(300);
  });

  it('is told when it stays, after a few seconds', async () => {
    const { left, waitedMs } = await find([counts(2, 0, 1)]);
    expect(left).toEqual({ sockets: 2, flv: 0, members: 1 });
    expect(waitedMs).toBeLessThan(3500);
    expect(leftOpenWords({ sockets: 2, flv: 1, members: 1 })).toBe(
      "no clean drain: after all had left, the platform still counted 2 sockets, 1 FLV connection, 1 member of the stream's room",
    );
  });

  it('is nothing of a stage that does not answer, or says something else', async () => {
    const gone = async (): Promise<unknown> => Promise.reject(new Error('gone'));
    expect(await findLeftOpen(gone, async () => {})).toBeUndefined();
    expect((await find([{ sockets: 'many' }])).left).toBeUndefined();
  });
});
