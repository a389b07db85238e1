import { describe, expect, it } from 'vitest';
import { VirtualClock } from './virtual-clock.js';

describe('VirtualClock', () => {
  it('runs timers in order of due time, and those due together in the order they were set', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(20, () => seen.push(`c@${clock.nowMs()}`));
    clock.after(10, () => seen.push(`a@${clock.nowMs()}`));
    clock.after(10, () => seen.push(`b@${clock.nowMs()}`));
    clock.advance(15);
    expect(seen).toEqual(['a@10', 'b@10']);
    expect(clock.nowMs()).toBe(15);
    expect(clock.pending).toBe(1);
    clock.advance(5);
    expect(seen).toEqual(['a@10', 'b@10', 'c@20']);
  });

  it('runs timers that are set by timers within the same span', () => {
    const clock = new VirtualClock({ startMs: 100 });
    const seen: number[] = [];
    const again = (): void => {
      seen.push(clock.nowMs());
      clock.after(10, again);
    };
    clock.after(0, again);
    clock.advance(30);
    expect(seen).toEqual([100, 110, 120, 130]);
  });

  it('does not run what was cancelled', () => {
    const clock = new VirtualClock();
    const cancel = clock.after(1, () => expect.unreachable());
    cancel();
    cancel();
    clock.advance(10);
    expect(clock.pending).toBe(0);
  });

  it('lets promises settle between timers in run()', async () => {
    const clock = new VirtualClock();
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
    const seen: number[] = [];
    const loop = (async () => {
      for (let i = 0; i < 3; i++) {
        await sleep(10);
        seen.push(clock.nowMs());
      }
    })();
    await clock.run(30);
    await loop;
    expect(seen).toEqual([10, 20, 30]);
  });

  it('fails instead of hanging on a loop of zero delays', () => {
    const clock = new VirtualClock();
    const again = (): void => {
      clock.after(0, again);
    };
    clock.after(0, again);
    expect(() => clock.advance(1)).toThrow('timers without end');
  });
});
