import { formatClock } from './figures.js';
import { WIDTH } from './gate-section.js';
import type { Paint, Tone } from './style.js';
import type { Summary } from './summary-schema.js';
import { padEnd, padStart, wrap } from './text-width.js';

type Escalation = NonNullable<Summary['escalation']>;

const MARKS: Readonly<
  Record<Escalation['steps'][number]['outcome'], { mark: string; tone: Tone; word: string }>
> = {
  held: { mark: '✓', tone: 'good', word: 'held' },
  broke: { mark: '✗', tone: 'bad', word: 'broke' },
  generator: { mark: '!', tone: 'invalid', word: 'generator' },
  unknown: { mark: '?', tone: 'warn', word: 'no data' },
};

const LEFT = 36;

/** What an escalation found, and its steps in the order in which they were measured. */
export function escalationLines({ sentence, steps }: Escalation, paint: Paint): string[] {
  const told = wrap(sentence, WIDTH - 2).map((line) => `  ${paint(line, 'strong')}`);
  const rows = steps.flatMap(({ vus, outcome, fromMs, toMs, failed, reason }) => {
    const { mark, tone, word } = MARKS[outcome];
    const when = `${formatClock(fromMs)} - ${formatClock(toMs)}`;
    const head = ` ${padStart(String(vus), 7)} viewers  ${padEnd(when, 16)}`;
    const more = failed.length > 1 ? `; and ${failed.length - 1} more` : '';
    const why = failed[0] === undefined ? reason : `${failed[0].words}${more}`;
    const words = wrap(why === '' ? word : `${word}: ${why}`, WIDTH - LEFT);
    return words.map((line, i) =>
      i === 0 ? ` ${paint(mark, tone)}${padEnd(head, LEFT - 2)}${line}` : `${' '.repeat(LEFT)}${line}`,
    );
  });
  return rows.length === 0 ? told : [...told, '', ...rows];
}
