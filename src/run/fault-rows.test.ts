import { describe, expect, test } from 'vitest';
import { measureIn, phasesOf, session } from '../../test/support/measured.js';
import type { FaultClass } from '../events.js';
import type { FaultStep } from '../scenarios/fault-step.js';
import type { Plan } from '../scenarios/plan.js';
import { RECOVERY } from '../scenarios/profiles/recovery.js';
import { RECOVERY_KPIS } from '../stats/kpi-rows-recovery.js';
import type { FaultRecord } from './fault-history.js';
import {
  faultNotes,
  faultNotMade,
  plannedFaults,
  rowsSpoilt,
  rowsUnseen,
  rowsWithoutFault,
} from './fault-rows.js';

const ALL = Object.keys(RECOVERY_KPIS);

function step(breaks: FaultClass, forMs = 5000, graceMs = 45_000): FaultStep {
  const action = { on: 'run', command: 'x', timeLimitMs: 1000 } as const;
  return { name: `${breaks}-${forMs}`, stage: 'hold', atMs: 2000, forMs, action, breaks, graceMs };
}

const made = (changes: Partial<FaultRecord>): FaultRecord => {
  return {
    name: 'cut',
    breaks: 'network',
    what: 'network partition for 5 s',
    begunAtMs: 300_200,
    ...changes,
  };
};

test('planned faults stand in run.json with their times in the run; one without its stage is none', () => {
  const plan = { phases: [{ name: 'hold', role: 'hold', fromMs: 10_000, toMs: 60_000 }] } as unknown as Plan;
  expect(plannedFaults([step('network'), { ...step('media'), stage: 'elsewhere' }], plan)).toEqual([
    { name: 'network-5000', breaks: 'network', what: '`x` for 5 s', fromMs: 12_000, toMs: 17_000 },
  ]);
});

describe('rows that the faults of a profile cannot fill', () => {
  test('are none of the profile that has a fault for each', () => {
    expect(rowsWithoutFault(RECOVERY.faults ?? [])).toEqual({});
  });

  test('are all without any, and with one that breaks nothing that a row is about', () => {
    const reason = 'no fault of this profile fills this row';
    const all = Object.fromEntries(ALL.map((id) => [id, reason]));
    expect(rowsWithoutFault([])).toEqual(all);
    expect(rowsWithoutFault([step('other')])).toEqual(all);
  });

  test.each<[FaultClass, readonly string[]]>([
    ['network', ['recovered_network', 'rooms_repopulated', 'socket_reconnect_p95']],
    ['media', ['media_answers_again', 'resumed_media']],
  ])('are the others of one that breaks %s', (breaks, filled) => {
    expect(Object.keys(rowsWithoutFault([step(breaks)])).sort()).toEqual(
      ALL.filter((id) => !filled.includes(id)).sort(),
    );
  });

  test('are those of a long loss, where the publisher is not gone for longer than the platform waits', () => {
    const why = 'the publisher is gone for 45 s at most, and the platform waits 45 s';
    const short = rowsWithoutFault([step('publisher'), step('publisher', 45_000)]);
    expect(short).toMatchObject({ stream_ended_heard: why, stream_states: why });
    expect(short.resumed_publisher).toBeUndefined();
    const long = rowsWithoutFault([step('publisher'), step('publisher', 45_001)]);
    expect([long.stream_ended_heard, long.stream_states]).toEqual([undefined, undefined]);
    const impatient = rowsWithoutFault([step('publisher', 5000, 4000)]);
    expect(impatient.stream_states).toBeUndefined();
  });
});

describe('rows without data', () => {
  test('are those of a fault that could not be made, or not be mended, and no others', () => {
    const spoilt = rowsSpoilt([
      made({ name: 'well', breaks: 'media' }),
      { name: 'cut', breaks: 'network', failed: 'exit code 1' },
      made({ name: 'gone', breaks: 'publisher', failed: 'HTTP 409' }),
    ]);
    expect(spoilt).toEqual({
      recovered_network: 'fault cut could not be made: exit code 1',
      rooms_repopulated: 'fault cut could not be made: exit code 1',
      socket_reconnect_p95: 'fault cut could not be made: exit code 1',
      resumed_publisher: 'fault gone could not be mended: HTTP 409',
      stream_ended_heard: 'fault gone could not be mended: HTTP 409',
      stream_states: 'fault gone could not be mended: HTTP 409',
    });
  });

  test('name the first fault that spoilt them', () => {
    const twice = rowsSpoilt([made({ failed: 'one' }), made({ name: 'again', failed: 'two' })]);
    expect(twice.recovered_network).toBe('fault cut could not be mended: one');
  });
});

