import { escalationLines } from './escalation-section.js';
import { explainCommand, type Place } from './explain-hint.js';
import { figuresOf, SECTIONS } from './figure-sections.js';
import { gateSection, WIDTH } from './gate-section.js';
import { createPaint, type Paint } from './style.js';
import type { Summary } from './summary-schema.js';
import { padEnd, wrap } from './text-width.js';
import { headline, VERDICTS } from './verdict-line.js';

export interface SummaryOptions {
  readonly color: boolean;
  /** Where the run folder is: then each row that is no pass names the command that explains it. */
  readonly place?: Place;
}

/** The end-of-run text, at most 80 columns wide, without a trailing newline. */
export function formatSummary(summary: Summary, { color, place }: SummaryOptions): string {
  const paint = createPaint(color);
  const { tone } = VERDICTS[summary.verdict];
  const lines = wrap(headline(summary), WIDTH).map((line) => paint(line, tone));
  if (summary.escalation) lines.push(...escalationLines(summary.escalation, paint), '');
  for (const { text } of summary.invalidReasons) lines.push(...note(`invalid: ${text}`));
  if (place && summary.verdict === 'invalid') {
    lines.push(...explainCommand(place, 'validity', 2, WIDTH).map((line) => paint(line, 'dim')));
  }
  for (const text of summary.notes) lines.push(...note(`note: ${text}`));
  lines.push('', ...gateSection(summary.kpis, paint, place), '', ...figureLines(summary, paint, place));
  return lines.join('\n');
}

function note(text: string): string[] {
  return wrap(text, WIDTH - 2).map((line) => `  ${line}`);
}

const TITLE_WIDTH = 11;
const LABEL_WIDTH = 13;

/** One block per section: its title beside its first row. */
function figureLines(summary: Summary, paint: Paint, place: Place | undefined): string[] {
  const figures = figuresOf(summary);
  return SECTIONS.flatMap(({ title, rows }) => {
    const lines = rows.flatMap(({ label, text }) => {
      const words = text(figures, summary, place);
      if (words === undefined) return [];
      return wrap(words, WIDTH - TITLE_WIDTH - LABEL_WIDTH).map(
        (line, index) => `${padEnd(index === 0 ? label : '', LABEL_WIDTH)}${line}`,
      );
    });
    return lines.map((line, index) => {
      const head = padEnd(index === 0 ? title : '', TITLE_WIDTH);
      return `${index === 0 ? paint(head, 'strong') : head}${line}`;
    });
  });
}
