import { expect, test } from 'vitest';
import { PlatformCurves } from './platform-curves.js';

const EVERY_MS = 5000;

function curvesOf(atMs: readonly number[], more: (at: number) => object = () => ({})): PlatformCurves {
  const curves = new PlatformCurves(120_000, EVERY_MS);
  for (const at of atMs) curves.add({ atMs: at, process: { srs: { cpu_pct: at / 1000 } }, ...more(at) });
  return curves;
}

test('a reading stands for the interval before it: no holes between readings that came in time', () => {
  const curves = curvesOf([5000, 10_000, 15_000]);
  const drawn = [5, 6, 7, 8, 9, 10, 11].map((s) =>
    curves.at('process.srs.cpu_pct', s * 1000, s * 1000 + 1000),
  );
  expect(drawn).toEqual([5, 10, 10, 10, 10, 10, 15]);
});

test('a gap is one: nothing is drawn where nothing was read', () => {
  const curves = curvesOf([5000, 10_000, 60_000]);
  expect(curves.at('process.srs.cpu_pct', 20_000, 30_000)).toBeUndefined();
  expect(curves.at('process.srs.cpu_pct', 40_000, 50_000)).toBeUndefined();
  expect(curves.at('process.srs.cpu_pct', 55_000, 56_000)).toBe(60);
  expect(curves.at('process.srs.cpu_pct', 70_000, 80_000)).toBeUndefined();
  expect(curves.at('no.such.place', 0, 80_000)).toBeUndefined();
});

test('silence is told from its first line to the first that is there again, a hole of the collector too', () => {
  const silent = (at: number): object =>
    at === 10_000 || at === 15_000 ? { gaps: { redis: 'refused' } } : {};
  const curves = curvesOf([5000, 10_000, 15_000, 20_000, 60_000], silent);
  expect(curves.silent()).toEqual([
    { source: 'redis', fromMs: 10_000, toMs: 20_000, why: 'refused' },
    { source: 'collector', fromMs: 20_000, toMs: 60_000, why: 'it wrote nothing' },
  ]);
});

test('what is silent to the end has no end, and restarts are told', () => {
  const curves = curvesOf([5000, 10_000], (at) =>
    at === 10_000 ? { gaps: { srs: 'gone' }, restarted: ['redis'] } : {},
  );
  expect(curves.silent()).toEqual([{ source: 'srs', fromMs: 10_000, why: 'gone' }]);
  expect(curves.restarts()).toEqual([{ source: 'redis', atMs: 10_000 }]);
  expect(curves.names('process')).toEqual(['srs']);
});