test('a fault that no row tells of makes the run another one than was asked for, when it was not made', () => {
  expect(faultNotMade([made({ failed: 'gone' }), made({ breaks: 'other' })])).toBeUndefined();
  expect(faultNotMade([made({ name: 'disk', breaks: 'other', failed: 'exit code 1' })])).toBe(
    'fault disk could not be made or mended: exit code 1',
  );
});

describe('what a reader is told', () => {
  const begun = 'fault cut (network partition for 5 s) from 5:00.2';

  test.each<[string, FaultRecord, boolean, string]>([
    ['it was mended', made({ endedAtMs: 305_260 }), true, `${begun} to 5:05.3`],
    [
      'it was mended early',
      made({ endedAtMs: 302_000, early: true }),
      false,
      `${begun} to 5:02.0, mended early because the run ended`,
    ],
    ['it lasts as long as the run goes', made({}), true, begun],
    [
      'nobody knows that it was mended',
      made({}),
      false,
      `${begun}: never mended as far as this run knows, look after it by hand`,
    ],
    [
      'it was undone later',
      made({ undone: true, endedAtMs: 1 }),
      false,
      `${begun}: mended after the run was gone`,
    ],
    [
      'nobody could undo it',
      made({ undone: false }),
      false,
      `${begun}: NOT mended: the undo failed, see events.ndjson`,
    ],
    [
      'it could not be made',
      { name: 'cut', breaks: 'network', failed: 'exit code 1' },
      true,
      'fault cut could not be made: exit code 1',
    ],
    ['it could not be mended', made({ failed: 'HTTP 409' }), true, 'fault cut could not be mended: HTTP 409'],
    [
      'only its supervisor could mend it',
      made({ failed: 'HTTP 409', undone: true, endedAtMs: 320_000 }),
      true,
      'fault cut could not be mended: HTTP 409; undone at 5:20.0, when the run was over',
    ],
  ])('when %s', (_, record, completed, note) => {
    expect(faultNotes([record], completed)).toEqual([note]);
  });
});

describe('rows of a long loss of the publisher that nobody saw', () => {
  const phases = phasesOf(['first', 'fault', 60], ['second', 'fault', 60]);
  const loss = (name: string, fromMs: number, forMs = 50_000) => ({
    ...({ name, breaks: 'publisher', what: 'gone', fromMs, toMs: fromMs + forMs, graceMs: 45_000 } as const),
  });
  const planned = [loss('early', 1000), loss('late', 61_000)];
  const begun = planned.map(({ name, fromMs }) => made({ name, breaks: 'publisher', begunAtMs: fromMs }));
  const facedAt = (...instants: readonly number[]) =>
    measureIn(
      phases,
      instants.map((atMs) =>
        session({ kind: 'stream_end_faced', fault: 'publisher', inRoom: true, observes: true }, atMs),
      ),
    );

  test('have no data, although the other loss was seen by many', () => {
    const reasons = rowsUnseen(planned, begun, phases, facedAt(1000, 1001, 1002));
    expect(Object.keys(reasons)).toEqual(['stream_ended_heard', 'stream_states']);
    expect(reasons.stream_states).toBe(
      'not every loss of the publisher was seen (late): 0 viewers were there',
    );
  });

  test('are none where each was seen, or was not made, or was too short to end the stream', () => {
    expect(rowsUnseen(planned, begun, phases, facedAt(1000, 61_000))).toEqual({});
    expect(rowsUnseen(planned, begun.slice(0, 1), phases, facedAt(1000))).toEqual({});
    const short = [loss('early', 1000), loss('late', 61_000, 45_000)];
    expect(rowsUnseen(short, begun, phases, facedAt(1000))).toEqual({});
  });

  test('of two in one phase are told by their number', () => {
    const both = [loss('early', 1000, 46_000), loss('late', 50_000, 46_000)];
    expect(rowsUnseen(both, begun, phases, facedAt(1000)).stream_states).toContain(
      '(early, late): 1 viewers',
    );
    expect(rowsUnseen(both, begun, phases, facedAt(1000, 50_000))).toEqual({});
  });
});
