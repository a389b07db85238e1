import { describe, expect, it } from 'vitest';
import { HOSTILE, hostile } from '../../test/support/hostile-summary.js';
import { passedSummary } from '../../test/support/passed-summary.js';
import { elementsOf } from '../../test/support/xml.js';
import { junitXml } from './junit.js';
import type { KpiSummary, Summary } from './summary-schema.js';

const good = passedSummary();

/** The same with one row changed. */
function withRow(id: string, change: Partial<KpiSummary>, summary: Partial<Summary> = {}): Summary {
  return { ...good, ...summary, kpis: good.kpis.map((row) => (row.id === id ? { ...row, ...change } : row)) };
}

function casesOf(summary: Summary) {
  const elements = elementsOf(junitXml(summary));
  const cases = elements.filter(({ name }) => name === 'testcase');
  const of = (id: string) => cases.find(({ attributes }) => attributes.name?.includes(`[${id}]`));
  return { elements, cases, of, suite: elements.find(({ name }) => name === 'testsuite') };
}

/** What each element may hold and must have, by the schema that CI systems publish (Jenkins' junit-10.xsd). */
const SCHEMA: Readonly<Record<string, { readonly has: readonly string[]; readonly in: readonly string[] }>> =
  {
    testsuites: { has: ['name', 'tests', 'failures', 'errors', 'time'], in: [''] },
    testsuite: {
      has: ['name', 'tests', 'failures', 'errors', 'skipped', 'time', 'timestamp', 'hostname'],
      in: ['testsuites'],
    },
    properties: { has: [], in: ['testsuite'] },
    property: { has: ['name', 'value'], in: ['properties'] },
    testcase: { has: ['classname', 'name', 'time'], in: ['testsuite'] },
    failure: { has: ['message', 'type'], in: ['testcase'] },
    error: { has: ['message', 'type'], in: ['testcase'] },
    skipped: { has: ['message'], in: ['testcase'] },
  };

describe('junitXml', () => {
  it('says over how many load boxes the run was', () => {
    const boxesOf = (summary: typeof good) =>
      casesOf(summary)
        .elements.filter(({ attributes }) => attributes.name === 'boxes')
        .map(({ attributes }) => attributes.value);
    expect(boxesOf({ ...good, run: { ...good.run, boxes: 3 } })).toEqual(['3']);
    expect(boxesOf(good)).toEqual([]);
  });

  it('has a case per KPI and one for the run, and counts them right', () => {
    const { cases, suite } = casesOf(good);
    expect(cases).toHaveLength(good.kpis.length + 1);
    expect(suite?.attributes).toMatchObject({ tests: String(cases.length), failures: '0', errors: '0' });
    const unjudged = good.kpis.filter(({ status }) => status === 'not_judged').length;
    expect(suite?.attributes.skipped).toBe(String(unjudged));
  });

  it.each([
    { status: 'fail', mandatory: true, kind: 'failure' },
    { status: 'no_data', mandatory: true, kind: 'error' },
    { status: 'not_judged', mandatory: true, kind: 'skipped' },
    { status: 'fail', mandatory: false, kind: 'skipped' },
    { status: 'pass', mandatory: true, kind: undefined },
  ] as const)('a row that is $status and mandatory $mandatory is $kind', ({ status, mandatory, kind }) => {
    const summary = withRow('api_success', { status, mandatory, reason: 'the words of it', value: 87.5 });
    const found = casesOf(summary).of('api_success')?.children[0];
    expect(found?.name).toBe(kind);
    if (status === 'fail') expect(found?.attributes.message).toContain('87.5 %, wanted > 99 %');
    if (status === 'no_data' || status === 'not_judged')
      expect(found?.attributes.message).toBe('the words of it');
  });

  it('blames no row of an invalid run, and the run itself', () => {
    const reasons = [{ code: 'lagged_time', text: 'our own event loop held up 7 %' }];
    const summary = withRow(
      'api_success',
      { status: 'fail' },
      { verdict: 'invalid', invalidReasons: reasons },
    );
    const { cases, of, suite } = casesOf(summary);
    expect(of('api_success')?.children[0]?.name).toBe('skipped');
    expect(cases[0]?.children[0]).toMatchObject({ name: 'error', attributes: { type: 'invalid' } });
    expect(suite?.attributes).toMatchObject({ failures: '0', errors: '1' });
  });

  it('says that a run did not come to its end', () => {
    expect(casesOf({ ...good, exitCode: 105 }).cases[0]?.children[0]?.attributes.type).toBe('stopped');
    expect(casesOf({ ...good, exitCode: 99 }).cases[0]?.children).toEqual([]);
  });

  it('is of the elements and attributes that CI systems read, whatever others wrote into it', () => {
    for (const summary of [good, hostile(good), hostile({ ...good, verdict: 'invalid' })]) {
      const { elements } = casesOf(summary);
      for (const { name, parent, attributes } of elements) {
        expect(Object.keys(attributes), name).toEqual(SCHEMA[name]?.has);
        expect(SCHEMA[name]?.in, name).toContain(parent);
      }
    }
  });

  it('keeps hostile words as they are but for what XML has no character for', () => {
    const { suite } = casesOf(hostile(good));
    expect(suite?.attributes.hostname).toBe(HOSTILE.replaceAll('\u0000', '?').replaceAll('\u001b', '?'));
  });
});
