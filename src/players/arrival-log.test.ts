import { expect, test } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { ArrivalLog } from './arrival-log.js';

function rig(offsetMs = 0, uncertaintyMs: number | undefined = 0) {
  const clock = new VirtualClock();
  const startEpochMs = clock.epochMs();
  const reports: { latenciesMs: number[]; beforeCapture: number }[] = [];
  const publisher = { offsetMs: () => offsetMs, uncertaintyMs: () => uncertaintyMs, coversServers: false };
  const log = new ArrivalLog(clock, publisher, (latenciesMs, beforeCapture) => {
    reports.push({ latenciesMs: [...latenciesMs], beforeCapture });
  });
  /** A picture captured at run ms `capturedAtMs` of the publisher's real time. */
  const picture = (capturedAtMs: number, atMs: number): void =>
    log.picture(startEpochMs + offsetMs + capturedAtMs, atMs);
  return { clock, log, reports, picture };
}

test('an arrival is the time from the capture to the last byte, whatever the offset of the clocks', () => {
  for (const offsetMs of [0, 40, -3_600_000]) {
    const { log, picture, reports } = rig(offsetMs);
    log.begin(1000);
    picture(1500, 1740);
    picture(1533, 1790);
    log.flush();
    expect(reports).toEqual([{ latenciesMs: [240, 257], beforeCapture: 0 }]);
  }
});

test('what was captured before the media was asked for lay in the server, and is left out', () => {
  const { log, picture, reports } = rig();
  log.begin(1000);
  picture(300, 1010);
  picture(999, 1010);
  log.flush();
  expect(reports).toEqual([]);
  log.begin(5000);
  picture(4900, 5010);
  picture(5000, 5010);
  log.flush();
  expect(reports).toEqual([{ latenciesMs: [10], beforeCapture: 0 }]);
});

test('a picture that came before its capture came at once, as far as the clocks are uncertain; beyond, a clock is wrong', () => {
  const { log, picture, reports } = rig(0, 5);
  log.begin(0);
  picture(104, 100);
  picture(110, 100);
  log.flush();
  expect(reports).toEqual([{ latenciesMs: [0], beforeCapture: 1 }]);
});

test('a log that is full is reported at once, and nothing is lost or said twice', () => {
  const { log, picture, reports } = rig();
  log.begin(0);
  for (let i = 0; i < 1000; i++) picture(i, i + i / 1000);
  log.flush();
  log.flush();
  const all = reports.flatMap(({ latenciesMs }) => latenciesMs);
  expect(all).toHaveLength(1000);
  for (const [i, latencyMs] of all.entries()) expect(latencyMs).toBeCloseTo(i / 1000, 3);
  expect(Math.max(...reports.map(({ latenciesMs }) => latenciesMs.length))).toBeLessThanOrEqual(128);
});
