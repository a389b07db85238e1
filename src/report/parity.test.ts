import { expect, test } from 'vitest';
import { healthyRun } from '../../test/support/measured.js';
import { reportInputOf } from '../../test/support/report-input.js';
import { parityRows } from './parity.js';
import type { ReportBox, ReportRecord } from './report-input.js';

const run = reportInputOf(healthyRun());
const elsewhere = {
  ...{ ...run.record, embeddedStage: false },
  target: { ...run.record.target, apiUrl: 'https://staging.example.com' },
};
/** A coordinator that has all that the load must have, whatever its boxes have. */
const host = { name: 'head', os: 'linux 6.1', usable: { cores: 16, memoryBytes: 64e9 } };

const box = (hostname: string, facts: Partial<ReportBox> = {}): ReportBox => ({
  ...{ hostname, os: 'linux 6.1', cores: 2, memoryBytes: 2e9 },
  ...facts,
});

/** `component -> here, state` of the load's own side. */
function loadRows(record: Partial<ReportRecord>): Record<string, string> {
  const rows = parityRows({ ...run, record: { ...elsewhere, host, ...record } });
  return Object.fromEntries(
    rows
      .filter(({ component }) => component.includes('load (4.3)'))
      .map(({ component, here, state }) => [component.split(' ')[0], `${here}, ${state}`]),
  );
}

test('a run on one machine is held against that machine', () => {
  expect(loadRows({})).toEqual({
    ...{ Cores: '16, met', Memory: '64.0 GB, met', System: 'linux 6.1, met' },
  });
  expect(loadRows({ host: { name: 'old' } })).toEqual({
    ...{ Cores: 'not recorded, unknown', Memory: 'not recorded, unknown', System: 'not recorded, unknown' },
  });
});

test('a run over boxes is held against its boxes, not against the machine of its coordinator', () => {
  expect(loadRows({ fleet: { boxes: [box('h1'), box('h2')] } })).toEqual({
    ...{ Cores: '4 on 2 machines, met', Memory: '4.0 GB on 2 machines, met', System: 'linux 6.1, met' },
  });
  const weak = [box('h1', { cores: 1, memoryBytes: 1e9 }), box('h2', { os: 'darwin 23' })];
  expect(loadRows({ fleet: { boxes: weak } })).toEqual({
    Cores: '3 on 2 machines, differs',
    ...{ Memory: '3.0 GB on 2 machines, differs', System: 'linux 6.1, darwin 23, differs' },
  });
});

test('a target that has the host name of a load box shares its machine with the load', () => {
  const placeOf = (record: Partial<ReportRecord>): unknown =>
    parityRows({ ...run, record: { ...elsewhere, ...record } }).find(({ component }) =>
      component.startsWith('Load from'),
    );
  const other = { here: 'the target is another host', state: 'met' };
  const shared = { here: 'no: target and load share a machine', state: 'differs' };
  expect(placeOf({})).toMatchObject(other);
  expect(placeOf({ fleet: { boxes: [box('h1')] } })).toMatchObject(other);
  const target = { ...elsewhere.target, flvUrl: 'http://media:8080/live' };
  expect(placeOf({ fleet: { boxes: [box('h1'), box('Media')] }, target })).toMatchObject(shared);
  expect(placeOf({ target: { ...target, hlsUrl: 'http://127.0.0.1:8080' } })).toMatchObject(shared);
});

test('boxes of one machine have its cores once, and a box that does not tell its system leaves that open', () => {
  const boxes = [box('h1'), box('h1'), box('h1')];
  expect(loadRows({ fleet: { boxes } })).toMatchObject({ Cores: '2, differs', Memory: '2.0 GB, differs' });
  const { os: _, ...silent } = box('h2');
  expect(loadRows({ fleet: { boxes: [box('h1'), silent] } })).toMatchObject({
    System: 'not recorded, unknown',
  });
});
