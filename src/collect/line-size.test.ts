import { expect, it } from 'vitest';
import { absentSections } from './absent.js';
import { FIELDS } from './fields.js';
import { type LineParts, lineOf, type SystemLine } from './line.js';
import { systemLineSchema } from './line-schema.js';
import type { SectionName, Values } from './reading.js';

/** Six hours, one line every 5 s. */
const LINES = (6 * 3600) / 5;
const MAX_BYTES = 500e6;
/** What the monitoring of six hours may take is 500 MB. */
const FAR_BELOW_BYTES = 200e6;

const NAMES = Array.from({ length: 8 }, (_, index) => `dorami-a-rather-long-name-of-container-${index}`);

/** Every field that there is, each as long as a number gets. */
function full(section: keyof typeof FIELDS): Values {
  return Object.fromEntries(Object.keys(FIELDS[section]).map((name) => [name, 123_456_789.123]));
}

/** Every second field is absent with a reason, too: more than any source has. */
function reasons(section: keyof typeof FIELDS): Record<string, string> {
  const names = Object.keys(FIELDS[section]).filter((_, index) => index % 2 === 0);
  return Object.fromEntries(
    names.map((name) => [name, 'a stream does not tell what it is asked for, of all']),
  );
}

function looks(of: (section: keyof typeof FIELDS) => LineParts['looks'][number]['look']): LineParts['looks'] {
  const source = (name: string, section: SectionName, key?: string) => ({
    ...{ name, section, read: () => Promise.reject(new Error('never asked')) },
    ...(key === undefined ? {} : { key }),
  });
  const single = (['host', 'generator', 'nginx', 'srs', 'backend', 'redis', 'postgres'] as const).map(
    (section) => ({ source: source(section, section), look: of(section) }),
  );
  const many = (['docker', 'process'] as const).flatMap((section) =>
    NAMES.map((name) => ({ source: source(`${section}.${name}`, section, name), look: of(section) })),
  );
  return [...single, ...many];
}

function lineFrom(parts: LineParts['looks']): SystemLine {
  return lineOf({
    ...{ epochMs: Date.UTC(2026, 10, 23), intervalMs: 5000.123, looks: parts, absent: absentSections({}) },
  });
}

function bytesOf(parts: LineParts['looks']): number {
  const line = lineFrom(parts);
  expect(systemLineSchema.safeParse(line).error).toBeUndefined();
  return Buffer.byteLength(`${JSON.stringify({ ...line, atMs: 21_600_000.123 })}\n`);
}

it('the lines of six hours with eight containers and everything that can be asked are far below 500 MB', () => {
  const bytes = bytesOf(
    looks((section) => ({
      reading: { values: full(section), absent: reasons(section), spanMs: 5000.123, restarted: true },
    })),
  );
  // Otherwise the fields were not there.
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes * LINES).toBeLessThan(FAR_BELOW_BYTES);
});

it('and so are they when everything is a gap all the time', () => {
  const bytes = bytesOf(looks(() => ({ gap: 'x'.repeat(200) })));
  expect(bytes).toBeGreaterThan(200 * 20);
  expect(bytes * LINES).toBeLessThan(FAR_BELOW_BYTES);
});

it('and no configuration makes them longer: what does not fit is a gap of its own, and the rows of the gate stay', () => {
  const reading = (section: keyof typeof FIELDS) => ({
    reading: { values: full(section), absent: reasons(section), spanMs: 5000.123, restarted: true },
  });
  const page = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [
      `a_metric_of_some_exporter{instance="i${index}",path="/of/it"}`,
      1.5,
    ]),
  );
  const pages = Array.from({ length: 20 }, (_, index) => ({
    source: {
      ...{ name: `metrics.page-${index}`, section: 'metrics' as const, key: `page-${index}` },
      read: () => Promise.reject(new Error('never asked')),
    },
    look: { reading: { values: page, spanMs: 5000 } },
  }));
  const usual = looks(reading);
  const line = lineFrom([...usual, ...pages]);
  expect(line.metrics).toBeUndefined();
  expect(Object.keys(line.gaps)).toHaveLength(20);
  expect(line.gaps['metrics.page-7']).toBe('does not fit into a line of 110 kB');
  expect(Object.keys(line.docker ?? {})).toEqual(NAMES);
  expect(line.redis?.evicted_keys).toBeDefined();
  expect(bytesOf([...usual, ...pages]) * LINES).toBeLessThan(MAX_BYTES);
  // One page of them is no trouble.
  expect(Object.keys(lineFrom([...usual, ...pages.slice(0, 1)]).metrics ?? {})).toEqual(['page-0']);

  const many = Array.from({ length: 50 }, (_, index) => `another-long-name-of-a-container-${index}`);
  const crowd = (['docker', 'process'] as const).flatMap((section) =>
    many.map((name) => ({
      source: {
        ...{ name: `${section}.${name}`, section, key: name },
        read: () => Promise.reject(new Error('never asked')),
      },
      look: reading(section),
    })),
  );
  const crowded = lineFrom([...usual, ...crowd, ...pages]);
  expect(crowded.redis?.evicted_keys).toBeDefined();
  expect(bytesOf([...usual, ...crowd, ...pages]) * LINES).toBeLessThan(MAX_BYTES);
});
