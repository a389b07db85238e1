import { expect, test } from 'vitest';
import type { ClockNews } from '../clock/clock-follower.js';
import type { ToWorker } from '../protocol.js';
import { tellOfClock } from './clock-news.js';
import type { PublisherClockLink, PublisherClockRecord } from './publisher-clock.js';

const READING = { offsetMs: 12, uncertaintyMs: 1, atEpochMs: 1000 };

function rig(record: PublisherClockRecord) {
  const sent: ToWorker[] = [];
  const remarks: string[] = [];
  let news: (one: ClockNews) => void = () => {};
  const link: PublisherClockLink = {
    state: { kind: 'unknown' },
    record,
    check: { part: 'clock', status: 'ok', text: '' },
    follow: (onNews) => {
      news = onNews;
    },
    close: () => {},
  };
  const intake = {
    remark: (what: string, atMs: number, detail: string) => remarks.push(`${atMs} ${what}: ${detail}`),
  };
  tellOfClock(link, { send: (message) => sent.push(message) }, intake, () => 500);
  return { sent, remarks, news: (one: ClockNews) => news(one) };
}

const MEASURED: PublisherClockRecord = { kind: 'measured', url: 'http://p', offsetMs: 12, uncertaintyMs: 1 };

test('each comparison is told to the workers', () => {
  const { sent, remarks, news } = rig(MEASURED);
  news({ kind: 'reading', reading: READING, steppedMs: 0 });
  expect(sent).toEqual([{ kind: 'publisher_clock', state: { kind: 'measured', reading: READING } }]);
  expect(remarks).toEqual([]);
});

test('a clock that was set is told with by how much, and stands in the events', () => {
  const { sent, remarks, news } = rig(MEASURED);
  news({ kind: 'reading', reading: READING, steppedMs: -999.6 });
  expect(sent).toEqual([
    { kind: 'publisher_clock', state: { kind: 'measured', reading: READING }, steppedMs: -999.6 },
  ]);
  expect(remarks).toEqual(["500 capture_clock_set: the publisher's clock or ours, by -1000 ms"]);
});

test('a gap is said once with its reason, and its end', () => {
  const { sent, remarks, news } = rig(MEASURED);
  for (let i = 0; i < 5; i++) news({ kind: 'gap', reason: 'the request failed (refused)' });
  news({ kind: 'reading', reading: READING, steppedMs: 0 });
  expect(remarks).toEqual([
    '500 capture_clock_gap: the request failed (refused)',
    '500 capture_clock_back: offset 12 ms',
  ]);
  expect(sent).toHaveLength(1);
});

test('a clock that could not be read before the run begins with its gap', () => {
  const { remarks, news } = rig({ kind: 'unknown', url: 'http://p', reason: 'HTTP 404' });
  news({ kind: 'reading', reading: READING, steppedMs: 0 });
  expect(remarks).toEqual(['500 capture_clock_gap: HTTP 404', '500 capture_clock_back: offset 12 ms']);
});

test('where nobody named a clock there is no gap', () => {
  expect(rig({ kind: 'unknown', reason: 'nobody named it' }).remarks).toEqual([]);
});
