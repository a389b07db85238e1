import { describe, expect, test } from 'vitest';
import { contextOf, measure, session, times } from '../../test/support/measured.js';
import type { FaultClass, RecoveryEvent, ViewerEvent } from '../events.js';
import { judge, type RowResult } from './gate.js';
import type { Kpi } from './kpi.js';
import { RECOVERY_KPIS, ROWS_OF_FAULT, ROWS_OF_LONG_LOSS } from './kpi-rows-recovery.js';
import type { MetricName } from './metrics.js';
import { createSight } from './sight.js';
import { createView, type View } from './view.js';

type RowId = keyof typeof RECOVERY_KPIS;
const IDS = Object.keys(RECOVERY_KPIS) as RowId[];
const CONTEXT = contextOf({ rows: IDS });

function row(id: RowId, events: readonly ViewerEvent[], changes = {}): RowResult {
  const { rows } = judge(measure(events), { ...CONTEXT, ...changes });
  return rows.find((each) => each.id === id) as RowResult;
}

type WithoutFault<E> = E extends unknown ? Omit<E, 'fault'> : never;
const of = (fault: FaultClass, event: WithoutFault<RecoveryEvent>): ViewerEvent =>
  session({ ...event, fault } as RecoveryEvent);

/** 1000 viewers, `bad` of them one way, the rest another. */
function crowd(bad: number, good: ViewerEvent, failed: ViewerEvent): ViewerEvent[] {
  return [...times(1000 - bad, () => good), ...times(bad, () => failed)];
}

const recovered = (bad: number): ViewerEvent[] => [
  ...times(1000, () => of('network', { kind: 'fault_faced' })),
  ...crowd(
    bad,
    of('network', { kind: 'recovered', afterMs: 5000 }),
    of('network', { kind: 'recovered', afterMs: 5000.001 }),
  ),
];
const resumed =
  (fault: FaultClass) =>
  (bad: number): ViewerEvent[] => [
    ...times(1000, () => of(fault, { kind: 'fault_faced' })),
    ...crowd(
      bad,
      of(fault, { kind: 'picture_back', afterMs: 10_000 }),
      of(fault, { kind: 'picture_back', afterMs: 10_000.001 }),
    ),
  ];
const mediaBackAt = (ms: number): ViewerEvent[] => [
  of('media', { kind: 'media_back', sinceBegunMs: ms }),
  ...times(99, () => of('media', { kind: 'media_back', sinceBegunMs: ms + 5000 })),
];
const rooms = (bad: number): ViewerEvent[] => [
  // Whatever happens after another fault, and in another room, does not thin out what is missing here.
  ...times(5000, () => of('publisher', { kind: 'room_faced', namespace: '/' })),
  ...times(5000, () => of('publisher', { kind: 'room_back', namespace: '/', afterMs: 10 })),
  ...times(1001, () => of('network', { kind: 'room_faced', namespace: '/chat' })),
  of('network', { kind: 'room_excused', namespace: '/chat' }),
  ...crowd(
    bad,
    of('network', { kind: 'room_back', namespace: '/chat', afterMs: 15_000 }),
    of('network', { kind: 'room_not_back', namespace: '/chat' }),
  ),
];
const reconnected = (ms: number): ViewerEvent[] =>
  times(20, () => of('network', { kind: 'reconnected_after_fault', afterMs: ms }));
const inRoom = (count: number): ViewerEvent[] =>
  times(count, () => of('publisher', { kind: 'stream_end_faced', inRoom: true, observes: false }));
const observers = (count: number): ViewerEvent[] =>
  times(count, () => of('publisher', { kind: 'stream_end_faced', inRoom: false, observes: true }));
const heard = (bad: number): ViewerEvent[] => [
  ...inRoom(1000),
  ...crowd(
    bad,
    of('publisher', { kind: 'stream_end_judged', heard: true }),
    of('publisher', { kind: 'stream_end_judged', heard: false }),
  ),
];
const states = (bad: number): ViewerEvent[] => [
  ...observers(5),
  ...times(10, (i) =>
    of('publisher', { kind: 'stream_state_judged', to: i < 5 ? 'offline' : 'live', seen: i >= bad }),
  ),
];

const CASES: Readonly<
  Record<RowId, { make(x: number): ViewerEvent[]; good: number; justGood: number; justBad: number }>
> = {
  recovered_network: { make: recovered, good: 0, justGood: 49, justBad: 50 },
  resumed_publisher: { make: resumed('publisher'), good: 0, justGood: 50, justBad: 51 },
  media_answers_again: { make: mediaBackAt, good: 5200, justGood: 30_000, justBad: 30_000.001 },
  resumed_media: { make: resumed('media'), good: 0, justGood: 50, justBad: 51 },
  rooms_repopulated: { make: rooms, good: 0, justGood: 50, justBad: 51 },
  socket_reconnect_p95: { make: reconnected, good: 1200, justGood: 2999.999, justBad: 3000 },
  stream_ended_heard: { make: heard, good: 0, justGood: 10, justBad: 11 },
  stream_states: { make: states, good: 0, justGood: 0, justBad: 1 },
};

