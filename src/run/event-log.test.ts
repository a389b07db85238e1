import { describe, expect, it } from 'vitest';
import { EventLog } from './event-log.js';

describe('EventLog', () => {
  it('admits the first hundred of a kind and counts them all', () => {
    const log = new EventLog();
    const admitted = Array.from({ length: 500 }, () => log.admit('rebuffer')).filter(Boolean).length;
    expect(admitted).toBe(100);
    expect(log.counts()).toEqual({ rebuffer: 500 });
  });

  it('admits a thousand in all, and still what happens to the run itself', () => {
    const log = new EventLog();
    let admitted = 0;
    for (let kind = 0; kind < 50; kind++) {
      for (let i = 0; i < 60; i++) if (log.admit(`kind${kind}`)) admitted++;
    }
    expect(admitted).toBe(1000);
    expect(log.admit('worker_died', true)).toBe(true);
  });

  it('admits ten thousand orders beside all others', () => {
    const log = new EventLog();
    const admitted = Array.from({ length: 10_500 }, () => log.admit('order_created')).filter(Boolean).length;
    expect(admitted).toBe(10_000);
    expect(log.admit('rebuffer')).toBe(true);
  });

  it('does not grow with the number of kinds', () => {
    const log = new EventLog();
    for (let i = 0; i < 10_000; i++) log.admit(`kind${i}`);
    expect(Object.keys(log.counts()).length).toBeLessThanOrEqual(200);
  });
});
