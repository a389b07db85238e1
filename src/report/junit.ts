import { EXIT } from './exit-codes.js';
import { outcomeText, rankedRows } from './ranked-rows.js';
import type { KpiSummary, Summary } from './summary-schema.js';
import { formatVerdictLine } from './verdict-line.js';

interface Case {
  readonly classname: string;
  readonly name: string;
  /** Absent = passed. */
  readonly result?: {
    readonly kind: 'failure' | 'error' | 'skipped';
    readonly message: string;
    readonly type: string;
  };
}

/**
 * The result as `junit.xml`: a case per KPI and one for the run itself, in the elements and attributes that CI systems
 * read (Jenkins' junit-10.xsd, GitLab, Azure).
 *
 * | case | when |
 * |---|---|
 * | failure | a mandatory KPI failed |
 * | error | a mandatory KPI has no data; the run is invalid or did not come to its end |
 * | skipped | not judged; advisory and no pass, which decides nothing; any KPI of an invalid run |
 */
export function junitXml(summary: Summary): string {
  const { run, vus, gate } = summary;
  const suite = `dorami-load ${run.profile}`;
  const cases = [
    runCase(summary, suite),
    ...rankedRows(summary.kpis).map((row) => kpiCase(row, summary, suite)),
  ];
  const counted = (kind: string): number => cases.filter(({ result }) => result?.kind === kind).length;
  const seconds = (run.measuredMs / 1000).toFixed(3);
  const counts = { tests: cases.length, failures: counted('failure'), errors: counted('error') };
  const facts = {
    gate,
    target: run.target,
    vus: vus.planned,
    seed: run.seed,
    ...(run.boxes === undefined ? {} : { boxes: run.boxes }),
    version: run.version,
    id: run.id,
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'dorami-load', ...counts, time: seconds })}>`,
    `  <testsuite${attributes({
      name: suite,
      ...counts,
      skipped: counted('skipped'),
      time: seconds,
      timestamp: run.startedAt.replace(/\.\d+Z$/, ''),
      hostname: run.host,
    })}>`,
    '    <properties>',
    ...Object.entries(facts).map(([name, value]) => `      <property${attributes({ name, value })}/>`),
    '    </properties>',
    ...cases.map(caseXml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function runCase(summary: Summary, classname: string): Case {
  const name = 'the run is valid and came to its end';
  if (summary.verdict === 'invalid') {
    const message = summary.invalidReasons.map(({ text }) => text).join('; ');
    return { classname, name, result: { kind: 'error', type: 'invalid', message } };
  }
  const { exitCode } = summary;
  if (exitCode !== EXIT.stopped && exitCode !== EXIT.internal) return { classname, name };
  const type = exitCode === EXIT.stopped ? 'stopped' : 'internal';
  const message = `exit ${exitCode}; measured until then: ${formatVerdictLine(summary)}`;
  return { classname, name, result: { kind: 'error', type, message } };
}

function kpiCase(row: KpiSummary, { verdict }: Summary, suite: string): Case {
  const named = {
    classname: `${suite}.${row.mandatory ? 'mandatory' : 'advisory'}`,
    name: `${row.title} [${row.id}]`,
  };
  if (row.status === 'pass' && verdict !== 'invalid') return named;
  const words = outcomeText(row);
  const skipped = (message: string, type: string): Case => ({
    ...named,
    result: { kind: 'skipped', message, type },
  });
  if (row.status === 'not_judged') return skipped(words, 'not_judged');
  if (verdict === 'invalid') return skipped(`the run is invalid; measured: ${words}`, 'invalid');
  if (!row.mandatory) return skipped(`advisory, decides nothing: ${words}`, row.status);
  const kind = row.status === 'fail' ? 'failure' : 'error';
  return { ...named, result: { kind, message: words, type: row.status } };
}

function caseXml({ classname, name, result }: Case): string {
  const head = `    <testcase${attributes({ classname, name, time: '0' })}`;
  if (result === undefined) return `${head}/>`;
  const { kind, message, type } = result;
  // `skipped` has no type in the schema.
  const inner = attributes({ message, ...(kind === 'skipped' ? {} : { type }) });
  return `${head}>\n      <${kind}${inner}/>\n    </testcase>`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${xml(String(value))}"`)
    .join('');
}

/** A text as an attribute's value; what XML 1.0 (2.2) has no character for is `?`. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\t\n\r]/g, (space) => `&#${space.charCodeAt(0)};`);
}
