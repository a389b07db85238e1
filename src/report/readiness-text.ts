import type { CriterionResult, CriterionStatus, Readiness } from './readiness.js';
import { createPaint, type Tone } from './style.js';
import { padEnd, printable, wrap } from './text-width.js';

const WIDTH = 80;
const INDENT = 17;
const WORDS: Readonly<Record<CriterionStatus, { readonly word: string; readonly tone: Tone }>> = {
  pass: { word: 'proven', tone: 'good' },
  fail: { word: 'FAILED', tone: 'bad' },
  not_proven: { word: 'not proven', tone: 'warn' },
};

/** The release verdict as a text to read. */
export function formatReadiness(result: Readiness, { color }: { readonly color: boolean }): string {
  const paint = createPaint(color);
  const tone: Tone = result.release === 'ready' ? 'good' : result.release === 'not_ready' ? 'bad' : 'warn';
  const lines = result.criteria.flatMap((criterion) => {
    const { word, tone: own } = WORDS[criterion.status];
    const head = `${padEnd(`#${criterion.number}`, 4)}${paint(padEnd(word, INDENT - 4), own)}${criterion.text}`;
    return [head, ...detailsOf(criterion).flatMap((text) => indented(text, INDENT))];
  });
  const runs = result.runs.flatMap(({ path, profile, verdict, doubts }) => [
    `${padEnd(profile, 10)} ${padEnd(verdict, 8)} ${printable(path)}`,
    ...(doubts.length > 0 ? indented(`proves nothing: ${doubts.join(', ')}`, 20) : []),
  ]);
  return [
    ...wrap(result.sentence, WIDTH).map((line) => paint(line, tone)),
    '',
    ...lines,
    '',
    paint('runs', 'strong'),
    ...runs,
    ...result.notes.flatMap((text) => indented(`note: ${text}`, 2)),
  ].join('\n');
}

function detailsOf({ status, reasons, seen }: CriterionResult): readonly string[] {
  return status === 'pass' ? seen : reasons;
}

function indented(text: string, by: number): string[] {
  return wrap(printable(text), WIDTH - by).map((line) => ' '.repeat(by) + line);
}

/** The same for a release's record, as Markdown. */
export function readinessMarkdown({ sentence, criteria, runs, notes }: Readiness): string {
  const rows = criteria.map((criterion) =>
    [
      String(criterion.number),
      criterion.text,
      criterion.scenarios.join(', '),
      `**${WORDS[criterion.status].word}**`,
      detailsOf(criterion).join('; '),
    ].map(cell),
  );
  const made = runs.map(({ path, profile, verdict, doubts }) =>
    [profile, verdict, path, doubts.join(', ') || 'none'].map(cell),
  );
  return `# Production readiness

**${sentence}**

| # | criterion (strategy 5.1) | from | result | evidence, or what is missing |
|---|---|---|---|---|
${rows.map(line).join('\n')}

## Runs

| scenario | verdict | run | why a pass in it proves nothing |
|---|---|---|---|
${made.map(line).join('\n')}
${notes.map((note) => `\n- ${cell(note)}`).join('')}
`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function cell(text: string): string {
  return printable(text).replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