describe.each(IDS)('%s', (id) => {
  const { make, good, justGood, justBad } = CASES[id];

  test('passes', () => {
    expect(row(id, make(good))).toMatchObject({ status: 'pass', reason: '' });
  });

  test('passes just on the good side of its bound', () => {
    expect(row(id, make(justGood)).status).toBe('pass');
  });

  test('fails just on the bad side of its bound', () => {
    expect(row(id, make(justBad)).status).toBe('fail');
  });

  test('without samples has no data and no value that looks like one', () => {
    expect(row(id, [])).toMatchObject({ status: 'no_data', samples: 0 });
    expect(row(id, []).value).toBeUndefined();
  });

  test('has no data when its fault could not be made, however well all went', () => {
    const reason = 'fault partition could not be made: the stage cannot be reached';
    expect(row(id, make(good), { spoilt: { [id]: reason } })).toMatchObject({ status: 'no_data', reason });
  });

  test('is computed from the metrics that it names and no others', () => {
    const read = new Set<MetricName>();
    const note = <A extends unknown[], R>(fn: (name: never, ...rest: A) => R) => {
      return (name: MetricName, ...rest: A): R => {
        read.add(name);
        return fn(name as never, ...rest);
      };
    };
    const totals = measure(make(good));
    const { count, byLabel, spread } = createView(totals);
    const view = { count: note(count), byLabel: note(byLabel), spread: note(spread) } as View;
    const kpi: Kpi = RECOVERY_KPIS[id];
    kpi.compute(view, view, createSight(totals, CONTEXT));
    expect([...read].sort()).toEqual([...kpi.metrics].sort());
  });
});

describe('what is missing', () => {
  test('counts as not recovered, by what is missing', () => {
    const events = [
      ...times(100, () => of('network', { kind: 'fault_faced' })),
      ...times(90, () => of('network', { kind: 'recovered', afterMs: 900 })),
      ...times(10, () => of('network', { kind: 'not_recovered', missing: 'socket' })),
    ];
    const { status, value, beside } = row('recovered_network', events);
    expect({ status, value }).toEqual({ status: 'fail', value: 90 });
    expect(beside).toMatchObject({ without_socket: 10, without_picture: 0 });
  });

  test('media that never came back is judged by how long viewers waited for it', () => {
    const waiting = (ms: number): ViewerEvent[] =>
      times(100, () => of('media', { kind: 'media_not_back', waitedMs: ms }));
    expect(row('media_answers_again', waiting(35_000))).toMatchObject({ status: 'fail', value: 35_000 });
    // Who was lost at once did not wait.
    expect(row('media_answers_again', waiting(2000)).status).toBe('no_data');
  });

  test.each([
    ['resumed_publisher', resumed('publisher'), 'publisher'],
    ['resumed_media', resumed('media'), 'media'],
    ['recovered_network', recovered, 'network'],
  ] as const)(
    '%s: a second fault of which nobody told the outcome is no data, however well the first went',
    (id, make, fault) => {
      const unwatched = times(1000, () => of(fault, { kind: 'fault_faced' }));
      expect(row(id, make(0)).status).toBe('pass');
      expect(row(id, [...make(0), ...unwatched])).toMatchObject({
        status: 'no_data',
        reason: '1000 outcomes of 2000 viewers that faced it',
      });
    },
  );

  test('a room of which nobody told the outcome is no data, however well all others went', () => {
    const unwatched = times(20, () => of('media', { kind: 'room_faced', namespace: '/streaming' }));
    expect(row('rooms_repopulated', rooms(0)).status).toBe('pass');
    expect(row('rooms_repopulated', [...rooms(0), ...unwatched])).toMatchObject({
      status: 'no_data',
      reason: '0 outcomes of 20 viewers in the room media_streaming',
    });
    // Who joins for others to hear, or is lost, has nothing to tell of it.
    const excused = times(20, () => of('media', { kind: 'room_excused', namespace: '/streaming' }));
    expect(row('rooms_repopulated', [...rooms(0), ...unwatched, ...excused]).status).toBe('pass');
  });

  test('a second long loss that nobody watched is no data, however well the first went', () => {
    expect(row('stream_ended_heard', [...heard(0), ...inRoom(1000)])).toMatchObject({
      status: 'no_data',
      reason: '1000 outcomes of 2000 viewers in the room',
    });
    expect(row('stream_states', [...states(0), ...observers(5)])).toMatchObject({
      status: 'no_data',
      reason: '10 outcomes of 20 changes that observers waited for',
    });
  });

  test('more outcomes than viewers that faced the fault are no data', () => {
    const events = times(100, () => of('network', { kind: 'recovered', afterMs: 900 }));
    expect(row('recovered_network', events).status).toBe('no_data');
  });
});

test('each row is filled by a fault of some class, and the long loss is one of a publisher', () => {
  expect(new Set(Object.values(ROWS_OF_FAULT).flat())).toEqual(new Set(IDS));
  expect(ROWS_OF_FAULT.publisher).toEqual(expect.arrayContaining([...ROWS_OF_LONG_LOSS]));
});
