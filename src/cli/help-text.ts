import type { FlagSpec } from '../config/flag-spec.js';
import type { CommandSpec } from './commands.js';

const PROGRAM = 'dorami-load';
/** Lines stay as short as this unless the terminal is known to be wider. */
const USUAL_COLUMNS = 80;
/** Longer lines are hard to read, however wide the terminal is. */
const MOST_COLUMNS = 110;

/** The width to wrap at; `terminalColumns` is undefined where output is no terminal. */
export function helpColumns(terminalColumns: number | undefined): number {
  return Math.min(MOST_COLUMNS, Math.max(USUAL_COLUMNS, terminalColumns ?? 0));
}

/** What `--help` of a command prints; `others` are the commands to name in it. */
export function helpText(
  spec: CommandSpec,
  others: Readonly<Record<string, CommandSpec>>,
  columns: number,
): string {
  const blocks = [
    `Usage: ${PROGRAM} ${spec.usage}`,
    spec.about
      .split('\n')
      .map((paragraph) => wrapped(paragraph, 0, columns))
      .join('\n'),
    choiceBlock(spec, columns),
    commandBlock(others, columns),
    ...flagBlocks(spec.flags, columns),
    exampleBlock(spec, columns),
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

function choiceBlock({ choices }: CommandSpec, columns: number): string {
  if (choices === undefined) return '';
  const rows = choices.rows.map(([name, words]) => [`  ${name}`, words]);
  return `${choices.heading}\n${twoColumns(rows, columns)}`;
}

function commandBlock(others: Readonly<Record<string, CommandSpec>>, columns: number): string {
  const rows = Object.entries(others).map(([name, { summary, word }]) => [
    `  ${word === undefined ? name : `${name} ${word.name}`}`,
    summary,
  ]);
  if (rows.length === 0) return '';
  const note = wrapped(`${PROGRAM} COMMAND --help tells more of each.`, 2, columns);
  return ['Commands:', twoColumns(rows, columns), `  ${note}`].join('\n');
}

/** One block for each group, in the order of the table; what every command has comes last. */
function flagBlocks(flags: CommandSpec['flags'], columns: number): string[] {
  const groups = new Map<string, string[][]>();
  const add = (group: string, row: string[]): void => {
    groups.set(group, [...(groups.get(group) ?? []), row]);
  };
  for (const [name, spec] of Object.entries(flags)) add(spec.group, [flagLabel(name, spec), flagWords(spec)]);
  add('Other:', ['  -h, --help', 'this text']);
  add('Other:', ['  --version', 'the version']);
  return [...groups].map(([group, rows]) => `${group}\n${twoColumns(rows, columns)}`);
}

function flagLabel(name: string, spec: FlagSpec): string {
  if (spec.kind === 'switch') return `  --${name}`;
  if (spec.path !== undefined) return `  --${name} ${spec.path === 'file' ? 'FILE' : 'DIR'}`;
  return `  --${name} ${spec.pairs && spec.kind === 'list' ? 'NAME=VALUE' : (spec.placeholder ?? 'VALUE')}`;
}

function flagWords(spec: FlagSpec): string {
  const values = spec.values === undefined ? '' : `: ${spec.values.join(', ')}`;
  // LIST says that one value may hold several.
  const again = spec.kind === 'list' && spec.placeholder !== 'LIST' ? '; repeat for several' : '';
  return `${spec.help}${values}${again}${spec.default === undefined ? '' : ` (default: ${spec.default})`}`;
}

function exampleBlock({ examples }: CommandSpec, columns: number): string {
  if (examples.length === 0) return '';
  const lines = examples.flatMap(({ call, what }) => [
    `  ${wrapped(`${PROGRAM} ${call}`, 4, columns, ' \\')}`,
    `      ${wrapped(what, 6, columns)}`,
  ]);
  return ['Examples:', ...lines].join('\n');
}

/** Widest label that has its words beside it; a longer one has them on the next line. */
const MOST_LABEL = 24;

function twoColumns(rows: readonly (readonly string[])[], columns: number): string {
  const widths = rows.map(([label = '']) => label.length).filter((width) => width <= MOST_LABEL);
  const at = Math.max(...widths, 0) + 2;
  return rows
    .map(([label = '', words = '']) => {
      const text = wrapped(words, at, columns);
      return label.length + 2 <= at ? `${label.padEnd(at)}${text}` : `${label}\n${' '.repeat(at)}${text}`;
    })
    .join('\n');
}

/** `text` in lines that end before `columns` when each begins at `indent`; the first begins where it is put. */
function wrapped(text: string, indent: number, columns: number, broken = ''): string {
  const room = columns - indent - broken.length;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`${broken}\n${' '.repeat(indent)}`);
}
