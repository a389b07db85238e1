import { createPaint, type Tone } from '../report/style.js';
import { padEnd, printable, wrap } from '../report/text-width.js';
import type { Parity, ParityRow, ParityState } from './parity-schema.js';
import { differenceText, paritySentence } from './parity-words.js';

const WIDTH = 100;
const INDENT = 12;
/** On the terminal; parity.json has them all. */
const MAX_SHOWN = 12;
const WORDS: Readonly<Record<ParityState, { readonly word: string; readonly tone: Tone }>> = {
  same: { word: 'same', tone: 'good' },
  differs: { word: 'DIFFERS', tone: 'bad' },
  documented: { word: 'documented', tone: 'warn' },
  open: { word: 'open', tone: 'warn' },
};

/** The checklist as a text to read: each row, what differs in it, and what is to be asked. */
export function formatParity(parity: Parity, { color }: { readonly color: boolean }): string {
  const paint = createPaint(color);
  const lines = parity.rows.flatMap((row) => {
    const { word, tone } = WORDS[row.state];
    return [
      `${paint(padEnd(word, INDENT), tone)}${paint(row.component, 'strong')}`,
      ...detailsOf(row).flatMap((text) => indented(text)),
    ];
  });
  return [...lines, '', paritySentence(parity)].join('\n');
}

function detailsOf(row: ParityRow): string[] {
  const { state, production, staging, differences = [], moreDifferences = 0, questions = [] } = row;
  const alike = state === 'same' && production?.value === staging?.value;
  const hidden = Math.max(0, differences.length - MAX_SHOWN) + moreDifferences;
  const values = alike
    ? [`${production?.value} (${[...new Set([production?.from, staging?.from])].join(', ')})`]
    : [valueText('production', production), valueText('staging', staging)];
  return [
    ...(differences.length > 0 ? [] : values),
    ...differences.slice(0, MAX_SHOWN).map(differenceText),
    ...(hidden > 0 ? [`and ${hidden} more: see parity.json`] : []),
    ...(row.documented === undefined ? [] : [`documented: ${row.documented}`]),
    ...row.notes.map((note) => `note: ${note}`),
    ...questions.flatMap(({ of, question, command }) => [
      `ask of ${of.join(' and ')}: ${question}`,
      `$ ${command}`,
    ]),
  ];
}

function valueText(
  side: string,
  value: { readonly value: string; readonly from: string } | undefined,
): string {
  return value === undefined ? `${side}: not known` : `${side}: ${value.value} (${value.from})`;
}

function indented(text: string): string[] {
  return wrap(printable(text), WIDTH - INDENT).map((line) => ' '.repeat(INDENT) + line);
}
