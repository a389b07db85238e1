import { CURVES, type OverTime } from './over-time.js';

/** Kinds of errors that get a column; all of them together have one anyway. */
const MAX_KINDS = 20;

/**
 * The run over time as `series.csv` (RFC 4180, comma, CRLF): a line per stretch, a column per curve with its unit in
 * its name, and errors by kind. An empty field is nothing measured, which is not 0.
 */
export function seriesCsv({ stretches, errorKinds }: OverTime): string {
  const kinds = errorKinds.slice(0, MAX_KINDS);
  const head = ['from_ms', 'to_ms', 'phase', ...CURVES.map(({ key }) => key), 'errors_count'];
  const rows = stretches.map(({ fromMs, toMs, phase, values, errors }) => {
    const countOf = new Map(errors.map(({ words, count }) => [words, count]));
    const all = errors.reduce((sum, { count }) => sum + count, 0);
    return [
      ...[fromMs, toMs, phase],
      ...CURVES.map(({ key }) => rounded(values[key])),
      ...[all, ...kinds.map((words) => countOf.get(words) ?? 0)],
    ];
  });
  return [[...head, ...kinds.map((words) => `errors: ${words}`)], ...rows].map(line).join('');
}

/** Three digits behind the point say more than was measured. */
function rounded(value: number | undefined): number | '' {
  return value === undefined ? '' : Number(value.toFixed(3));
}

function line(cells: readonly (string | number)[]): string {
  return `${cells.map(field).join(',')}\r\n`;
}

/** A text that a spreadsheet would take for a formula stands behind a quote mark: `=1+1` is the name of nothing here. */
function field(cell: string | number): string {
  if (typeof cell === 'number') return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
