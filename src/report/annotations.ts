import { EXIT } from './exit-codes.js';
import { outcomeText, rankedRows } from './ranked-rows.js';
import type { Summary } from './summary-schema.js';
import { formatVerdictLine, headline } from './verdict-line.js';

/** GitHub shows ten errors and ten warnings of a step; what is more is said in the last one. */
const MAX_PER_LEVEL = 10;

type Level = 'error' | 'warning' | 'notice';

interface Annotation {
  readonly level: Level;
  readonly title: string;
  readonly message: string;
}

/**
 * The result as workflow commands of GitHub Actions, one per line for stdout: an error per mandatory row that is no
 * pass, a warning per advisory one, or a notice that all is well. An invalid run is one error: its rows say nothing.
 */
export function annotationLines(summary: Summary): string[] {
  return annotations(summary).map(
    ({ level, title, message }) => `::${level} title=${property(title)}::${data(message)}`,
  );
}

function annotations(summary: Summary): Annotation[] {
  const { verdict, invalidReasons, exitCode } = summary;
  if (verdict === 'invalid') {
    const message = invalidReasons.map(({ text }) => text).join('; ');
    return [{ level: 'error', title: headline(summary), message }];
  }
  const rows = rankedRows(summary.kpis).filter(({ status }) => status === 'fail' || status === 'no_data');
  const of = (level: Level, mandatory: boolean): Annotation[] =>
    limited(
      rows
        .filter((row) => row.mandatory === mandatory)
        .map((row) => ({ level, title: row.title, message: outcomeText(row) })),
    );
  const found = [...of('error', true), ...of('warning', false)];
  if (exitCode === EXIT.stopped || exitCode === EXIT.internal) {
    const message = `measured until then: ${formatVerdictLine(summary)}`;
    found.unshift({
      level: 'error',
      title: `exit ${exitCode}: the run did not come to its end in order`,
      message,
    });
  }
  const well: Annotation = { level: 'notice', title: headline(summary), message: formatVerdictLine(summary) };
  return found.some(({ level }) => level === 'error') || verdict !== 'pass' ? found : [well, ...found];
}

function limited(found: readonly Annotation[]): Annotation[] {
  if (found.length <= MAX_PER_LEVEL) return [...found];
  const shown = found.slice(0, MAX_PER_LEVEL - 1);
  const rest = found.slice(MAX_PER_LEVEL - 1);
  const [first] = rest;
  const message = rest.map(({ title }) => title).join('; ');
  return first ? [...shown, { level: first.level, title: `and ${rest.length} more rows`, message }] : shown;
}

/** GitHub's own escapes: a message must not end its line, nor a title its command. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
