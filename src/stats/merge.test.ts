import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { player, recorderOf, reported, session, totalsOf, WATCHED } from '../../test/support/measured.js';
import { ProtocolError } from '../errors.js';
import type { ViewerEvent } from '../events.js';
import { Concurrency } from './concurrency.js';
import { addTick, createTotals, gaugeNow, type Totals } from './merge.js';
import { SeqSet } from './seq-set.js';
import type { Tick } from './tick.js';

/** All that can be read from totals about what viewers did. */
function contents({ counters, trends }: Totals): unknown {
  return {
    counters: Object.fromEntries([...counters].sort()),
    trends: Object.fromEntries(
      [...trends]
        .map(
          ([key, trend]) =>
            [
              key,
              [
                trend.count,
                trend.sumUs,
                trend.minMs,
                trend.maxMs,
                ...[1, 50, 95, 99, 100].map((p) => trend.percentileMs(p)),
              ],
            ] as const,
        )
        .sort(),
    ),
  };
}

const protocol = fc.constantFrom('hls' as const, 'flv' as const);
const atMs = fc.integer({ min: 0, max: 60_000 });
const spanMs = fc.double({ min: 0, max: 4e6, noNaN: true });
const anyEvent: fc.Arbitrary<ViewerEvent> = fc.oneof(
  fc
    .tuple(protocol, spanMs, atMs)
    .map(([p, ms, at]) => player(p, { kind: 'first_frame', sinceStartMs: ms }, at)),
  fc
    .tuple(protocol, spanMs, atMs)
    .map(([p, ms, at]) => player(p, { ...WATCHED, playedMs: ms, stalledMs: ms / 3 }, at)),
  fc
    .tuple(spanMs, atMs)
    .map(([ms, at]) => session({ kind: 'chat_delivered', deliveryMs: ms, sinceDueMs: ms }, at)),
  atMs.map((at) => session({ kind: 'vu_started' }, at)),
);

describe('merging', () => {
  test('any split over workers and ticks, added in any order, equals recording in one place', () => {
    const spread = fc.array(fc.tuple(anyEvent, fc.nat(2), fc.boolean(), fc.nat()), { maxLength: 80 });
    fc.assert(
      fc.property(spread, (events) => {
        const one = recorderOf();
        const many = [0, 1, 2].map((worker) => recorderOf(worker));
        const ticks: { tick: Tick; order: number }[] = [];
        events.forEach(([event, worker, cut, order], index) => {
          one.on(reported(event));
          many[worker]?.on(reported(event));
          if (cut) for (const tick of many[worker]?.takeTick(index) ?? []) ticks.push({ tick, order });
        });
        for (const recorder of many)
          for (const tick of recorder.takeTick(60_000, true)) ticks.push({ tick, order: 7 });
        ticks.sort((a, b) => a.order - b.order);
        const merged = totalsOf(ticks.map(({ tick }) => tick));
        expect(contents(merged)).toEqual(contents(totalsOf(one.takeTick(60_000, true))));
      }),
      { numRuns: 60 },
    );
  });

  test('the same tick twice counts once, and that is said', () => {
    const recorder = recorderOf();
    recorder.on(reported(session({ kind: 'vu_started' })));
    const ticks = recorder.takeTick(30_000, true);
    const totals = totalsOf([...ticks, ...ticks]);
    expect(contents(totals)).toEqual(contents(totalsOf(ticks)));
    expect([totals.tickCount, totals.duplicateCount]).toEqual([1, 1]);
  });

  test('the same number of another worker or box is another tick', () => {
    const tick = (box: string, worker: number): Tick => ({
      ...(recorderOf(worker).takeTick(1)[0] as Tick),
      box,
    });
    expect(totalsOf([tick('a', 0), tick('a', 1), tick('b', 0)]).duplicateCount).toBe(0);
  });

  test('a tick with a damaged histogram is refused whole', () => {
    const recorder = recorderOf();
    recorder.on(reported(player('hls', { kind: 'first_frame', sinceStartMs: 5 })));
    const [tick] = recorder.takeTick(30_000) as [Tick];
    const [key = ''] = Object.keys(tick.histograms);
    const damaged = { ...tick, histograms: { [key]: { ...tick.histograms[key], count: 2 } } } as Tick;
    const totals = createTotals();
    expect(() => addTick(totals, damaged)).toThrow(ProtocolError);
    expect(contents(totals)).toEqual(contents(createTotals()));
    addTick(totals, tick);
    expect(totals.tickCount).toBe(1);
  });

  test('gauges are summed or the highest over workers, by the latest tick of each', () => {
    const ticks = [1, 2].flatMap((worker) => {
      const recorder = recorderOf(worker);
      recorder.gauge('vus_watching_count', 99);
      recorder.gauge('rss_bytes', worker * 1000);
      const first = recorder.takeTick(1000);
      recorder.gauge('vus_watching_count', worker * 10);
      return [...recorder.takeTick(2000), ...first];
    });
    const totals = totalsOf(ticks);
    expect(gaugeNow(totals, 'vus_watching_count')).toBe(30);
    expect(gaugeNow(totals, 'rss_bytes')).toBe(2000);
    expect(gaugeNow(totals, 'clock_jump_ms')).toBeUndefined();
    expect(totals.concurrency.max).toBe(198);
    expect(totals.watchingMs).toBe(99_000 * 2 + 30_000);
  });
});

describe('sequence numbers', () => {
  test('any order of any numbers gives the gaps and repetitions that a set gives', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 60 }), (seqs) => {
        const set = new SeqSet();
        const plain = new Set<number>();
        for (const seq of seqs) {
          expect(set.add(seq)).toBe(!plain.has(seq));
          plain.add(seq);
        }
        const highest = seqs.length === 0 ? undefined : Math.max(...seqs);
        let gaps = 0;
        for (let seq = 0; seq < (highest ?? 0); seq++) {
          if (!plain.has(seq) && (plain.has(seq + 1) || seq + 1 === highest)) gaps += 1;
        }
        expect(set.highest).toBe(highest);
        expect(set.gaps).toBe(gaps);
      }),
    );
  });
});

describe('viewers at once', () => {
  test('the sum over workers of one second, at its highest, whatever the order', () => {
    const report = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(30), fc.nat(100));
    fc.assert(
      fc.property(fc.array(report, { minLength: 1, maxLength: 60 }), (reports) => {
        const forward = new Concurrency();
        const backward = new Concurrency();
        const plain = new Map<number, Map<string, number>>();
        for (const [who, second, value] of reports) {
          forward.add(who, second * 1000 + 5, value);
          const workers = plain.get(second) ?? new Map<string, number>();
          plain.set(second, workers.set(who, Math.max(value, workers.get(who) ?? 0)));
        }
        for (const [who, second, value] of [...reports].reverse())
          backward.add(who, second * 1000 + 5, value);
        const sums = [...plain.values()].map((workers) => [...workers.values()].reduce((a, b) => a + b, 0));
        expect(forward.max).toBe(Math.max(...sums));
        expect(backward.max).toBe(forward.max);
      }),
    );
  });

  test('seconds long past are settled and forgotten', () => {
    const concurrency = new Concurrency();
    for (let second = 0; second < 5000; second++)
      concurrency.add('a', second * 1000, second === 17 ? 80 : 50);
    concurrency.add('b', 17_000, 80);
    expect(concurrency.max).toBe(80);
  });
});
